/*
 * The store's rows against a bare loop of prepared statements that writes the same rows with the same
 * durability (WAL, synchronous=FULL, a commit every 1000 rows); and bytes a value on disk.
 */
#include "tests/bench/bench.h"

#include "daq/base/error.h"
#include "daq/store/run.h"

#include <math.h>
#include <sqlite3.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { COLUMNS = 20, ROWS = 100000, BATCH = 1000, PAIRS = 5 };

static void die(const char *what)
{
	fprintf(stderr, "%s\n", what);
	exit(2);
}

/* Values as instruments give them: a noisy reading at a resolution of 0.01. */
static double value_of(int row, int column)
{
	unsigned x = (unsigned)row * 2654435761u ^ (unsigned)column * 40503u;

	x ^= x >> 13;
	return 100.0 * column + floor(sin(row * 0.01) * 500 + x % 97) * 0.01;
}

static double ours(const char *folder, double *bytes)
{
	struct run_about about = {.bench = "bench", .origin = ORIGIN_SIMULATED, .seed = -1, .period = NANOS_PER_S,
		.utc = 1};
	struct run_segment segment = {.utc = 1};
	struct error e = ERROR_INIT;
	struct run *run = NULL;
	char path[600];
	struct stat st;
	double start, took;

	if (run_create(&run, folder, &about, 0, &e) != 0)
		die(e.text);
	for (int c = 0; c < COLUMNS; c++) {
		struct run_channel channel = {.kind = "gauge", .unit = "W", .group = "scan", .device = -1,
			.certificate = -1, .resolution = NAN, .uncertainty = NAN};

		snprintf(channel.name, sizeof(channel.name), "c%d", c);
		if (run_define_channel(run, &channel, &e) != 0)
			die(e.text);
	}
	if (run_define_group(run, "scan", 1, &e) < 0 || run_begin_segment(run, &segment, &e) < 0 ||
		run_commit(run, &e) != 0)
		die(e.text);
	start = bench_now();
	for (int r = 0; r < ROWS; r++) {
		double values[COLUMNS];
		uint8_t quality[COLUMNS] = {0};

		for (int c = 0; c < COLUMNS; c++)
			values[c] = value_of(r, c);
		if (run_put_scan(run, 0, r, values, quality, COLUMNS, &e) != 0)
			die(e.text);
		if (r % BATCH == BATCH - 1 && run_commit(run, &e) != 0)
			die(e.text);
	}
	took = bench_now() - start;
	snprintf(path, sizeof(path), "%s/run.db", run_path(run));
	if (run_finish(run, 2, "complete", "", &e) != 0)
		die(e.text);
	if (stat(path, &st) != 0)
		die("no run.db");
	*bytes = (double)st.st_size / ((double)ROWS * COLUMNS);
	return ROWS / took;
}

static double bare(const char *folder, int n)
{
	char path[600], sql[1024] = "CREATE TABLE scan (tick INTEGER PRIMARY KEY";
	sqlite3 *db;
	sqlite3_stmt *insert, *begin, *commit;
	double start, took;

	snprintf(path, sizeof(path), "%s/bare-%d.db", folder, n);
	if (sqlite3_open(path, &db) != SQLITE_OK)
		die("sqlite3_open");
	sqlite3_exec(db, "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL", NULL, NULL, NULL);
	for (int c = 0; c < COLUMNS; c++)
		snprintf(sql + strlen(sql), sizeof(sql) - strlen(sql), ", c%d REAL", c);
	strcat(sql, ")");
	sqlite3_exec(db, sql, NULL, NULL, NULL);
	strcpy(sql, "INSERT INTO scan VALUES (?");
	for (int c = 0; c < COLUMNS; c++)
		strcat(sql, ",?");
	strcat(sql, ")");
	if (sqlite3_prepare_v2(db, sql, -1, &insert, NULL) != SQLITE_OK)
		die(sqlite3_errmsg(db));
	sqlite3_prepare_v2(db, "BEGIN", -1, &begin, NULL);
	sqlite3_prepare_v2(db, "COMMIT", -1, &commit, NULL);
	start = bench_now();
	for (int r = 0; r < ROWS; r++) {
		if (r % BATCH == 0) {
			sqlite3_step(begin);
			sqlite3_reset(begin);
		}
		sqlite3_bind_int64(insert, 1, r);
		for (int c = 0; c < COLUMNS; c++)
			sqlite3_bind_double(insert, c + 2, value_of(r, c));
		if (sqlite3_step(insert) != SQLITE_DONE)
			die(sqlite3_errmsg(db));
		sqlite3_reset(insert);
		if (r % BATCH == BATCH - 1) {
			sqlite3_step(commit);
			sqlite3_reset(commit);
		}
	}
	took = bench_now() - start;
	sqlite3_finalize(insert);
	sqlite3_finalize(begin);
	sqlite3_finalize(commit);
	sqlite3_close(db);
	unlink(path);
	return ROWS / took;
}

int main(int argc, char **argv)
{
	const char *folder = argc > 1 ? argv[1] : "/tmp";
	double a[PAIRS], b[PAIRS], ratio[PAIRS], bytes = NAN;

	bench_pin(1);
	for (int i = 0; i < PAIRS; i++) {
		b[i] = bare(folder, i);
		a[i] = ours(folder, &bytes);
		ratio[i] = a[i] / b[i];
	}
	bench_figure("store, rows of 20 channels", "rows/s", bench_quantile(a, PAIRS, 0.5), bench_quantile(b, PAIRS, 0.5),
		"bare prepared statements", bench_quantile(ratio, PAIRS, 0.5), 0.80, true, PAIRS);
	bench_figure("store, size on disk", "B/value", bytes, 12, "12 B a value", bytes / 12, 1.0, false, 1);
	return 0;
}
