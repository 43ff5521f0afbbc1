#include "daq/recording/recording_parts.h"

#include "daq/base/error.h"
#include "daq/base/share.h"
#include "daq/recording/recording_ends.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { PART_BYTES = 1 << 20, LEAST_BYTES = 4 << 20, HUGE_PAGE = 1 << 21 };

struct reading {
	struct recording_parts *parts;
	struct recording_rows *rows;
	const struct recording_plain *plain;
	int dut;
	const char *end; /* of the text */
};

void recording_parts_free(struct recording_parts *p)
{
	free(p->part);
	*p = (struct recording_parts){.parts = 0};
}

static void count_lines(void *self, int piece)
{
	struct recording_part *part = &((struct reading *)self)->parts->part[piece];

	part->lines = ends_count_lines(part->from, part->to);
}

static void read_part(void *self, int piece)
{
	const struct reading *r = self;
	struct recording_part *part = &r->parts->part[piece];
	struct recording_rows *rows = r->rows;
	size_t columns = (size_t)rows->columns;
	int found = 1;

	for (; found > 0 && part->taken < part->lines; part->taken += found) {
		size_t at = (size_t)part->first + (size_t)part->taken;

		found = recording_plain_rows(r->plain, &part->stopped, r->end, part->lines - part->taken, rows->time + at,
			rows->value + at * columns, rows->quality + at * columns);
		for (int i = 0; i < found; i++) {
			rows->dut[at + (size_t)i] = r->dut;
			rows->line[at + (size_t)i] = part->line + part->taken + i;
		}
	}
}

/* Large pages where the kernel has them: half of the time of a long log would go by with small ones. */
static void *room_for(size_t bytes)
{
	void *memory = NULL;

	if (posix_memalign(&memory, HUGE_PAGE, (bytes + HUGE_PAGE - 1) / HUGE_PAGE * HUGE_PAGE) != 0)
		return NULL;
	madvise(memory, bytes, MADV_HUGEPAGE);
	return memory;
}

static int make_room(struct recording_rows *r, int lines, struct error *e)
{
	size_t room = (size_t)lines + 2, columns = r->columns > 0 ? (size_t)r->columns : 1;

	r->time = room_for(room * sizeof(*r->time));
	r->dut = room_for(room * sizeof(*r->dut));
	r->line = room_for(room * sizeof(*r->line));
	r->value = room_for(room * columns * sizeof(*r->value));
	r->quality = room_for(room * columns);
	if (!r->time || !r->dut || !r->line || !r->value || !r->quality)
		return error_set(e, ERROR_SYSTEM, "no memory for %zu rows of a recording", room);
	r->room = (int)room;
	return 0;
}

static int cut(struct recording_parts *p, const char *from, const char *to, struct error *e)
{
	p->part = calloc((size_t)(to - from) / PART_BYTES + 2, sizeof(*p->part));
	if (!p->part)
		return error_set(e, ERROR_SYSTEM, "no memory for the parts of a recording");
	while (from < to) {
		const char *end = to - from > PART_BYTES ? memchr(from + PART_BYTES, '\n', (size_t)(to - from - PART_BYTES)) : to - 1;

		end = end ? end + 1 : to;
		p->part[p->parts++] = (struct recording_part){.from = from, .to = end, .stopped = from};
		from = end;
	}
	return 0;
}

int recording_parts_read(struct recording_parts *out, struct recording_rows *rows, const struct recording_plain *plain,
	const char *from, const char *to, int line, int dut, struct error *e)
{
	struct recording_parts parts = {.parts = 0};
	struct reading r = {.parts = &parts, .rows = rows, .plain = plain, .dut = dut, .end = to};
	int lines = 0;

	*out = parts;
	while (to > from && to[-1] != '\n') /* what has no line end is for whoever reads with care */
		to--;
	if (to - from < LEAST_BYTES)
		return 0;
	if (cut(&parts, from, to, e) != 0)
		return -1;
	share_out(parts.parts, count_lines, &r);
	for (int i = 0; i < parts.parts; i++) {
		parts.part[i].first = lines;
		parts.part[i].line = line + lines;
		lines += parts.part[i].lines;
	}
	if (make_room(rows, lines, e) != 0) {
		recording_parts_free(&parts);
		return -1;
	}
	share_out(parts.parts, read_part, &r);
	*out = parts;
	return 0;
}

void recording_part_take(struct recording_rows *r, const struct recording_part *part)
{
	size_t to = (size_t)r->count, from = (size_t)part->first, n = (size_t)part->taken, columns = (size_t)r->columns;

	if (to != from) {
		memmove(r->time + to, r->time + from, n * sizeof(*r->time));
		memmove(r->dut + to, r->dut + from, n * sizeof(*r->dut));
		memmove(r->line + to, r->line + from, n * sizeof(*r->line));
		memmove(r->value + to * columns, r->value + from * columns, n * columns * sizeof(*r->value));
		memmove(r->quality + to * columns, r->quality + from * columns, n * columns);
	}
	r->count += part->taken;
	r->records += part->taken;
}
