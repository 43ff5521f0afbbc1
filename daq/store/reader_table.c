#include "daq/store/reader.h"

#include "daq/base/error.h"
#include "daq/base/parallel.h"
#include "daq/base/text.h"
#include "daq/store/database.h"
#include "daq/store/reader_gather.h"
#include "daq/store/reader_private.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/* What a table is read with. */
struct table_source {
	struct run_channel *channel;
	struct run_segment *segment;
	int channels, segments;
	nanos period;
	int64_t first_tick, last_tick;
	const bool *wanted; /* [channels of the run]; NULL: all */
};

/* What table_allocate() took. */
static void table_release(struct run_table *table)
{
	if (table->value)
		free(table->value[0]);
	if (table->quality)
		free(table->quality[0]);
	free(table->value);
	free(table->quality);
	free(table->tick);
	free(table->time);
	table->value = NULL;
	table->quality = NULL;
	table->tick = NULL;
	table->time = NULL;
}

void run_table_free(struct run_table *table)
{
	table_release(table);
	free(table->channel);
	*table = (struct run_table){.rows = 0};
}

/* Long tables in large pages, where the kernel has such: touching them for the first time costs a tenth of reading them otherwise. */
static void *table_memory(size_t size)
{
	enum { LARGE_PAGE = 2 << 20 };
	void *memory;

	if (size < 4 * LARGE_PAGE)
		return malloc(size);
	if (posix_memalign(&memory, LARGE_PAGE, size) != 0)
		return NULL;
	madvise(memory, size, MADV_HUGEPAGE);
	return memory;
}

/* All columns lie in one piece of memory, one after the other. */
static int table_allocate(struct run_table *t, int64_t rows, struct error *e)
{
	size_t n = (size_t)(rows > 0 ? rows : 1), columns = (size_t)(t->columns > 0 ? t->columns : 1);

	t->tick = malloc(n * sizeof(*t->tick));
	t->time = malloc(n * sizeof(*t->time));
	t->value = calloc(columns, sizeof(*t->value));
	t->quality = calloc(columns, sizeof(*t->quality));
	if (!t->tick || !t->time || !t->value || !t->quality)
		goto fail;
	t->value[0] = table_memory(columns * n * sizeof(**t->value));
	t->quality[0] = calloc(columns, n);
	if (!t->value[0] || !t->quality[0])
		goto fail;
	for (size_t c = 1; c < columns; c++) {
		t->value[c] = t->value[0] + c * n;
		t->quality[c] = t->quality[0] + c * n;
	}
	return 0;
fail:
	return error_set(e, ERROR_SYSTEM, "no memory for %lld rows of %d channels", (long long)rows, t->columns);
}

static int table_source_read(struct run_reader *reader, struct table_source *from, struct error *e)
{
	if (run_reader_channels(reader, &from->channel, &from->channels, e) != 0 ||
		run_reader_segments(reader, &from->segment, &from->segments, e) != 0)
		return -1;
	return database_number(reader->db, "SELECT period FROM run", &from->period, e);
}

static void table_source_free(struct table_source *from)
{
	free(from->channel);
	free(from->segment);
}

static int table_columns(struct run_table *t, const struct table_source *from, struct error *e)
{
	t->channel = calloc((size_t)from->channels + 1, sizeof(*t->channel));
	if (!t->channel)
		return error_set(e, ERROR_SYSTEM, "no memory for the channels of %s", t->group);
	for (int i = 0; i < from->channels; i++)
		if (strcmp(from->channel[i].group, t->group) == 0 &&
			(!from->wanted || from->wanted[i] || strcmp(from->channel[i].role, "time") == 0))
			t->channel[t->columns++] = i;
	return 0;
}

static void table_times(struct run_table *t, const struct table_source *from)
{
	double origin = from->segments ? (double)from->segment[0].utc / 1e9 : 0.0;
	int s = 0;

	for (int c = 0; c < t->columns; c++) {
		if (strcmp(from->channel[t->channel[c]].role, "time") != 0)
			continue;
		for (int64_t i = 0; i < t->rows; i++)
			t->time[i] = t->value[c][i] - origin;
		return;
	}
	for (int64_t i = 0; i < t->rows; i++) {
		nanos since = t->tick[i] * from->period;

		while (s + 1 < from->segments && from->segment[s + 1].first_tick <= t->tick[i])
			s++;
		if (from->segments)
			since = from->segment[s].utc - from->segment[0].utc +
				(t->tick[i] - from->segment[s].first_tick) * from->period;
		t->time[i] = (double)since / 1e9;
	}
}

/* One database of the run: its own, or that of a day. */
struct table_part {
	char path[4300]; /* "": the reader's own connection */
	int64_t first, room, rows; /* first: its first row, as there is room */
	int64_t last_tick;	   /* when room was made */
};

