#include "daq/store/reader.h"

#include "daq/base/error.h"
#include "daq/store/database.h"
#include "daq/store/run_private.h"

#include <stdio.h>
#include <time.h>

/* A run whose clean end is stored lacks only its manifest: it stays as it was judged. */
static int recover_mark(struct run *run, struct error *e)
{
	struct timespec now;
	struct tm tm;
	char stamp[32], sql[256];
	int64_t ended = -1;

	if (database_number(run->db, "SELECT ended FROM run", &ended, e) != 0)
		return -1;
	if (ended >= 0)
		return 0;
	clock_gettime(CLOCK_REALTIME, &now);
	gmtime_r(&now.tv_sec, &tm);
	strftime(stamp, sizeof(stamp), "%Y-%m-%dT%H:%M:%SZ", &tm);
	snprintf(sql, sizeof(sql),
		"UPDATE run SET recovered = %lld, verdict = 'incomplete', why = 'no clean end; recovered on %s'",
		(long long)now.tv_sec * 1000000000 + now.tv_nsec, stamp);
	return database_exec(run->db, sql, e);
}

int run_recover(const char *path, struct error *e)
{
	struct run *run;
	int result = -1;

	if (run_open_again(&run, path, e) != 0)
		return -1;
	if (recover_mark(run, e) == 0)
		result = run_close_evidence(run, e);
	run_free(run);
	return result;
}
