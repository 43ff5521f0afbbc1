/*
 * recording_rows.h - one recorded file in memory: the rows that can be used, and what was wrong with the rest.
 */
#ifndef HEATBENCH_RECORDING_RECORDING_ROWS_H
#define HEATBENCH_RECORDING_RECORDING_ROWS_H

#include "daq/recording/recording.h"

enum { RECORDING_DUTS = 16 };

/* What can be wrong with a row or cell. More than NOTES_MOST stretches of one kind are counted, and not told one by one. */
enum recording_kind {
	NOTE_NO_NUMBER, NOTE_NOT_FINITE, NOTE_TIME, NOTE_BACK, NOTE_TWICE, NOTE_NO_DUT, NOTE_TOO_MANY, NOTE_TOO_FEW, NOTE_CUT,
	NOTE_CUT_VALUE, NOTE_EMPTY, NOTE_KINDS
};

enum { NOTES_MOST = 100 };

/* The pumps that were met, over all files of an import. */
struct recording_duts {
	int count;
	char name[RECORDING_DUTS][32];
};

/* Lines of the file with the same trouble, one after the other. */
struct recording_note {
	int kind;
	int first_line, last_line, last_record; /* last_record: counts the file's rows */
	int row; /* the first one's place among the rows, -1: it was left out */
	char column[64], text[48];
};

struct recording_rows {
	int columns; /* of the map that the file has */
	int slot[RECORDING_COLUMNS]; /* of each of the map: its place in a row, -1: the file does not have it */
	int count, room;
	double *time; /* seconds since 1970 */
	int *dut, *line;
	double *value;	  /* [row * columns + slot] */
	uint8_t *quality; /* the same */
	int notes, notes_room;
	struct recording_note *note;
	int records, left_out;
	int64_t rows_left_out[NOTE_KINDS], cells_left_out[NOTE_KINDS][RECORDING_COLUMNS]; /* by reason */
	int noted[NOTE_KINDS];
	bool has[RECORDING_COLUMNS]; /* the file has the column, and not only empty cells in it */
	int dut_of[RECORDING_COLUMNS]; /* of a wide map: the column's device, -1 where it is the bench's or not there */
};

/* Errors: ERROR_DATA with file and line. */
int recording_rows_read(struct recording_rows *out, const struct recording_file *file,
	const struct recording_map *map, struct recording_duts *duts, struct error *e);
void recording_rows_free(struct recording_rows *rows);

/* A note in words: "lines 12 to 14, column \"flow\": ...". Returns its level ("warning"). */
const char *recording_note_text(const struct recording_note *note, char *out, size_t size);

/* Leaves out the fewest rows that make time go forward, and with `unique` all but the first of those with one time; they
 * become notes. For recording_rows_read(). */
int recording_rows_order(struct recording_rows *rows, bool unique, struct error *e);
int recording_rows_note(struct recording_rows *rows, int kind, int line, int row, const char *column,
	const char *text, struct error *e);

/* What was left out, one reason after the other: *at begins with 0. False behind the last. */
struct recording_left_out;
bool recording_rows_left_out(const struct recording_rows *rows, const struct recording_map *map, int *at,
	struct recording_left_out *out);

#endif
