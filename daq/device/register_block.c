/*
 * register_block.c - joins wanted registers into the fewest reads. Rows are taken in the order of function
 * and address, and a block grows while the gap and the length stay inside what the device takes: greedy is
 * optimal here, because a block that could be extended never gets cheaper by being cut earlier. A row that must
 * be read alone has a block of its own, and rows behind it do not join that.
 */
#include "daq/device/register_map.h"

#include "daq/base/error.h"

#include <stdlib.h>
#include <string.h>

enum { WANTED = 256 };

struct wanted {
	const struct register_row *row;
	int index;
};

static int by_address(const void *a, const void *b)
{
	const struct register_row *x = ((const struct wanted *)a)->row, *y = ((const struct wanted *)b)->row;

	if (x->function != y->function)
		return x->function - y->function;
	if (x->address != y->address)
		return x->address - y->address;
	return ((const struct wanted *)a)->index - ((const struct wanted *)b)->index;
}

static bool block_takes(const struct register_map *map, const struct register_block *b,
	const struct register_row *row)
{
	int end = row->address + register_words(row->type);

	if (row->alone || map->row[b->row[0]].alone)
		return false;
	return b->function == row->function && row->address - (b->address + b->count) <= map->max_gap &&
		end - b->address <= map->max_words && b->rows < (int)(sizeof(b->row) / sizeof(b->row[0]));
}

static void block_add(struct register_block *b, const struct wanted *w)
{
	int end = w->row->address + register_words(w->row->type);

	b->row[b->rows] = w->index;
	b->at[b->rows] = w->row->address - b->address;
	b->rows++;
	if (end - b->address > b->count)
		b->count = end - b->address;
}

int register_coalesce(const struct register_map *map, const int *rows, int count, struct register_block *out,
	int room, struct error *e)
{
	struct wanted wanted[WANTED];
	int blocks = 0;

	if (count > WANTED)
		return error_set(e, ERROR_CONFIG, "map %s: more than %d registers are wanted at once", map->name, WANTED);
	for (int i = 0; i < count; i++)
		wanted[i] = (struct wanted){&map->row[rows[i]], rows[i]};
	qsort(wanted, (size_t)count, sizeof(wanted[0]), by_address);
	for (int i = 0; i < count; i++) {
		if (i && wanted[i].index == wanted[i - 1].index)
			continue;
		if (blocks == 0 || !block_takes(map, &out[blocks - 1], wanted[i].row)) {
			if (blocks == room)
				return error_set(e, ERROR_CONFIG, "map %s: the registers wanted need more than %d reads",
					map->name, room);
			memset(&out[blocks], 0, sizeof(out[blocks]));
			out[blocks].function = wanted[i].row->function;
			out[blocks].address = wanted[i].row->address;
			blocks++;
		}
		block_add(&out[blocks - 1], &wanted[i]);
	}
	return blocks;
}
