#include "daq/wire/words_replay_line.h"

#include "daq/base/error.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WORDS_MOST = 125 };

void replay_lines_free(struct replay_line *line, int count)
{
	for (int i = 0; i < count; i++) {
		free(line[i].words);
		free(line[i].detail);
	}
	free(line);
}

bool replay_line_same(const struct replay_line *a, const struct replay_line *b)
{
	if (a->kind != b->kind)
		return false;
	if (a->kind == 'd')
		return a->quiet == b->quiet;
	if (a->unit != b->unit || a->function != b->function || a->address != b->address || a->count != b->count)
		return false;
	return a->kind != 'w' || memcmp(a->words, b->words, (size_t)a->count * sizeof(*a->words)) == 0;
}

void replay_line_describe(const struct replay_line *line, char *out, size_t size)
{
	int n;

	if (line->kind == 'r') {
		snprintf(out, size, "r %d %d %d %d", line->unit, line->function, line->address, line->count);
	} else if (line->kind == 'w') {
		n = snprintf(out, size, "w %d %d %d", line->unit, line->address, line->count);
		for (int i = 0; i < line->count && n > 0 && (size_t)n < size; i++)
			n += snprintf(out + n, size - (size_t)n, " %04x", line->words[i]);
	} else if (line->kind == 'd') {
		snprintf(out, size, "d %" PRId64, line->quiet);
	} else {
		snprintf(out, size, "%c", line->kind);
	}
}

/* Words of four digits up to something else; returns what follows, or NULL. */
static const char *take_words(struct replay_line *line, int count, const char *at)
{
	int n = 0;
	unsigned word;

	if (count < 1 || count > WORDS_MOST)
		return NULL;
	line->words = calloc((size_t)count, sizeof(*line->words));
	if (!line->words)
		return NULL;
	for (int i = 0; i < count; i++) {
		if (sscanf(at, " %4x%n", &word, &n) != 1 || n < 5)
			return NULL;
		line->words[i] = (uint16_t)word;
		at += n;
	}
	return at;
}

static bool take_status(struct replay_line *line, const char *name)
{
	for (int s = WIRE_OK; s <= WIRE_GONE; s++)
		if (strcmp(name, wire_status_name((enum wire_status)s)) == 0) {
			line->status = (enum wire_status)s;
			return true;
		}
	return false;
}

/* "@T +B +A +L STATUS ..." */
static bool take_reply(struct replay_line *line, const char *at)
{
	char status[16], detail[96];
	int n = 0, more = 0;

	if (sscanf(at, " @%*d +%" SCNd64 " +%" SCNd64 " +%" SCNd64 " %15s%n", &line->before, &line->after,
		    &line->last, status, &n) != 4 ||
		line->before < 0 || line->after < line->before || line->last < line->before || !take_status(line, status))
		return false;
	at += n;
	if (line->status == WIRE_OK && line->kind == 'r')
		return (at = take_words(line, line->count, at)) != NULL && *at == '\0';
	if (line->status == WIRE_OK)
		return *at == '\0';
	if (line->status == WIRE_EXCEPTION) {
		if (sscanf(at, " %d%n", &line->exception, &more) != 1)
			return false;
		at += more;
	}
	at = *at == ' ' ? recording_unquote(at + 1, detail, sizeof(detail)) : NULL;
	line->detail = at ? strdup(detail) : NULL;
	return line->detail && *at == '\0';
}

static bool take_line(struct replay_line *line, const char *text)
{
	char latest[32];
	int n = 0;

	line->kind = text[0];
	switch (text[0]) {
	case 'o':
		return strncmp(text, "open ", 5) == 0;
	case 'p':
		return strncmp(text, "p @", 3) == 0;
	case 'd':
		if (sscanf(text, "d %" SCNd64 " @%*d +%" SCNd64 " %d %31s", &line->quiet, &line->last, &line->count,
			    latest) != 4)
			return false;
		return latest[0] == '-' || sscanf(latest, "+%" SCNd64, &line->before) == 1;
	case 'r':
		return sscanf(text, "r %d %d %d %d%n", &line->unit, &line->function, &line->address, &line->count, &n) == 4 &&
		       n > 0 && take_reply(line, text + n);
	case 'w':
		if (sscanf(text, "w %d %d %d%n", &line->unit, &line->address, &line->count, &n) != 3 || n == 0)
			return false;
		text = take_words(line, line->count, text + n);
		return text && take_reply(line, text);
	default:
		return false;
	}
}

int replay_lines_read(struct replay_line **out, int *count, const struct recording_text *text, const char *path,
	struct error *e)
{
	struct replay_line *line = calloc((size_t)text->lines + 1, sizeof(*line));
	int n = 0;

	if (!line)
		return error_set(e, ERROR_SYSTEM, "no memory to replay %s", path);
	for (int i = 0; i < text->lines; i++) {
		if (strncmp(text->line[i].text, "end ", 4) == 0)
			continue;
		line[n].number = text->line[i].number;
		if (!take_line(&line[n++], text->line[i].text)) {
			replay_lines_free(line, n);
			return error_set(e, ERROR_DATA, "%s:%d: not a line of a recording of words: \"%.60s\"", path,
				text->line[i].number, text->line[i].text);
		}
	}
	*out = line;
	*count = n;
	return 0;
}
