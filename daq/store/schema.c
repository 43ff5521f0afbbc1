#include "daq/store/schema.h"

#include "daq/base/error.h"
#include "daq/base/quality.h"
#include "daq/store/database.h"

#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

/* clang-format off */
static const struct { const char *name, *sql; } schema_tables[] = {
{"run",
"CREATE TABLE run ( -- one row: what this run is\n"
"	id INTEGER PRIMARY KEY CHECK (id = 1),\n"
"	bench TEXT NOT NULL,       -- name of the bench\n"
"	label TEXT NOT NULL,       -- what the operator called the run\n"
"	procedure TEXT NOT NULL,   -- file of the procedure, '' without one\n"
"	operator TEXT NOT NULL,\n"
"	host TEXT NOT NULL,\n"
"	software TEXT NOT NULL,    -- program and version that wrote this file\n"
"	command TEXT NOT NULL,     -- its command line\n"
"	time_zone TEXT NOT NULL,   -- of the host; all stored times are UTC\n"
"	clock_state TEXT NOT NULL, -- whether the host's clock was synchronised, and how well\n"
"	origin TEXT NOT NULL,      -- measured, simulated, imported, typed\n"
"	seed INTEGER,              -- of the virtual lab; NULL without one\n"
"	utc INTEGER NOT NULL,      -- start, ns since 1970\n"
"	period INTEGER NOT NULL,   -- one tick, ns\n"
"	ended INTEGER,             -- clean end, ns since 1970; NULL: there was none\n"
"	recovered INTEGER,         -- closed by `heatbench runs recover`, ns since 1970; NULL: was not\n"
"	verdict TEXT NOT NULL DEFAULT 'incomplete', -- until a clean end says complete\n"
"	why TEXT NOT NULL DEFAULT ''                -- why it is incomplete\n"
")"},
{"segment",
"CREATE TABLE segment ( -- one row per start or resume; ticks count on from one to the next\n"
"	number INTEGER PRIMARY KEY,      -- 0, 1 ...\n"
"	boot_id TEXT NOT NULL,           -- of the kernel: monotonic times compare within one boot only\n"
"	bench_digest TEXT NOT NULL,      -- SHA-256 of the bench file and all it used\n"
"	monotonic_zero INTEGER NOT NULL, -- bench time of first_tick, ns on the monotonic clock\n"
"	utc INTEGER NOT NULL,            -- UTC of first_tick, ns since 1970\n"
"	first_tick INTEGER NOT NULL      -- tick n was at utc + (n - first_tick) * run.period\n"
")"},
{"dut",
"CREATE TABLE dut ( -- devices under test\n"
"	id INTEGER PRIMARY KEY,         -- 0, 1 ... in the order of the bench file\n"
"	name TEXT NOT NULL,\n"
"	kind TEXT NOT NULL,             -- pump, meter, heat pump ...\n"
"	profile TEXT NOT NULL,          -- signal profile, such as iPWM1\n"
"	serial TEXT NOT NULL,           -- '' if not known\n"
"	firmware TEXT NOT NULL,         -- '' if not known\n"
"	serial_origin TEXT NOT NULL,    -- measured (read from the device) or typed\n"
"	firmware_origin TEXT NOT NULL   -- measured (read from the device) or typed\n"
")"},
{"device",
"CREATE TABLE device ( -- instruments on the buses\n"
"	id INTEGER PRIMARY KEY,  -- 0, 1 ...\n"
"	name TEXT NOT NULL,\n"
"	driver TEXT NOT NULL,\n"
"	map TEXT NOT NULL,       -- register map\n"
"	address TEXT NOT NULL,   -- bus and unit\n"
"	identity TEXT NOT NULL   -- JSON object: what the device said of itself at the start\n"
")"},
{"certificate",
"CREATE TABLE certificate ( -- calibration certificates\n"
"	number INTEGER PRIMARY KEY, -- 0, 1 ...\n"
"	id TEXT NOT NULL,          -- the laboratory's number\n"
"	laboratory TEXT NOT NULL,\n"
"	date TEXT NOT NULL,        -- of calibration, yyyy-mm-dd\n"
"	due TEXT NOT NULL,         -- of the next one\n"
"	file TEXT NOT NULL,        -- scan of the certificate, in this folder\n"
"	U REAL,                    -- expanded uncertainty, in the channel's unit\n"
"	k REAL,                    -- its coverage factor\n"
"	points TEXT NOT NULL       -- JSON array of [reading, correction]\n"
")"},
{"channel",
"CREATE TABLE channel ( -- one row per column of the rate groups' tables\n"
"	id INTEGER PRIMARY KEY,    -- 0, 1 ...; flag.channel\n"
"	name TEXT NOT NULL,        -- column in the table of its group\n"
"	quantity TEXT NOT NULL,    -- flow, power, temperature ...\n"
"	unit TEXT NOT NULL,        -- UDUNITS; '' is a pure number\n"
"	kind TEXT NOT NULL,        -- gauge, counter (kept raw), state, setpoint\n"
"	rate_group TEXT NOT NULL,  -- table that holds its values\n"
"	dut TEXT NOT NULL,         -- device under test it belongs to, or ''\n"
"	role TEXT NOT NULL,        -- in which role: duty, feedback, flow ...; or ''\n"
"	device INTEGER,            -- device.id; NULL: none\n"
"	origin TEXT NOT NULL,      -- measured, simulated, imported, typed\n"
"	resolution REAL,           -- in unit; NULL: not known\n"
"	uncertainty REAL,          -- expanded (k = 2), in unit; NULL: not known\n"
"	certificate INTEGER        -- certificate.number; NULL: none\n"
")"},
{"setting",
"CREATE TABLE setting ( -- what the evaluation must know of the rig\n"
"	id INTEGER PRIMARY KEY,\n"
"	name TEXT NOT NULL,      -- key of evaluation{...} in the bench file\n"
"	value TEXT NOT NULL,     -- as written there, with its unit\n"
"	source TEXT NOT NULL     -- file:line\n"
")"},
{"limit_row",
"CREATE TABLE limit_row ( -- what the verdict is held against\n"
"	id INTEGER PRIMARY KEY,\n"
"	dut TEXT NOT NULL,       -- '' matches all\n"
"	quantity TEXT NOT NULL,\n"
"	valve TEXT NOT NULL,     -- '' matches all\n"
"	set_point REAL,          -- NULL matches all\n"
"	min REAL,                -- NULL: open on that side\n"
"	max REAL,                -- NULL: open on that side\n"
"	unit TEXT NOT NULL,\n"
"	rule TEXT NOT NULL,      -- simple, or guarded by the expanded uncertainty\n"
"	source TEXT NOT NULL     -- file:line\n"
")"},
{"rate_group",
"CREATE TABLE rate_group ( -- the wide tables: tick, then one REAL column per channel; missing is NULL\n"
"	id INTEGER PRIMARY KEY,  -- 0, 1 ...\n"
"	name TEXT NOT NULL,      -- the table\n"
"	every INTEGER NOT NULL   -- ticks between two rows\n"
")"},
{"quality",
"CREATE TABLE quality ( -- what the codes in flag and block mean\n"
"	code INTEGER PRIMARY KEY,\n"
"	name TEXT NOT NULL\n"
")"},
{"flag",
"CREATE TABLE flag ( -- quality of the values that are not good; a value without a row here is good\n"
"	tick INTEGER NOT NULL,\n"
"	channel INTEGER NOT NULL, -- channel.id\n"
"	quality INTEGER NOT NULL, -- quality.code\n"
"	PRIMARY KEY (tick, channel)\n"
") WITHOUT ROWID"},
{"block",
"CREATE TABLE block ( -- one row per transaction on a bus that was kept\n"
"	id INTEGER PRIMARY KEY,\n"
"	device INTEGER NOT NULL,     -- device.id\n"
"	block INTEGER NOT NULL,      -- index within the device's reading plan\n"
"	tick INTEGER NOT NULL,\n"
"	before INTEGER NOT NULL,     -- bench time before the request, ns\n"
"	after INTEGER NOT NULL,      -- after the request\n"
"	last INTEGER NOT NULL,       -- at the last byte of the reply\n"
"	half_width INTEGER NOT NULL, -- of the interval that holds the values' instant, ns\n"
"	status INTEGER NOT NULL,     -- quality.code of the transaction\n"
"	raw BLOB                     -- the reply as it came\n"
")"},
{"day",
"CREATE TABLE day ( -- of a long run: the days whose scans, flags and transactions stand in days/<date>.db\n"
"	date TEXT PRIMARY KEY,       -- UTC, yyyy-mm-dd\n"
"	first_tick INTEGER NOT NULL, -- of its rows\n"
"	last_tick INTEGER,           -- NULL: the day is not closed\n"
"	sha256 TEXT                  -- of its file once it is closed; nobody writes to it again\n"
") WITHOUT ROWID"},
{"event",
"CREATE TABLE event ( -- what happened beside the values\n"
"	id INTEGER PRIMARY KEY,\n"
"	at INTEGER NOT NULL,   -- bench time, ns\n"
"	tick INTEGER,          -- NULL: none\n"
"	level TEXT NOT NULL,   -- info, warning, error\n"
"	source TEXT NOT NULL,  -- bus, device, file ...\n"
"	text TEXT NOT NULL\n"
")"},
{"step",
"CREATE TABLE step ( -- what the procedure did\n"
"	number INTEGER PRIMARY KEY,  -- counts from 1 over all segments\n"
"	name TEXT NOT NULL,\n"
"	dut TEXT NOT NULL,           -- '' if none\n"
"	valve TEXT NOT NULL,         -- open, throttled ...; '' if not known\n"
"	unit TEXT NOT NULL,          -- of set_point\n"
"	set_point REAL,              -- NULL: none\n"
"	first_tick INTEGER NOT NULL,\n"
"	last_tick INTEGER,           -- NULL: was still going on\n"
"	done INTEGER NOT NULL        -- 1: ended as it should\n"
")"},
{"call",
"CREATE TABLE call ( -- what the procedure asked for and was answered, for a resume\n"
"	call INTEGER PRIMARY KEY,  -- counts from 1\n"
"	step INTEGER NOT NULL,     -- step.number\n"
"	what TEXT NOT NULL,\n"
"	answer TEXT NOT NULL       -- JSON\n"
")"},
{"mark",
"CREATE TABLE mark ( -- windows that the procedure measured\n"
"	id INTEGER PRIMARY KEY,\n"
"	name TEXT NOT NULL,\n"
"	step INTEGER NOT NULL,       -- step.number\n"
"	first_tick INTEGER NOT NULL,\n"
"	last_tick INTEGER NOT NULL\n"
")"},
{"clock_pair",
"CREATE TABLE clock_pair ( -- bench time against wall-clock time, at the start, every minute, at the end\n"
"	id INTEGER PRIMARY KEY,\n"
"	monotonic INTEGER NOT NULL,  -- ns\n"
"	utc INTEGER NOT NULL,        -- ns since 1970\n"
"	error_bound INTEGER NOT NULL -- the kernel's bound on utc, ns; negative: not known\n"
")"},
{"bus_health",
"CREATE TABLE bus_health ( -- how each bus did, per segment\n"
"	segment INTEGER NOT NULL,      -- segment.number\n"
"	bus TEXT NOT NULL,\n"
"	transactions INTEGER NOT NULL,\n"
"	timeouts INTEGER NOT NULL,\n"
"	checksums INTEGER NOT NULL,    -- replies that failed their check\n"
"	exceptions INTEGER NOT NULL,   -- requests that the device refused\n"
"	wrong INTEGER NOT NULL,        -- replies that were not to this request\n"
"	late INTEGER NOT NULL,         -- replies after their time-out\n"
"	missed_ticks INTEGER NOT NULL,\n"
"	drops INTEGER NOT NULL,        -- scans lost because the writer was too slow\n"
"	utilisation REAL,              -- share of the time the bus was busy, 0 to 1\n"
"	lateness TEXT NOT NULL,        -- JSON: wake-ups late by less than 2^i us, i = 0 .. 22, then the rest\n"
"	PRIMARY KEY (segment, bus)\n"
") WITHOUT ROWID"},
};
/* clang-format on */