struct table_reading {
	struct run_reader *reader;
	struct run_table *table;
	const struct table_source *from;
	const int *column_of; /* [channels]: -1: not wanted */
	struct table_part *part;
	int parts;
	char first[160], last[160], count[200];
	bool counted; /* room for what was counted, not for what can be */
};

/* Days within a read transaction of their own: a day is only ever appended to, so that what was counted is there. */
static int part_open(const struct table_reading *r, const struct table_part *part, struct sqlite3 **db, struct error *e)
{
	*db = r->reader->db;
	if (!part->path[0])
		return 0;
	if (database_open_reader(db, part->path, e) != 0)
		return -1;
	if (reader_gather_prepare(*db, e) == 0 && database_exec(*db, "BEGIN", e) == 0)
		return 0;
	sqlite3_close(*db);
	return -1;
}

static void part_close(const struct table_part *part, struct sqlite3 *db)
{
	if (!part->path[0])
		return;
	sqlite3_exec(db, "COMMIT", NULL, NULL, NULL);
	sqlite3_close(db);
}

/* Rows as far apart as they should be, which costs no walk through them; a resumed segment may begin between two. No more than a file of
 * its size can hold: a row takes a byte for each column, and more. */
static int room_by_ticks(const struct table_reading *r, struct table_part *part, struct sqlite3 *db, struct error *e)
{
	int64_t first = 0, last = -1, pages = 0, page = 0, most;

	if (database_number(db, r->first, &first, e) != 0 || database_number(db, r->last, &last, e) != 0 ||
		database_number(db, "PRAGMA page_count", &pages, e) != 0 || database_number(db, "PRAGMA page_size", &page, e) != 0)
		return -1;
	first = first > r->from->first_tick ? first : r->from->first_tick;
	last = last < r->from->last_tick ? last : r->from->last_tick;
	most = pages * page / (r->table->columns + 2) + 1;
	part->last_tick = last;
	part->room = last < first ? 0 : (last - first) / r->table->every + 1 + r->from->segments;
	part->room = part->room < most ? part->room : most;
	return 0;
}

static int part_room(void *self, int i, struct error *e)
{
	struct table_reading *r = self;
	struct table_part *part = &r->part[i];
	struct sqlite3 *db;
	int result;

	if (part_open(r, part, &db, e) != 0)
		return -1;
	if (!r->counted) {
		result = room_by_ticks(r, part, db, e);
	} else {
		part->last_tick = r->from->last_tick;
		result = database_number(db, r->count, &part->room, e);
	}
	part_close(part, db);
	return result;
}

/* Scans and flags of a database inside one read transaction, so that they are of the same instant of a run being written. */
static int part_read(void *self, int i, struct error *e)
{
	struct table_reading *r = self;
	struct table_part *part = &r->part[i];
	const struct reader_gather what = {.table = r->table, .channel = r->from->channel, .channels = r->from->channels, .column_of = r->column_of,
		.first_tick = r->from->first_tick, .last_tick = part->last_tick, .first = part->first, .room = part->room};
	struct sqlite3 *db;
	int result;

	if (part_open(r, part, &db, e) != 0)
		return -1;
	result = reader_gather(db, &what, &part->rows, e);
	part_close(part, db);
	return result;
}

static int find_parts(struct table_reading *r, struct error *e)
{
	struct reader_parts parts;
	int result = reader_parts_begin(r->reader, r->table->group, r->from->first_tick, r->from->last_tick, &parts, e);

	r->part = result == 0 ? calloc((size_t)parts.count + 1, sizeof(*r->part)) : NULL;
	if (result == 0 && !r->part)
		result = error_set(e, ERROR_SYSTEM, "no memory for the days of %s", r->reader->folder);
	for (int i = 0; result == 0 && i < parts.count; i++)
		if (parts.in_days)
			snprintf(r->part[i].path, sizeof(r->part[i].path), "%s/days/%s.db", r->reader->folder, parts.date[i]);
	r->parts = parts.count;
	reader_parts_end(&parts);
	return result;
}

/* Rows move together where there was more room than rows. */
static void close_up(struct run_table *t, const struct table_part *part, int parts)
{
	for (int i = 0; i < parts; i++) {
		size_t n = (size_t)part[i].rows, to = (size_t)t->rows, from = (size_t)part[i].first;

		if (to != from) {
			memmove(t->tick + to, t->tick + from, n * sizeof(*t->tick));
			for (int c = 0; c < t->columns; c++) {
				memmove(t->value[c] + to, t->value[c] + from, n * sizeof(**t->value));
				memmove(t->quality[c] + to, t->quality[c] + from, n);
			}
		}
		t->rows += part[i].rows;
	}
}

