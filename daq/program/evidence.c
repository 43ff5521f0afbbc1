#include "daq/program/evidence.h"

#include "daq/base/error.h"
#include "daq/base/text.h"
#include "daq/store/folder.h"
#include "daq/store/reader.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/timex.h>
#include <time.h>
#include <unistd.h>

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* What the kernel says of the system clock. */
static void clock_state(char *out, size_t size)
{
	struct timex t = {0};
	int state = adjtimex(&t);

	snprintf(out, size, "%s, error at most %.3f ms", state == TIME_ERROR ? "not synchronised" : "synchronised",
		(double)t.maxerror / 1e3);
}

static void time_zone(char *out, size_t size)
{
	time_t now = time(NULL);
	struct tm tm;

	localtime_r(&now, &tm);
	strftime(out, size, "%Z %z", &tm);
}

void evidence_about(struct run_about *about, const char *bench, const char *label, const char *operator_name,
	const char *command)
{
	*about = (struct run_about){.seed = -1};
	text_copy(about->bench, sizeof(about->bench), bench);
	text_copy(about->label, sizeof(about->label), label);
	text_copy(about->operator, sizeof(about->operator), operator_name);
	text_copy(about->command, sizeof(about->command), command);
	text_copy(about->software, sizeof(about->software), "heatbench " HEATBENCH_VERSION);
	gethostname(about->host, sizeof(about->host) - 1);
	time_zone(about->time_zone, sizeof(about->time_zone));
	clock_state(about->clock_state, sizeof(about->clock_state));
}

/* Copies the file under its own name, or under a numbered one where that is taken. */
static int add_file(struct run *run, const char *path, struct error *e)
{
	char name[NAME_MAX], at[PATH_MAX];

	for (int n = 1; n < 100; n++) {
		if (n == 1)
			snprintf(name, sizeof(name), "%.200s", base_name(path));
		else
			snprintf(name, sizeof(name), "%d-%.200s", n, base_name(path));
		snprintf(at, sizeof(at), "%s/%s", run_path(run), name);
		if (access(at, F_OK) != 0)
			return run_add_file(run, path, name, e);
	}
	return error_set(e, ERROR_IO, "too many files called %s", base_name(path));
}

int evidence_create(struct run **out, const struct evidence_request *request, struct error *e)
{
	struct run_about about;
	struct run *run = NULL;

	evidence_about(&about, request->bench->name, request->label, request->operator_name, request->command);
	text_copy(about.procedure, sizeof(about.procedure), base_name(request->procedure));
	about.origin = request->simulated ? ORIGIN_SIMULATED : ORIGIN_MEASURED;
	about.seed = request->seed;
	about.utc = clock_utc(request->clock, clock_now(request->clock));
	about.period = request->bench->tick;
	if (run_create(&run, request->results, &about, request->bytes, e) != 0)
		return -1;
	if (request->bench->daily && run_in_days(run, e) != 0)
		goto fail;
	if (add_file(run, request->procedure, e) != 0)
		goto fail;
	for (int i = 0; i < request->bench->files; i++)
		if (add_file(run, request->bench->used[i], e) != 0)
			goto fail;
	for (int i = 0; i < request->bench->certificates; i++)
		if (request->bench->certificate[i].file[0] &&
			add_file(run, request->bench->certificate[i].file, e) != 0)
			goto fail;
	*out = run;
	return 0;
fail:
	run_abandon(run);
	return -1;
}

int evidence_same_procedure(const char *run, const char *procedure, struct error *e)
{
	char kept[PATH_MAX], then[65], now[65];

	snprintf(kept, sizeof(kept), "%s/%s", run, base_name(procedure));
	if (access(kept, F_OK) != 0)
		return error_set(e, ERROR_DATA, "run %s was not made with a procedure called %s", run,
			base_name(procedure));
	if (file_digest(kept, then, e) != 0 || file_digest(procedure, now, e) != 0)
		return -1;
	if (strcmp(then, now) != 0)
		return error_set(e, ERROR_DATA, "run %s was made with another %s: resume with --procedure %s", run,
			base_name(procedure), kept);
	return 0;
}

int evidence_same_source(const char *run, bool simulated, int64_t seed, struct error *e)
{
	struct run_reader *reader = NULL;
	struct run_summary was;
	int result = -1;

	if (run_reader_open(&reader, run, e) != 0 || run_reader_summary(reader, &was, e) != 0)
		goto out;
	if (was.about.origin != (simulated ? ORIGIN_SIMULATED : ORIGIN_MEASURED))
		error_set(e, ERROR_DATA, "run %s is %s: it cannot go on with values that are %s", run,
			origin_name(was.about.origin), simulated ? "simulated (--virtual)" : "measured");
	else if (simulated && was.about.seed != seed)
		error_set(e, ERROR_DATA, "run %s was made with --seed %lld of the virtual lab, not %lld", run,
			(long long)was.about.seed, (long long)seed);
	else
		result = 0;
out:
	run_reader_close(reader);
	return result;
}

int evidence_has_points(const char *run, bool *out, struct error *e)
{
	struct run_reader *reader = NULL;
	struct run_step *steps = NULL;
	int count = 0, result = -1;

	if (run_reader_open(&reader, run, e) != 0 || run_reader_steps(reader, &steps, &count, e) != 0)
		goto out;
	*out = false;
	for (int i = 0; i < count; i++)
		*out |= steps[i].dut[0] || !isnan(steps[i].set_point);
	result = 0;
out:
	free(steps);
	run_reader_close(reader);
	return result;
}

int evidence_truth_folder(const char *results, char *out, size_t size, struct error *e)
{
	mode_t mask;

	if (folder_make(results, e) != 0)
		return -1;
	if ((size_t)snprintf(out, size, "%s/.truth-XXXXXX", results) >= size) {
		out[0] = '\0';
		return error_set(e, ERROR_IO, "the path of the results folder is too long: %s", results);
	}
	if (!mkdtemp(out)) {
		out[0] = '\0';
		return error_set_errno(e, ERROR_IO, "the results folder %s is not writable", results);
	}
	mask = umask(022); /* mkdtemp lets nobody else in; what it becomes part of is as open as the user's other files */
	umask(mask);
	if (chmod(out, 0777 & ~mask) != 0)
		return error_set_errno(e, ERROR_IO, "cannot set the mode of %s", out);
	return 0;
}

int evidence_move_truth(char *truth, const char *run, struct error *e)
{
	char to[PATH_MAX];

	snprintf(to, sizeof(to), "%s/truth", run);
	for (int n = 2; access(to, F_OK) == 0 && n < 100; n++) /* a resumed run has one from each segment */
		snprintf(to, sizeof(to), "%s/truth-%d", run, n);
	if (rename(truth, to) != 0)
		return error_set_errno(e, ERROR_IO, "cannot move the truth to %s", to);
	truth[0] = '\0';
	return 0;
}

void evidence_drop_truth(const char *truth)
{
	DIR *folder = truth[0] ? opendir(truth) : NULL;
	struct dirent *entry;
	char path[PATH_MAX];

	if (!folder)
		return;
	while ((entry = readdir(folder))) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/%s", truth, entry->d_name);
		unlink(path);
	}
	closedir(folder);
	rmdir(truth);
}
