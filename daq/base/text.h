/*
 * text.h - text that grows: for pages, messages and SQL, where the length is not known beforehand.
 */
#ifndef HEATBENCH_BASE_TEXT_H
#define HEATBENCH_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>

struct text {
	char *data; /* always terminated once something was added; NULL before */
	size_t length, room;
	bool failed; /* memory ran out: everything after is dropped; ask once at the end */
};

#define TEXT_INIT {NULL, 0, 0, false}

void text_add(struct text *t, const char *format, ...) __attribute__((format(printf, 2, 3)));
void text_add_bytes(struct text *t, const char *bytes, size_t length);
void text_free(struct text *t);

/* Copies a string into a fixed field; returns false (and leaves a terminated prefix) if it did not fit. */
bool text_copy(char *to, size_t size, const char *from);

/* Characters of UTF-8 text, not bytes: what it takes on a screen. NULL: 0. */
int text_width(const char *text);

/* A whole file as terminated text, for the caller to free. Errors: ERROR_IO with the path. */
struct error;
int text_read_file(const char *path, char **out, size_t *length, struct error *e);

/* Writes a whole file; checks every step including close. Errors: ERROR_IO with the path. */
int text_write_file(const char *path, const char *data, size_t length, struct error *e);

#endif
