#include "daq/recording/recording_rows.h"

#include "daq/base/error.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static bool order_is_forward(const struct recording_rows *r, bool unique)
{
	for (int i = 1; i < r->count; i++)
		if (r->time[i] < r->time[i - 1] || (unique && r->time[i] == r->time[i - 1]))
			return false;
	return true;
}

/* The longest subsequence whose times never go back (patience sorting): tail[k] is the row with the smallest
 * time that ends one of length k + 1. One wild time, early or late, costs one row and not all that follow. */
static void order_longest(const struct recording_rows *r, int *tail, int *before, bool *keep)
{
	int length = 0;

	for (int i = 0; i < r->count; i++) {
		int low = 0, high = length;

		while (low < high) {
			int middle = (low + high) / 2;

			if (r->time[tail[middle]] <= r->time[i])
				low = middle + 1;
			else
				high = middle;
		}
		before[i] = low ? tail[low - 1] : -1;
		tail[low] = i;
		if (low == length)
			length++;
	}
	for (int i = length ? tail[length - 1] : -1; i >= 0; i = before[i])
		keep[i] = true;
}

static void order_move_row(struct recording_rows *r, int from, int to)
{
	size_t n = (size_t)r->columns;

	if (from == to)
		return;
	r->time[to] = r->time[from];
	r->dut[to] = r->dut[from];
	r->line[to] = r->line[from];
	memcpy(r->value + (size_t)to * n, r->value + (size_t)from * n, n * sizeof(*r->value));
	memcpy(r->quality + (size_t)to * n, r->quality + (size_t)from * n, n);
}

/* Of the rows that are kept, those with the time of the one before. */
static void order_twice(const struct recording_rows *r, const bool *keep, bool *twice)
{
	double last = NAN;

	for (int i = 0; i < r->count; i++) {
		if (!keep[i])
			continue;
		twice[i] = r->time[i] == last;
		last = r->time[i];
	}
}

/* Notes point at rows: `place` says where each row went, -1 for those left out. */
static int order_apply(struct recording_rows *r, const bool *keep, const bool *twice, int *place, struct error *e)
{
	int count = r->count, notes = r->notes, kept = 0;

	for (int i = 0; i < count; i++) {
		int kind = keep[i] ? NOTE_TWICE : NOTE_BACK;

		place[i] = keep[i] && !twice[i] ? kept : -1;
		if (place[i] < 0) {
			r->left_out++;
			r->rows_left_out[kind]++;
			r->records = i; /* tells stretches of neighbours */
			if (recording_rows_note(r, kind, r->line[i], -1, "", "", e) != 0)
				return -1;
			continue;
		}
		order_move_row(r, i, kept++);
	}
	r->count = kept;
	for (int i = 0; i < notes; i++)
		if (r->note[i].row >= 0)
			r->note[i].row = place[r->note[i].row];
	return 0;
}

int recording_rows_order(struct recording_rows *r, bool unique, struct error *e)
{
	size_t n = (size_t)r->count + 1;
	int *tail, *before, records = r->records, result = -1;
	bool *keep, *twice;

	if (order_is_forward(r, unique))
		return 0;
	tail = calloc(n, sizeof(*tail));
	before = calloc(n, sizeof(*before));
	keep = calloc(n, sizeof(*keep));
	twice = calloc(n, sizeof(*twice));
	if (!tail || !before || !keep || !twice) {
		error_set(e, ERROR_SYSTEM, "no memory to order the rows of a recording");
	} else {
		order_longest(r, tail, before, keep);
		if (unique)
			order_twice(r, keep, twice);
		result = order_apply(r, keep, twice, tail, e);
	}
	r->records = records;
	free(tail);
	free(before);
	free(keep);
	free(twice);
	return result;
}
