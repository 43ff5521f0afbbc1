#include "daq/wire/lines_replay_line.h"

#include "daq/base/error.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void lines_replay_free(struct lines_replay_line *line, int count)
{
	for (int i = 0; i < count; i++) {
		free(line[i].detail);
		free(line[i].edge);
	}
	free(line);
}

bool lines_replay_same(const struct lines_replay_line *a, const struct lines_replay_line *b)
{
	return a->kind == b->kind && a->line == b->line && (a->kind != 's' || a->level == b->level) &&
	       (a->kind != 'u' || a->duty == b->duty);
}

void lines_replay_describe(const struct lines_replay_line *line, char *out, size_t size)
{
	if (line->kind == 's')
		snprintf(out, size, "s %d %d", line->line, line->level);
	else if (line->kind == 'u')
		snprintf(out, size, "u %d %.17g", line->line, line->duty);
	else
		snprintf(out, size, "%c %d", line->kind, line->line);
}

/* " @T ok", " @T gone "..."" */
static bool take_status(struct lines_replay_line *line, const char *at)
{
	char status[16], detail[200];
	int n = 0;

	if (sscanf(at, " @%" SCNd64 " %15s%n", &line->at, status, &n) != 2)
		return false;
	at += n;
	if (strcmp(status, "ok") == 0)
		return *at == '\0';
	line->status = status[0] == 'g' ? LINE_GONE : LINE_REFUSED;
	if (strcmp(status, "gone") != 0 && strcmp(status, "refused") != 0)
		return false;
	at = *at == ' ' ? recording_unquote(at + 1, detail, sizeof(detail)) : NULL;
	line->detail = at ? strdup(detail) : NULL;
	return line->detail && *at == '\0';
}

static bool take_state(struct lines_replay_line *line, const char *text)
{
	char last[32];
	int level, n = 0;

	if (sscanf(text, "g %d %" SCNu64 " %" SCNu64 " %d %31s%n", &line->line, &line->state.edges,
		    &line->state.lost_edges, &level, last, &n) != 5)
		return false;
	line->state.level = level != 0;
	line->state.last = last[0] == '-' && !last[1] ? NANOS_NEVER : strtoll(last, NULL, 10);
	return take_status(line, text + n);
}

static bool take_edges(struct lines_replay_line *line, const char *text)
{
	char *end;
	int n = 0;

	if (sscanf(text, "t %d @%" SCNd64 " %d%n", &line->line, &line->at, &line->edges, &n) != 3 ||
		line->edges < 1 || (size_t)line->edges > strlen(text))
		return false;
	line->edge = calloc((size_t)line->edges, sizeof(*line->edge));
	if (!line->edge)
		return false;
	text += n;
	for (int i = 0; i < line->edges; i++) {
		if (text[0] != ' ' || (text[1] != '+' && text[1] != '-'))
			return false;
		line->edge[i].rising = text[1] == '+';
		line->edge[i].at = strtoll(text + 2, &end, 10);
		if (end == text + 2)
			return false;
		text = end;
	}
	return *text == '\0';
}

static bool take_line(struct lines_replay_line *line, const char *text)
{
	int level, n = 0;

	line->kind = text[0];
	switch (text[0]) {
	case 's':
		if (sscanf(text, "s %d %d%n", &line->line, &level, &n) != 2)
			return false;
		line->level = level != 0;
		return take_status(line, text + n);
	case 'u':
		return sscanf(text, "u %d %lf%n", &line->line, &line->duty, &n) == 2 &&
		       take_status(line, text + n);
	case 'g':
		return take_state(line, text);
	case 't':
		return take_edges(line, text);
	default:
		return false;
	}
}

int lines_replay_read(struct lines_replay_line **out, int *count, const struct recording_text *text,
	const char *path, struct error *e)
{
	struct lines_replay_line *line = calloc((size_t)text->lines + 1, sizeof(*line));
	int n = 0;

	if (!line)
		return error_set(e, ERROR_SYSTEM, "no memory to replay %s", path);
	for (int i = 0; i < text->lines; i++) {
		const char *from = text->line[i].text;

		if (strncmp(from, "end ", 4) == 0 || strncmp(from, "open ", 5) == 0)
			continue;
		line[n].number = text->line[i].number;
		if (!take_line(&line[n], from) || line[n].line < 0 || line[n].line >= LINES_MOST) {
			lines_replay_free(line, n + 1);
			return error_set(e, ERROR_DATA,
				"%s:%d: not a line of a recording of lines: \"%.60s\"", path,
				text->line[i].number, from);
		}
		n++;
	}
	*out = line;
	*count = n;
	return 0;
}
