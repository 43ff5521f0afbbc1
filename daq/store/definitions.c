#include "daq/store/run_private.h"

#include "daq/base/error.h"
#include "daq/base/text.h"
#include "daq/store/database.h"
#include "daq/store/record.h"
#include "daq/store/schema.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int definitions_put(struct run *run, enum run_insert which, const struct record *record, const void *from,
	struct error *e)
{
	if (which != INSERT_SEGMENT && run->count[INSERT_SEGMENT] > 0)
		return error_set(e, ERROR_CONFIG, "run %s: the table %s is closed once the run has begun", run->path,
			record->table);
	if (run_begin(run, e) != 0)
		return -1;
	if (!run->insert[which] && record_prepare(run->db, record, &run->insert[which], e) != 0)
		return -1;
	if (record_put(run->db, run->insert[which], record, run->count[which], from, e) != 0)
		return -1;
	run->count[which]++;
	return 0;
}

int run_define_dut(struct run *run, const struct run_dut *dut, struct error *e)
{
	return definitions_put(run, INSERT_DUT, &record_dut, dut, e);
}

int run_define_device(struct run *run, const struct run_device *device, struct error *e)
{
	return definitions_put(run, INSERT_DEVICE, &record_device, device, e);
}

int run_define_certificate(struct run *run, const struct run_certificate *certificate, struct error *e)
{
	return definitions_put(run, INSERT_CERTIFICATE, &record_certificate, certificate, e);
}

int run_define_limit(struct run *run, const struct run_limit *limit, struct error *e)
{
	return definitions_put(run, INSERT_LIMIT, &record_limit, limit, e);
}

int run_define_setting(struct run *run, const struct run_setting *setting, struct error *e)
{
	return definitions_put(run, INSERT_SETTING, &record_setting, setting, e);
}

int run_define_channel(struct run *run, const struct run_channel *channel, struct error *e)
{
	char sql[256];
	int64_t there = 0;

	if (schema_check_name(run->db, "channel", channel->name, e) != 0)
		return -1;
	snprintf(sql, sizeof(sql), "SELECT 1 FROM channel WHERE name = '%s'", channel->name);
	if (database_number(run->db, sql, &there, e) != 0)
		return -1;
	if (there)
		return error_set(e, ERROR_CONFIG, "channel \"%s\" is there twice", channel->name);
	return definitions_put(run, INSERT_CHANNEL, &record_channel, channel, e);
}

int run_begin_segment(struct run *run, const struct run_segment *segment, struct error *e)
{
	if (definitions_put(run, INSERT_SEGMENT, &record_segment, segment, e) != 0)
		return -1;
	run->segment = *segment;
	return run->count[INSERT_SEGMENT] - 1;
}

int64_t run_next_tick(const struct run *run)
{
	return run->next_tick;
}

static int definitions_add_column(struct run_group *g, int id, const char *name, struct text *create,
	struct text *insert, struct error *e)
{
	int *grown = realloc(g->channel, (size_t)(g->columns + 1) * sizeof(*grown));

	if (!grown)
		return error_set(e, ERROR_SYSTEM, "no memory for the rate group %s", g->name);
	g->channel = grown;
	grown[g->columns++] = id;
	text_add(create, ",\n\t\"%s\" REAL", name);
	text_add(insert, ", ?");
	return 0;
}

/* Columns of a group from the table of channels; the SQL that makes the table and that fills it. */
static int definitions_columns(struct run *run, struct run_group *g, struct text *create, struct text *insert,
	struct error *e)
{
	struct sqlite3_stmt *s = NULL;
	int code, result = -1;

	text_add(create, "CREATE TABLE \"%s\" (\n\ttick INTEGER PRIMARY KEY", g->name);
	text_add(insert, "INSERT INTO \"%s\" VALUES (?", g->name);
	if (database_prepare(run->db, "SELECT id, name FROM channel WHERE rate_group = ? ORDER BY id", &s, e) != 0)
		return -1;
	sqlite3_bind_text(s, 1, g->name, -1, SQLITE_STATIC);
	while ((code = sqlite3_step(s)) == SQLITE_ROW)
		if (definitions_add_column(g, sqlite3_column_int(s, 0), (const char *)sqlite3_column_text(s, 1),
			    create, insert, e) != 0)
			goto out;
	text_add(create, "\n)");
	text_add(insert, ")");
	if (code != SQLITE_DONE)
		database_fail(run->db, "read the channels", e);
	else if (create->failed || insert->failed)
		error_set(e, ERROR_SYSTEM, "no memory for the rate group %s", g->name);
	else if (g->columns == 0)
		error_set(e, ERROR_CONFIG, "rate group \"%s\" has no channels", g->name);
	else
		result = 0;
out:
	sqlite3_finalize(s);
	return result;
}

static int definitions_add_group(struct run *run, const char *name, int every, bool create_table, struct error *e)
{
	struct run_group *grown = realloc(run->group, (size_t)(run->groups + 1) * sizeof(*grown));
	struct text create = TEXT_INIT, insert = TEXT_INIT;
	struct run_group g = {.every = every};

	if (!grown)
		return error_set(e, ERROR_SYSTEM, "no memory for the rate group %s", name);
	run->group = grown;
	text_copy(g.name, sizeof(g.name), name);
	if (definitions_columns(run, &g, &create, &insert, e) != 0)
		goto out;
	if (create_table && !run->days && database_exec(run->db, create.data, e) != 0)
		goto out;
	if (!run->days && database_prepare(run->db, insert.data, &g.insert, e) != 0)
		goto out;
	g.create = create.data;
	g.fill = insert.data;
	run->group[run->groups++] = g;
	return 0;
out:
	free(g.channel);
	text_free(&create);
	text_free(&insert);
	return -1;
}

int run_load_group(struct run *run, const char *name, int every, struct error *e)
{
	return definitions_add_group(run, name, every, false, e);
}

int run_define_group(struct run *run, const char *group, int every, struct error *e)
{
	char sql[160];

	if (schema_check_name(run->db, "rate group", group, e) != 0)
		return -1;
	if (strlen(group) > 31 || schema_reserved(group))
		return error_set(e, ERROR_CONFIG, "rate group \"%s\": %s", group,
			strlen(group) > 31 ? "a name has 31 characters at most"
					   : "every run has a table of that name already");
	if (every < 1)
		return error_set(e, ERROR_CONFIG, "rate group \"%s\": every %d ticks is not possible", group, every);
	if (run_begin(run, e) != 0 || definitions_add_group(run, group, every, true, e) != 0)
		return -1;
	snprintf(sql, sizeof(sql), "INSERT INTO rate_group VALUES (%d, '%s', %d)", run->groups - 1, group, every);
	return database_exec(run->db, sql, e);
}
