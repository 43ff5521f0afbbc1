#include "daq/recording/recording_rows.h"

#include "daq/base/error.h"
#include "daq/base/text.h"
#include "daq/recording/recording_left_out.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A note of the same trouble that ended in the record before this one. */
static struct recording_note *notes_open(struct recording_rows *r, int kind, const char *column)
{
	for (int i = r->notes - 1; i >= 0 && i >= r->notes - 2 * RECORDING_COLUMNS; i--) {
		struct recording_note *note = &r->note[i];

		if (note->kind == kind && strcmp(note->column, column) == 0)
			return note->last_record >= r->records - 1 ? note : NULL;
	}
	return NULL;
}

int recording_rows_note(struct recording_rows *r, int kind, int line, int row, const char *column,
	const char *text, struct error *e)
{
	struct recording_note *note = notes_open(r, kind, column);

	if (!note && r->noted[kind]++ >= NOTES_MOST)
		return 0;
	if (note) {
		note->last_line = line;
		note->last_record = r->records;
		return 0;
	}
	if (r->notes == r->notes_room) {
		size_t room = r->notes_room ? (size_t)r->notes_room * 2 : 16;
		struct recording_note *grown = realloc(r->note, room * sizeof(*grown));

		if (!grown)
			return error_set(e, ERROR_SYSTEM, "no memory for the notes on a recording");
		r->note = grown;
		r->notes_room = (int)room;
	}
	note = &r->note[r->notes++];
	*note = (struct recording_note){.kind = kind, .first_line = line, .last_line = line,
		.last_record = r->records, .row = row};
	text_copy(note->column, sizeof(note->column), column);
	text_copy(note->text, sizeof(note->text), text);
	return 0;
}

/* clang-format off */
static const struct { const char *level, *one, *many; } note_words[] = {
	[NOTE_NO_NUMBER] = {"warning", "\"%s\" is no number", "\"%s\" and the like are no numbers"},
	[NOTE_NOT_FINITE] = {"warning", "\"%s\" is no finite number", "\"%s\" and the like are no finite numbers"},
	[NOTE_TIME] = {"warning", "left out, the time \"%s\" cannot be used", "left out, times like \"%s\" cannot be used"},
	[NOTE_BACK] = {"warning", "left out, its time is out of order", "left out, their times are out of order"},
	[NOTE_TWICE] = {"warning", "left out, its time was there before", "left out, their times were there before"},
	[NOTE_EMPTY] = {"warning", "nothing but empty cells: as if it were not there", "nothing but empty cells: as if it were not there"},
	[NOTE_NO_DUT] = {"warning", "left out, it names no pump", "left out, they name no pump"},
	[NOTE_TOO_MANY] = {"warning", "left out, it has more cells than the header",
		"left out, they have more cells than the header"},
	[NOTE_TOO_FEW] = {"warning", "has fewer cells than the header", "have fewer cells than the header"},
	[NOTE_CUT] = {"warning", "the file is cut in the middle of this line", "the file is cut here"},
	[NOTE_CUT_VALUE] = {"warning", "the file has no line end after \"%s\": it may be cut",
		"the file has no line end after \"%s\": it may be cut"},
};
/* clang-format on */

/* The words with the cell's text at their %s, if they have one. */
static void notes_fill(struct text *t, const char *words, const char *cell)
{
	const char *place = strstr(words, "%s");

	if (place)
		text_add(t, "%.*s%s%s", (int)(place - words), words, cell, place + 2);
	else
		text_add(t, "%s", words);
}

const char *recording_note_text(const struct recording_note *note, char *out, size_t size)
{
	struct text t = TEXT_INIT;
	bool many = note->last_line != note->first_line;

	if (many)
		text_add(&t, "lines %d to %d", note->first_line, note->last_line);
	else
		text_add(&t, "line %d", note->first_line);
	if (note->column[0])
		text_add(&t, ", column \"%s\"", note->column);
	text_add(&t, ": ");
	notes_fill(&t, many ? note_words[note->kind].many : note_words[note->kind].one, note->text);
	text_copy(out, size, t.failed ? "" : t.data);
	text_free(&t);
	return note_words[note->kind].level;
}

/* clang-format off */
static const char *const reasons[NOTE_KINDS] = {
	[NOTE_NO_NUMBER] = "no number", [NOTE_NOT_FINITE] = "no finite number", [NOTE_TIME] = "no usable time",
	[NOTE_BACK] = "time goes back", [NOTE_TWICE] = "the same time as a row before", [NOTE_NO_DUT] = "no device named",
	[NOTE_TOO_MANY] = "more cells than the header", [NOTE_TOO_FEW] = "fewer cells than the header",
	[NOTE_CUT] = "the file is cut in this line", [NOTE_CUT_VALUE] = "may be cut", [NOTE_EMPTY] = "empty",
};
/* clang-format on */

bool recording_rows_left_out(const struct recording_rows *r, const struct recording_map *map, int *at, struct recording_left_out *out)
{
	for (; *at < NOTE_KINDS * (1 + RECORDING_COLUMNS); ++*at) {
		int kind = *at % NOTE_KINDS, column = *at / NOTE_KINDS - 1;

		out->count = column < 0 ? r->rows_left_out[kind] : r->cells_left_out[kind][column];
		if (out->count == 0)
			continue;
		if (column < 0)
			snprintf(out->what, sizeof(out->what), "row%s left out: %s", out->count == 1 ? "" : "s", reasons[kind]);
		else
			snprintf(out->what, sizeof(out->what), "cell%s of column \"%.100s\": %s", out->count == 1 ? "" : "s",
				map->column[column].column, reasons[kind]);
		++*at;
		return true;
	}
	return false;
}
