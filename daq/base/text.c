#include "daq/base/text.h"

#include "daq/base/error.h"
#include "daq/base/share.h"

#include <errno.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { TEXT_PIECE = 1 << 21 }; /* a large page */

static bool text_reserve(struct text *t, size_t more)
{
	size_t need = t->length + more + 1;
	size_t room = t->room ? t->room : 256;
	char *data;

	if (t->failed)
		return false;
	if (need <= t->room)
		return true;
	while (room < need)
		room *= 2;
	data = realloc(t->data, room);
	if (!data) {
		t->failed = true;
		return false;
	}
	t->data = data;
	t->room = room;
	return true;
}

void text_add_bytes(struct text *t, const char *bytes, size_t length)
{
	if (!text_reserve(t, length))
		return;
	if (length)
		memcpy(t->data + t->length, bytes, length);
	t->length += length;
	t->data[t->length] = '\0';
}

void text_add(struct text *t, const char *format, ...)
{
	va_list args, again;
	int n;

	va_start(args, format);
	va_copy(again, args);
	n = vsnprintf(NULL, 0, format, args);
	va_end(args);
	if (n >= 0 && text_reserve(t, (size_t)n)) {
		vsnprintf(t->data + t->length, (size_t)n + 1, format, again);
		t->length += (size_t)n;
	}
	va_end(again);
}

void text_free(struct text *t)
{
	free(t->data);
	*t = (struct text)TEXT_INIT;
}

bool text_copy(char *to, size_t size, const char *from)
{
	size_t n = strlen(from);
	bool fits = n < size;

	if (size == 0)
		return false;
	if (!fits)
		n = size - 1;
	memcpy(to, from, n);
	to[n] = '\0';
	return fits;
}

int text_width(const char *text)
{
	int n = 0;

	for (; text && *text; text++)
		n += ((unsigned char)*text & 0xc0) != 0x80;
	return n;
}

/* Large pages for large files, where the kernel has them: with small ones half the time of reading goes by. */
static char *text_large(size_t bytes)
{
	const size_t page = TEXT_PIECE;
	void *memory = NULL;

	if (posix_memalign(&memory, page, (bytes + page - 1) / page * page) != 0)
		return NULL;
	madvise(memory, bytes, MADV_HUGEPAGE);
	return memory;
}

/* A file that is read in pieces, each to its place. */
struct text_pieces {
	char *data;
	size_t size;
	int fd;
	atomic_bool failed; /* or shorter than it was: whoever reads on will find out */
};

static void text_read_piece(void *self, int piece)
{
	struct text_pieces *t = self;
	size_t at = (size_t)piece * TEXT_PIECE, end = at + TEXT_PIECE < t->size ? at + TEXT_PIECE : t->size;

	for (ssize_t n; at < end; at += (size_t)n) {
		n = pread(t->fd, t->data + at, end - at, (off_t)at);
		if (n < 0 && errno == EINTR)
			n = 0;
		else if (n <= 0)
			break;
	}
	if (at < end)
		atomic_store(&t->failed, true);
}

/* All of a regular file in one piece of memory, by all processors if it is large. Nothing, without a word, if that does not
 * succeed: then it is read like any other. */
static void text_read_large(struct text *t, FILE *f)
{
	struct text_pieces pieces = {.fd = fileno(f)};
	struct stat st;

	if (fstat(fileno(f), &st) != 0 || !S_ISREG(st.st_mode) || st.st_size < TEXT_PIECE)
		return;
	pieces.size = (size_t)st.st_size;
	pieces.data = text_large(pieces.size + 1);
	if (!pieces.data)
		return;
	share_out((int)((pieces.size + TEXT_PIECE - 1) / TEXT_PIECE), text_read_piece, &pieces);
	if (pieces.failed || fseeko(f, st.st_size, SEEK_SET) != 0) {
		free(pieces.data);
		return;
	}
	t->data = pieces.data;
	t->length = pieces.size;
	t->room = pieces.size + 1;
}

int text_read_file(const char *path, char **out, size_t *length, struct error *e)
{
	struct text t = TEXT_INIT;
	char buffer[1 << 16];
	FILE *f = fopen(path, "rb");
	size_t n;
	int result = -1;

	if (!f)
		return error_set_errno(e, ERROR_IO, "cannot open %s", path);
	text_read_large(&t, f);
	while ((n = fread(buffer, 1, sizeof(buffer), f)) > 0)
		text_add_bytes(&t, buffer, n);
	text_add_bytes(&t, "", 0);
	if (ferror(f)) {
		error_set_errno(e, ERROR_IO, "cannot read %s", path);
		goto out;
	}
	if (t.failed) {
		error_set(e, ERROR_SYSTEM, "no memory for the text of %s", path);
		goto out;
	}
	*out = t.data;
	if (length)
		*length = t.length;
	t.data = NULL;
	result = 0;
out:
	free(t.data);
	fclose(f);
	return result;
}

int text_write_file(const char *path, const char *data, size_t length, struct error *e)
{
	FILE *f = fopen(path, "wb");
	int result = 0;

	if (!f)
		return error_set_errno(e, ERROR_IO, "cannot write %s", path);
	if (length && fwrite(data, 1, length, f) != length)
		result = error_set_errno(e, ERROR_IO, "cannot write %s", path);
	if (fclose(f) != 0 && result == 0)
		result = error_set_errno(e, ERROR_IO, "cannot write %s", path);
	return result;
}
