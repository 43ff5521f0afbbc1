/*
 * export_private.h - the parts of an export; inside daq/store only.
 */
#ifndef HEATBENCH_STORE_EXPORT_PRIVATE_H
#define HEATBENCH_STORE_EXPORT_PRIVATE_H

#include "daq/store/content.h"
#include "daq/store/export.h"
#include "daq/store/reader.h"

#include <jansson.h>
#include <stdbool.h>

enum { EXPORT_FORMAT = 1, EXPORT_TELL_ROWS = 5000 };

struct export_run {
	struct run_reader *reader;
	struct content content;
	const char *folder; /* where to */
	const struct run_progress *progress;
	struct run_summary summary;
	struct run_channel *channel;
	struct run_segment *segment;
	struct run_rate *group;
	int channels, segments, groups;
	int time_column; /* of the group being written: recorded instants; 0: there is none */
};

/* Whether a table has one row for a thing: it stands in definitions.json. */
bool export_is_definition(const char *table);

void export_tell(const struct run_progress *progress, const char *table, int64_t row, int64_t rows);

/* <table>.csv of a rate group and of any other table. */
int export_scans(struct export_run *x, const char *group, struct error *e);
int export_table(struct export_run *x, const struct content_table *table, struct error *e);

/* {"run": [{...}], "segment": [...], ...}; NULL with an error. */
json_t *export_definitions(struct export_run *x, struct error *e);

/* Binds a value that export_definitions() wrote. Errors: ERROR_DATA. */
int export_bind(json_t *value, struct sqlite3_stmt *s, int at, struct error *e);

/* All regular files below `from` to below `to`, but run.db and what SQLite puts beside it: [{"name", "sha256"}].
 * `check` not NULL: the same list as an export has it; each file must fit. NULL with an error. */
json_t *export_files(const char *from, const char *to, json_t *check, struct error *e);

#endif