/* Days are read by as many threads as there are processors, each into its own rows. 1: there was not room for all. */
static int read_parts(struct table_reading *r, struct error *e)
{
	int64_t room = 0;

	if (parallel_each(r->parts, part_room, r, e) != 0)
		return -1;
	for (int i = 0; i < r->parts; i++) {
		r->part[i].first = room;
		room += r->part[i].room;
	}
	if (table_allocate(r->table, room, e) != 0 || parallel_each(r->parts, part_read, r, e) != 0)
		return -1;
	for (int i = 0; i < r->parts; i++)
		if (r->part[i].rows > r->part[i].room)
			return 1;
	close_up(r->table, r->part, r->parts);
	return 0;
}

static int table_rows(struct table_reading *r, struct error *e)
{
	const char *group = r->table->group;
	int more;

	snprintf(r->first, sizeof(r->first), "SELECT min(tick) FROM \"%s\"", group);
	snprintf(r->last, sizeof(r->last), "SELECT max(tick) FROM \"%s\"", group);
	snprintf(r->count, sizeof(r->count), "SELECT count(*) FROM \"%s\" WHERE tick BETWEEN %lld AND %lld", group,
		(long long)r->from->first_tick, (long long)r->from->last_tick);
	if (find_parts(r, e) != 0)
		return -1;
	more = read_parts(r, e);
	if (more > 0) {
		r->counted = true;
		table_release(r->table);
		more = read_parts(r, e);
	}
	return more > 0 ? error_set(e, ERROR_BUSY, "%s of %s grows faster than it can be read", group, r->reader->folder) : more;
}

static int table_read(struct run_reader *reader, struct run_table *t, const struct table_source *from, struct error *e)
{
	int *column_of = calloc((size_t)from->channels + 1, sizeof(*column_of));
	struct table_reading r = {.reader = reader, .table = t, .from = from, .column_of = column_of};
	int result = -1;

	if (!column_of) {
		error_set(e, ERROR_SYSTEM, "no memory for the channels of %s", t->group);
		goto out;
	}
	if (table_columns(t, from, e) != 0)
		goto out;
	for (int i = 0; i < from->channels; i++)
		column_of[i] = -1;
	for (int c = 0; c < t->columns; c++)
		column_of[t->channel[c]] = c;
	if (table_rows(&r, e) != 0)
		goto out;
	table_times(t, from);
	result = 0;
out:
	free(r.part);
	free(column_of);
	return result;
}

static int table_every(struct run_reader *reader, const char *group, int *every, struct error *e)
{
	struct run_rate *rates = NULL;
	int count = 0, found = 0;

	if (run_reader_groups(reader, &rates, &count, e) != 0)
		return -1;
	for (int i = 0; i < count; i++)
		if (strcmp(rates[i].group, group) == 0) {
			*every = rates[i].every;
			found = 1;
		}
	free(rates);
	return found ? 0 : error_set(e, ERROR_DATA, "%s has no rate group \"%s\"", reader->file, group);
}

static int read_group(struct run_reader *reader, const char *group, struct table_source *from, struct run_table *out, struct error *e)
{
	struct run_table t = {.rows = 0};
	int result = -1;

	if (database_exec(reader->db, "BEGIN", e) != 0)
		return -1;
	text_copy(t.group, sizeof(t.group), group);
	if (table_every(reader, group, &t.every, e) == 0 && table_source_read(reader, from, e) == 0 && table_read(reader, &t, from, e) == 0) {
		*out = t;
		result = 0;
	} else {
		run_table_free(&t);
	}
	sqlite3_exec(reader->db, "COMMIT", NULL, NULL, NULL);
	table_source_free(from);
	return result;
}

int run_reader_table_between(struct run_reader *reader, const char *group, int64_t first_tick, int64_t last_tick,
	struct run_table *out, struct error *e)
{
	return read_group(reader, group, &(struct table_source){.first_tick = first_tick, .last_tick = last_tick}, out, e);
}

int run_reader_table_of(struct run_reader *reader, const char *group, const bool *wanted, struct run_table *out, struct error *e)
{
	return read_group(reader, group, &(struct table_source){.first_tick = INT64_MIN, .last_tick = INT64_MAX, .wanted = wanted}, out, e);
}

int run_reader_table_since(struct run_reader *reader, const char *group, int64_t first_tick, struct run_table *out,
	struct error *e)
{
	return run_reader_table_between(reader, group, first_tick, INT64_MAX, out, e);
}

int run_reader_table(struct run_reader *reader, const char *group, struct run_table *out, struct error *e)
{
	return run_reader_table_since(reader, group, INT64_MIN, out, e);
}
