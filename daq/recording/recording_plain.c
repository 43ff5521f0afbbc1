#include "daq/recording/recording_plain.h"

#include "daq/base/quality.h"
#include "daq/recording/recording_ends.h"
#include "daq/recording/recording_four.h"
#include "daq/recording/recording_number.h"
#include "daq/recording/recording_private.h"

#include <math.h>
#include <string.h>

enum { PLAIN_CELLS = 4096 }; /* of some rows at once */

/* Some rows' cells: where each ends, counted from `text`, and more than there are where a block of bytes holds more. */
struct plain_cells {
	const struct recording_plain *plain;
	const char *text, *end;
	int rows;			       /* that may be usual */
	uint32_t at[1 + PLAIN_CELLS + ENDS_BLOCK]; /* at[0]: of the line before */
};

static uint64_t plain_block(const char *p, const char *end, char separator)
{
	char few[ENDS_BLOCK] = {0};

	if (end - p >= ENDS_BLOCK)
		return ends_of_block(p, separator);
	memcpy(few, p, (size_t)(end - p));
	return ends_of_block(few, separator);
}

/* What follows the last end has to be there for those who read eight bytes at a time: the text's last rows are not usual. */
static void plain_find(struct plain_cells *c, int rows)
{
	int columns = c->plain->columns, wanted = rows * columns, found;
	uint32_t *at = c->at + 1, base = 0;

	c->at[0] = UINT32_MAX;
	found = recording_four_find(c->text, (size_t)(c->end - c->text), c->plain->separator, wanted, at, &base);
	for (const char *p = c->text + base; found < wanted && p < c->end; p += ENDS_BLOCK, base += ENDS_BLOCK)
		for (uint64_t marks = plain_block(p, c->end, c->plain->separator); marks; marks &= marks - 1)
			at[found++] = base + (uint32_t)__builtin_ctzll(marks);
	for (c->rows = (found < wanted ? found : wanted) / columns; c->rows > 0; c->rows--)
		if (c->end - c->text - at[c->rows * columns - 1] >= 8)
			break;
}

/* TRUE and FALSE in any case; NaN for anything else. Without a branch between them: nobody can foretell which it is. */
static inline double plain_switch(const char *from, const char *to)
{
	static const uint64_t words[] = {0x65757274, 0x65736c6166}; /* "true", "false", the first letter lowest */
	size_t n = (size_t)(to - from), word = n - 4;
	uint64_t w = ends_load(from) | 0x2020202020202020;

	return word < 2 && (w & (UINT64_MAX >> (64 - 8 * n))) == words[word] ? (double)(1 - (int)word) : NAN;
}

/* The first row in which a column does not end as it should, or how many rows there are. */
static int plain_ended(const struct plain_cells *c, int column)
{
	char ended = column + 1 == c->plain->columns ? '\n' : c->plain->separator;
	const uint32_t *at = c->at + 1 + column;

	for (int i = 0; i < c->rows; i++, at += c->plain->columns)
		if (c->text[*at] != ended)
			return i;
	return c->rows;
}

/* One cell. False where it is not usual. */
static inline bool plain_cell(const char *from, const char *to, const struct recording_plain *x, int column, double *value,
	uint8_t *quality)
{
	double v = NAN;

	if (column + 1 == x->columns && to > from && to[-1] == '\r')
		to--;
	if (from == to) {
		*quality = QUALITY_GAP;
		*value = NAN;
		return true;
	}
	if (x->column[column].is_switch)
		v = plain_switch(from, to);
	if (isnan(v))
		v = number_read(from, to);
	*value = v * x->column[column].scale + x->column[column].offset;
	return !isnan(v);
}

/* One column of the rows at hand. Returns the first row that is not usual there, or how many rows there are. */
static int plain_values(const struct plain_cells *c, int column, double *value, uint8_t *quality)
{
	const struct recording_plain *x = c->plain;
	int rows = c->rows, stride = x->columns, slots = x->slots, one_by_one = 0;
	const uint32_t *at = c->at + 1 + column;

	for (int i = 0; i < rows; i++) {
		if (one_by_one == 0 && !x->column[column].is_switch)
			i += recording_four_read(c->text, at + i * stride, stride, rows - i, value + i * slots, slots,
				x->column[column].scale, x->column[column].offset);
		one_by_one = one_by_one ? one_by_one - 1 : 3;
		if (i < rows && !plain_cell(c->text + (at[i * stride - 1] + 1), c->text + at[i * stride], x, column, value + i * slots,
			quality + i * slots))
			return i;
	}
	return rows;
}

/* Times have to be there, and possible ones. */
static int plain_times(const struct plain_cells *c, int column, double *time)
{
	const uint32_t *at = c->at + 1 + column;

	for (int i = 0; i < c->rows; i++, at += c->plain->columns) {
		time[i] = recording_seconds(c->plain->at, number_read(c->text + (at[-1] + 1), c->text + *at));
		if (!(time[i] > 0 && time[i] < 9e9))
			return i;
	}
	return c->rows;
}

int recording_plain_rows(const struct recording_plain *x, const char **at, const char *end, int most, double *time, double *value,
	uint8_t *quality)
{
	struct plain_cells c;

	if (x->columns == 0 || x->columns > PLAIN_CELLS)
		return 0;
	c.plain = x;
	c.text = *at;
	c.end = end;
	most = most < PLAIN_ROWS ? most : PLAIN_ROWS;
	plain_find(&c, most < PLAIN_CELLS / x->columns ? most : PLAIN_CELLS / x->columns);
	memset(quality, QUALITY_GOOD, (size_t)c.rows * (size_t)x->slots);
	for (int i = 0; i < x->columns; i++) {
		int slot = x->column[i].slot;

		c.rows = plain_ended(&c, i);
		if (slot == PLAIN_TIME)
			c.rows = plain_times(&c, i, time);
		else if (slot != PLAIN_SKIP)
			c.rows = plain_values(&c, i, value + slot, quality + slot);
	}
	if (c.rows > 0)
		*at = c.text + c.at[c.rows * x->columns] + 1;
	return c.rows;
}
