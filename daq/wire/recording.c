#include "daq/wire/recording.h"

#include "daq/base/error.h"
#include "daq/base/text.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct recording {
	char path[4096], kind[16], opening[512], trouble[160];
	FILE *file;
	int64_t bound, bytes, lines;
};

static void recording_give_up(struct recording *r, int number)
{
	snprintf(r->trouble, sizeof(r->trouble), "recording %.80s ended: %s", r->path, strerror(number));
	fclose(r->file);
	r->file = NULL;
}

static void recording_put(struct recording *r, const char *line)
{
	int n;

	if (!r->file)
		return;
	n = fprintf(r->file, "%s\n", line);
	if (n < 0 || fflush(r->file) != 0)
		recording_give_up(r, errno);
	else
		r->bytes += n;
}

static void recording_begin(struct recording *r)
{
	char line[600];

	snprintf(line, sizeof(line), "heatbench-wire %d %s", RECORDING_VERSION, r->kind);
	recording_put(r, line);
}

static void recording_put_opening(struct recording *r)
{
	char line[600];

	snprintf(line, sizeof(line), "open %s", r->opening);
	recording_put(r, line);
}

/* What is there must be a recording of this kind; a half line at its end is taken off, or the next would grow
 * onto it. */
static int recording_continue(struct recording *r, struct error *e)
{
	struct recording_text text;
	char *data = NULL;
	size_t length = 0;
	int result = 0;

	if (recording_read(&text, r->path, r->kind, e) != 0)
		return -1;
	recording_text_free(&text);
	if (text_read_file(r->path, &data, &length, e) != 0)
		return -1;
	while (length > 0 && data[length - 1] != '\n')
		length--;
	free(data);
	if (truncate(r->path, (off_t)length) != 0)
		result = error_set_errno(e, ERROR_IO, "cannot go on with the recording %s", r->path);
	r->bytes = (int64_t)length;
	return result;
}

int recording_create(struct recording **out, const char *path, const char *kind, const char *opening,
	struct error *e)
{
	struct recording *r = calloc(1, sizeof(*r));
	struct stat st;
	bool there;

	if (!r)
		return error_set(e, ERROR_SYSTEM, "no memory for the recording %s", path);
	text_copy(r->kind, sizeof(r->kind), kind);
	text_copy(r->opening, sizeof(r->opening), opening);
	if (!text_copy(r->path, sizeof(r->path), path)) {
		error_set(e, ERROR_IO, "the path %.100s... is too long", path);
		goto fail;
	}
	there = stat(path, &st) == 0 && st.st_size > 0;
	if (there && recording_continue(r, e) != 0)
		goto fail;
	r->file = fopen(path, "ae");
	if (!r->file) {
		error_set_errno(e, ERROR_IO, "cannot write the recording %s", path);
		goto fail;
	}
	if (!there)
		recording_begin(r);
	recording_put_opening(r);
	if (r->trouble[0]) {
		error_set(e, ERROR_IO, "%s", r->trouble);
		goto fail;
	}
	*out = r;
	return 0;
fail:
	free(r);
	return -1;
}

void recording_bound(struct recording *r, int64_t bytes)
{
	r->bound = bytes;
}

/* The newest is what somebody will ask for, so the beginning goes. */
static void recording_turn(struct recording *r)
{
	char old[4120];

	snprintf(old, sizeof(old), "%s.old", r->path);
	fclose(r->file);
	r->file = rename(r->path, old) == 0 ? fopen(r->path, "we") : NULL;
	r->bytes = 0;
	if (!r->file) {
		snprintf(r->trouble, sizeof(r->trouble), "recording %.80s ended: %s", r->path, strerror(errno));
		return;
	}
	recording_begin(r);
	recording_put_opening(r);
}

void recording_add(struct recording *r, const char *line)
{
	if (r->bound && r->file && r->bytes + (int64_t)strlen(line) + 1 > r->bound / 2)
		recording_turn(r);
	recording_put(r, line);
	r->lines++;
}

const char *recording_trouble(const struct recording *r)
{
	return r->trouble[0] ? r->trouble : NULL;
}

void recording_close(struct recording *r)
{
	char line[64];

	if (!r)
		return;
	snprintf(line, sizeof(line), "end %lld", (long long)r->lines);
	recording_put(r, line);
	if (r->file)
		fclose(r->file);
	free(r);
}

void recording_quote(char *out, int size, const char *text)
{
	int n = snprintf(out, (size_t)size, "\"");

	for (; *text && n + 6 < size; text++) {
		unsigned char c = (unsigned char)*text;

		if (c == '"' || c == '\\')
			n += snprintf(out + n, (size_t)(size - n), "\\%c", c);
		else if (c < ' ' || c == 127)
			n += snprintf(out + n, (size_t)(size - n), "\\x%02x", c);
		else
			out[n++] = (char)c;
	}
	snprintf(out + n, (size_t)(size - n), "\"");
}

const char *recording_unquote(const char *from, char *out, int size)
{
	int n = 0;
	unsigned value;

	if (*from++ != '"')
		return NULL;
	while (*from && *from != '"') {
		char c = *from++;

		if (c == '\\' && *from == 'x' && sscanf(from + 1, "%2x", &value) == 1) {
			c = (char)value;
			from += 3;
		} else if (c == '\\' && *from) {
			c = *from++;
			c = c == 'n' ? '\n' : c;
		}
		if (n + 1 < size)
			out[n++] = c;
	}
	out[n] = '\0';
	return *from == '"' ? from + 1 : NULL;
}
