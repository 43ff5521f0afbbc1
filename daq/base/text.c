#include "daq/base/text.h"

#include "daq/base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

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

/* Large pages for large files, where the kernel has them: with small ones half the time of reading goes by. */
static char *text_large(size_t bytes)
{
	const size_t page = 1 << 21;
	void *memory = NULL;

	if (bytes < 2 * page)
		return malloc(bytes);
	if (posix_memalign(&memory, page, (bytes + page - 1) / page * page) != 0)
		return NULL;
	madvise(memory, bytes, MADV_HUGEPAGE);
	return memory;
}

int text_read_file(const char *path, char **out, size_t *length, struct error *e)
{
	struct text t = TEXT_INIT;
	char buffer[1 << 16];
	struct stat st;
	FILE *f = fopen(path, "rb");
	size_t n;
	int result = -1;

	if (!f)
		return error_set_errno(e, ERROR_IO, "cannot open %s", path);
	if (fstat(fileno(f), &st) == 0 && S_ISREG(st.st_mode) && st.st_size > (off_t)sizeof(buffer)) { /* in one piece */
		t.data = text_large((size_t)st.st_size + 1);
		t.room = t.data ? (size_t)st.st_size + 1 : 0;
		t.length = t.data ? fread(t.data, 1, (size_t)st.st_size, f) : 0;
	}
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