enum { SCHEMA_TABLES = sizeof(schema_tables) / sizeof(schema_tables[0]) };

static int schema_fill_quality(struct sqlite3 *db, struct error *e)
{
	char sql[96];

	for (int i = 0; i < QUALITY_COUNT; i++) {
		snprintf(sql, sizeof(sql), "INSERT INTO quality VALUES (%d, '%s')", i, quality_name((enum quality)i));
		if (database_exec(db, sql, e) != 0)
			return -1;
	}
	return 0;
}

int schema_create(struct sqlite3 *db, struct error *e)
{
	char sql[96];

	snprintf(sql, sizeof(sql), "PRAGMA application_id = %d; PRAGMA user_version = %d", SCHEMA_APPLICATION,
		SCHEMA_VERSION);
	if (database_exec(db, "BEGIN", e) != 0 || database_exec(db, sql, e) != 0)
		return -1;
	for (int i = 0; i < SCHEMA_TABLES; i++)
		if (database_exec(db, schema_tables[i].sql, e) != 0)
			return -1;
	if (schema_fill_quality(db, e) != 0)
		return -1;
	return database_exec(db, "COMMIT", e);
}

int schema_check(struct sqlite3 *db, const char *path, struct error *e)
{
	struct error inner = ERROR_INIT;
	char maker[64] = "another program";
	int64_t application, version;

	if (database_number(db, "PRAGMA application_id", &application, e) != 0 ||
		database_number(db, "PRAGMA user_version", &version, e) != 0)
		return -1;
	if (application != SCHEMA_APPLICATION)
		return error_set(e, ERROR_DATA, "%s is an SQLite file, but not a heatbench run", path);
	if (version == SCHEMA_VERSION)
		return 0;
	/* The column has been there since version 1; should it ever go, the number alone must do. */
	database_text(db, "SELECT software FROM run", maker, sizeof(maker), &inner);
	return error_set(e, ERROR_DATA, "%s was made by %s with table version %lld; this program reads version %d",
		path, maker, (long long)version, SCHEMA_VERSION);
}

