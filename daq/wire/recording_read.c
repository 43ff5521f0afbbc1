#include "daq/wire/recording.h"

#include "daq/base/error.h"
#include "daq/base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void recording_text_free(struct recording_text *text)
{
	free(text->data);
	free(text->line);
	*text = (struct recording_text){.lines = 0};
}

static int read_header(const char *path, const char *kind, const char *line, struct error *e)
{
	char is[16] = "";
	int version = 0;

	if (sscanf(line, "heatbench-wire %d %15s", &version, is) != 2)
		return error_set(e, ERROR_DATA, "%s is no recording of a wire: it does not begin with \"heatbench-wire\"",
			path);
	if (version != RECORDING_VERSION)
		return error_set(e, ERROR_DATA, "%s is a recording of version %d; this program reads %d", path, version,
			RECORDING_VERSION);
	if (strcmp(is, kind) != 0)
		return error_set(e, ERROR_DATA, "%s is a recording of %s, not of %s", path, is, kind);
	return 0;
}

static int add_line(struct recording_text *t, char *text, int number, struct error *e)
{
	struct recording_line *grown;

	/* doubled at powers of two */
	if ((t->lines & (t->lines - 1)) == 0) {
		grown = realloc(t->line, (size_t)(t->lines ? 2 * t->lines : 1) * sizeof(*grown));
		if (!grown)
			return error_set(e, ERROR_SYSTEM, "no memory for a recording");
		t->line = grown;
	}
	t->line[t->lines++] = (struct recording_line){number, text};
	return 0;
}

static int split(struct recording_text *t, const char *path, const char *kind, struct error *e)
{
	char *next, *line = t->data;

	for (int number = 1; *line; number++, line = next) {
		next = strchr(line, '\n');
		if (!next) {
			t->cut = true;
			break;
		}
		*next++ = '\0';
		line[strcspn(line, "\r")] = '\0';
		if (number == 1 && read_header(path, kind, line, e) != 0)
			return -1;
		if (number > 1 && line[0] && line[0] != '#' && add_line(t, line, number, e) != 0)
			return -1;
	}
	if (line == t->data)
		return error_set(e, ERROR_DATA, "%s is no recording of a wire, or it was cut in its first line", path);
	t->ended = t->lines > 0 && strncmp(t->line[t->lines - 1].text, "end ", 4) == 0;
	return 0;
}

int recording_read(struct recording_text *out, const char *path, const char *kind, struct error *e)
{
	struct recording_text t = {.lines = 0};
	size_t length = 0;

	if (text_read_file(path, &t.data, &length, e) != 0)
		return -1;
	if (split(&t, path, kind, e) != 0) {
		recording_text_free(&t);
		return -1;
	}
	*out = t;
	return 0;
}
