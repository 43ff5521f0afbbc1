#include "benches/meters/integral.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void integral_free(struct integral *x)
{
	free(x->cell);
	free(x->gap);
	*x = (struct integral){.used = false};
}

static int64_t cell_of(double time)
{
	return (int64_t)floor(time / CELL_SECONDS);
}

static struct cell *cell_at(struct integral *x, int64_t index)
{
	int64_t at = x->cells ? index - x->first : 0;

	if (x->cells == 0)
		x->first = index;
	if (at < 0 || at > INT32_MAX / 2 || x->failed)
		return NULL;
	if (at >= x->cells_room) {
		size_t room = (size_t)at + (size_t)at / 2 + CELLS_A_DAY;
		struct cell *more = realloc(x->cell, room * sizeof(*more));

		if (!more) {
			x->failed = true;
			return NULL;
		}
		x->cell = more;
		x->cells_room = (int)room;
	}
	for (; x->cells <= at; x->cells++)
		x->cell[x->cells] = (struct cell){.amount = 0};
	return &x->cell[at];
}

static void add_gap(struct integral *x, double from, double to)
{
	if (x->gaps == x->gaps_room) {
		size_t room = x->gaps_room ? (size_t)x->gaps_room * 2 : 64;
		struct gap *more = realloc(x->gap, room * sizeof(*more));

		if (!more) {
			x->failed = true;
			return;
		}
		x->gap = more;
		x->gaps_room = (int)room;
	}
	x->gap[x->gaps++] = (struct gap){from, to};
}

/* Straight lines from (t0, v0) to (t1, v1), cut at the cells' ends. */
static void spread(struct integral *x, double t0, double t1, double v0, double v1, double p0, double p1, double factor)
{
	double at = t0, v = v0, p = p0;

	while (at < t1) {
		int64_t index = cell_of(at);
		double end = fmin((double)(index + 1) * CELL_SECONDS, t1), share = (end - t0) / (t1 - t0);
		double w = end == t1 ? v1 : v0 + share * (v1 - v0), q = end == t1 ? p1 : p0 + share * (p1 - p0);
		struct cell *cell = cell_at(x, index);

		if (!cell)
			return;
		cell->amount += factor * (v + w) / 2 * (end - at);
		cell->permitted += factor * (p + q) / 2 * (end - at);
		cell->seconds += end - at;
		at = end;
		v = w;
		p = q;
	}
}

void integral_take(struct integral *x, double time, double value, double permitted)
{
	if (x->begun && time - x->time > x->limit)
		add_gap(x, x->time, time);
	else if (x->begun)
		spread(x, x->time, time, x->value, value, x->permitted, permitted, x->factor);
	x->since = x->begun ? x->since : time;
	x->begun = true;
	x->time = time;
	x->value = value;
	x->permitted = permitted;
}

void integral_count(struct integral *x, double from, double to, double amount, bool covered)
{
	struct cell *cell;

	x->since = x->begun ? x->since : from;
	x->begun = true;
	x->time = to;
	if (covered && !isnan(amount)) {
		double rate = amount / (to - from);

		spread(x, from, to, rate, rate, NAN, NAN, 1);
		return;
	}
	add_gap(x, from, to);
	if (isnan(amount))
		return;
	if (floor(from / 86400) == floor(to / 86400)) {
		cell = cell_at(x, cell_of(from));
		if (cell)
			cell->over_gaps += amount;
	} else {
		x->over_days += amount;
	}
}

const struct cell *integral_cell(const struct integral *x, int64_t index)
{
	return index >= x->first && index < x->first + x->cells ? &x->cell[index - x->first] : NULL;
}

struct integral_sum integral_sum(const struct integral *x, int64_t first, int64_t end)
{
	struct integral_sum sum = {0, 0, 0, 0};

	first = first < x->first ? x->first : first;
	end = end > x->first + x->cells ? x->first + x->cells : end;
	for (int64_t i = first; i < end; i++) {
		const struct cell *c = &x->cell[i - x->first];

		sum.amount += c->amount + c->over_gaps;
		sum.absolute += fabs(c->amount);
		sum.permitted += c->permitted;
		sum.seconds += c->seconds;
	}
	return sum;
}

struct integral_sum integral_total(const struct integral *x)
{
	struct integral_sum sum = integral_sum(x, x->first, x->first + x->cells);

	sum.amount += x->over_days;
	return sum;
}

double integral_longest_gap(const struct integral *x, double from, double to)
{
	double longest = to - from;

	if (!x->begun)
		return longest;
	longest = fmax(fmin(x->since, to) - from, to - fmax(from, fmin(x->time, to)));
	for (int i = 0; i < x->gaps; i++)
		longest = fmax(longest, fmin(x->gap[i].to, to) - fmax(x->gap[i].from, from));
	return longest;
}