bool schema_reserved(const char *table)
{
	for (int i = 0; i < SCHEMA_TABLES; i++)
		if (strcmp(table, schema_tables[i].name) == 0)
			return true;
	return strncmp(table, "sqlite_", 7) == 0;
}

/* Many SQL keywords serve as a column's name without quotes (`current`, `last`), others do not or mean
 * something else (`order`, `null`): SQLite itself is asked. */
static bool schema_usable_bare(struct sqlite3 *db, const char *name)
{
	struct error ignored = ERROR_INIT;
	char sql[160];
	int64_t v = 0;

	snprintf(sql, sizeof(sql), "SELECT %s FROM (SELECT 42 AS \"%s\") AS t WHERE %s = 42", name, name, name);
	return database_number(db, sql, &v, &ignored) == 0 && v == 42;
}

int schema_check_name(struct sqlite3 *db, const char *what, const char *name, struct error *e)
{
	size_t good = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_");

	if (name[0] < 'a' || name[0] > 'z' || name[good])
		return error_set(e, ERROR_CONFIG,
			"%s \"%s\": expected a lower-case letter, then lower-case letters, digits and underscores", what,
			name);
	if (good >= 48)
		return error_set(e, ERROR_CONFIG, "%s \"%s\": a name has 47 characters at most", what, name);
	if (strcmp(name, "tick") == 0 || strcmp(name, "rowid") == 0 || strcmp(name, "oid") == 0 ||
		!schema_usable_bare(db, name))
		return error_set(e, ERROR_CONFIG,
			"%s \"%s\": the word means something else in the run's tables; call it \"%s_1\" or the like",
			what, name, name);
	return 0;
}

int schema_check_name_alone(const char *what, const char *name, struct error *e)
{
	struct sqlite3 *db = NULL;
	int result;

	if (sqlite3_open(":memory:", &db) != SQLITE_OK)
		result = error_set(e, ERROR_SYSTEM, "no memory to look at the name %s", name);
	else
		result = schema_check_name(db, what, name, e);
	sqlite3_close(db);
	return result;
}
