/*
 * What happens to a run when its writer is killed, watched, resumed, or out of disk. Where another process
 * takes part it is forked, and told by a pipe how far it got.
 */
#include "tests/store/sample.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>

static void child_say(int fd, int64_t n)
{
	if (write(fd, &n, sizeof(n)) != sizeof(n))
		_exit(3);
}

static int64_t parent_hear(int fd)
{
	int64_t n = -1;

	return read(fd, &n, sizeof(n)) == sizeof(n) ? n : -1;
}

/* Writes for ever, ten scans to a commit, and says after each commit how many scans there are. */
static void child_write(const char *results, int fd)
{
	struct error e = ERROR_INIT;
	struct run *run = sample_begin(results);

	for (int64_t tick = 0;; tick++) {
		if (sample_put(run, tick, &e) != 0)
			_exit(4);
		if (tick % 10 != 9)
			continue;
		if (run_commit(run, &e) != 0)
			_exit(5);
		child_say(fd, tick + 1);
	}
}

static pid_t fork_writer(const char *results, int *hear)
{
	int ends[2];
	pid_t pid;

	assert_int_equal(pipe(ends), 0);
	pid = fork();
	if (pid == 0) {
		close(ends[0]);
		child_write(results, ends[1]);
	}
	close(ends[1]);
	*hear = ends[0];
	return pid;
}

static void end_child(pid_t pid)
{
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static void only_run(const char *results, char *out, size_t size)
{
	snprintf(out, size, "%s/20231114T221320Z-pump-sample", results);
}

static void a_killed_writer_loses_at_most_the_last_commit(void **state)
{
	for (int round = 0; round < 5; round++) {
		char results[600], path[700];
		int64_t committed = 0, later, rows;
		struct error e = ERROR_INIT;
		int hear;
		pid_t pid;

		snprintf(results, sizeof(results), "%s/%d", (char *)*state, round);
		pid = fork_writer(results, &hear);
		while (committed < 200 + 370 * round)
			committed = parent_hear(hear);
		kill(pid, SIGKILL); /* in the middle of whatever it does */
		assert_int_equal(waitpid(pid, NULL, 0), pid);
		while ((later = parent_hear(hear)) > 0)
			committed = later;
		close(hear);
		only_run(results, path, sizeof(path));
		rows = sample_compare(path);
		/* A commit may have ended before it could be told. */
		assert_true(rows == committed || rows == committed + 10);
		must(run_recover(path, &e));
		assert_int_equal(sample_compare(path), rows);
	}
}

static void a_run_is_read_while_it_is_written(void **state)
{
	char path[600];
	int64_t before = 0;
	int hear;
	pid_t pid = fork_writer(*state, &hear);

	only_run(*state, path, sizeof(path));
	for (int i = 0; i < 20; i++) {
		int64_t committed = parent_hear(hear), rows;

		assert_true(committed > 0);
		rows = sample_compare(path);
		assert_true(rows >= committed && rows % 10 == 0 && rows >= before);
		before = rows;
	}
	end_child(pid);
	close(hear);
}

static void a_second_writer_is_refused_and_told_who_writes(void **state)
{
	struct error e = ERROR_INIT;
	struct run *run = NULL;
	enum run_state verdict;
	char path[600], detail[256], who[32];
	int hear;
	pid_t pid = fork_writer(*state, &hear);

	snprintf(who, sizeof(who), "process %d", (int)pid);
	only_run(*state, path, sizeof(path));
	assert_true(parent_hear(hear) > 0);
	assert_int_equal(run_resume(&run, path, "digest", &e), -1);
	assert_int_equal(e.code, ERROR_BUSY);
	assert_non_null(strstr(e.text, "is being written by"));
	assert_non_null(strstr(e.text, who));
	error_clear(&e);
	assert_int_equal(run_recover(path, &e), -1);
	assert_int_equal(e.code, ERROR_BUSY);
	error_clear(&e);
	must(run_verify(path, &verdict, detail, sizeof(detail), &e));
	assert_int_equal(verdict, RUN_NO_CLEAN_END);
	assert_non_null(strstr(detail, who));
	/* ... and the first one does not notice. */
	for (int i = 0; i < 5; i++)
		assert_true(parent_hear(hear) > 0);
	end_child(pid);
	close(hear);
	must(run_resume(&run, path, "digest", &e));
	run_abandon(run);
}

static void a_viewer_does_not_keep_a_run_from_its_clean_end(void **state)
{
	struct run *run = sample_begin(*state);
	struct run_reader *viewer = NULL;
	struct error e = ERROR_INIT;
	enum run_state verdict;
	struct run_table t;
	char path[4096], detail[512];

	snprintf(path, sizeof(path), "%s", run_path(run));
	for (int i = 0; i < 50; i++)
		must(sample_put(run, i, &e));
	must(run_commit(run, &e));
	must(run_reader_open(&viewer, path, &e));
	must(run_reader_table(viewer, "scan", &t, &e));
	run_table_free(&t);
	for (int i = 50; i < 80; i++)
		must(sample_put(run, i, &e));
	must(run_finish(run, sample_about().utc + 1, "complete", "", &e));
	must(run_verify(path, &verdict, detail, sizeof(detail), &e));
	assert_int_equal(verdict, RUN_INTACT);
	must(run_reader_table(viewer, "scan", &t, &e));
	assert_int_equal(t.rows, 80);
	run_table_free(&t);
	run_reader_close(viewer);
	assert_int_equal(sample_compare(path), 80);
	must(run_verify(path, &verdict, detail, sizeof(detail), &e));
	assert_int_equal(verdict, RUN_INTACT);
}

static void a_clean_end_leaves_one_file_that_is_whole_by_itself(void **state)
{
	char path[4096], file[4200];
	unsigned char header[20];
	FILE *f;

	sample_finished(*state, 100, path, sizeof(path));
	for (int i = 0; i < 3; i++) {
		snprintf(file, sizeof(file), "%s/%s", path, (const char *[]){"run.db-wal", "run.db-shm", "lock"}[i]);
		assert_int_equal(access(file, F_OK), -1);
	}
	snprintf(file, sizeof(file), "%s/run.db", path);
	f = fopen(file, "rb");
	assert_int_equal(fread(header, 1, sizeof(header), f), sizeof(header));
	fclose(f);
	assert_int_equal(header[18], 1); /* file format: no write-ahead log */
	assert_int_equal(header[19], 1);
}

static void a_run_on_read_only_media_opens(void **state)
{
	char path[4096];

	sample_finished(*state, 40, path, sizeof(path));
	if (mount(path, path, NULL, MS_BIND, NULL) != 0 ||
		mount(NULL, path, NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL) != 0) {
		umount2(path, MNT_DETACH);
		skip();
	}
	assert_int_equal(access(path, W_OK), -1);
	assert_int_equal(sample_compare(path), 40);
	umount2(path, MNT_DETACH);
}

/* Even a file left in WAL mode: nobody can write there, and without a log nothing is missing. */
static void a_log_mode_file_on_read_only_media_opens(void **state)
{
	struct run *run = sample_begin(*state);
	struct error e = ERROR_INIT;
	char path[4096], file[4200];

	snprintf(path, sizeof(path), "%s", run_path(run));
	for (int i = 0; i < 30; i++)
		must(sample_put(run, i, &e));
	must(run_commit(run, &e));
	run_abandon(run);
	snprintf(file, sizeof(file), "%s/run.db-wal", path);
	assert_int_equal(access(file, F_OK), -1);
	if (mount(path, path, NULL, MS_BIND, NULL) != 0 ||
		mount(NULL, path, NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL) != 0) {
		umount2(path, MNT_DETACH);
		skip();
	}
	assert_int_equal(sample_compare(path), 30);
	umount2(path, MNT_DETACH);
}

/* A killed run's log beside it: read through an index in memory, and nothing is lost. */
static void a_killed_run_on_read_only_media_opens(void **state)
{
	char path[600];
	int64_t committed = 0, rows;
	int hear;
	pid_t pid = fork_writer(*state, &hear);

	only_run(*state, path, sizeof(path));
	while (committed < 100)
		committed = parent_hear(hear);
	end_child(pid);
	close(hear);
	if (mount(path, path, NULL, MS_BIND, NULL) != 0 ||
		mount(NULL, path, NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL) != 0) {
		umount2(path, MNT_DETACH);
		skip();
	}
	rows = sample_compare(path);
	umount2(path, MNT_DETACH);
	assert_true(rows >= committed);
}

static void a_resumed_run_goes_on_at_the_next_tick(void **state)
{
	struct run_segment again = {.boot_id = "other", .bench_digest = "digest"};
	struct run *run = sample_begin(*state);
	struct run_reader *reader = NULL;
	struct error e = ERROR_INIT;
	struct run_table t;
	char path[4096];

	snprintf(path, sizeof(path), "%s", run_path(run));
	for (int i = 0; i < 20; i++)
		must(sample_put(run, i, &e));
	must(run_commit(run, &e));
	must(sample_put(run, 20, &e)); /* never committed */
	run_abandon(run);
	must(run_resume(&run, path, "digest", &e));
	assert_int_equal(run_next_tick(run), 20);
	again.first_tick = 20;
	again.utc = sample_about().utc + 3600 * NANOS_PER_S;
	assert_int_equal(run_begin_segment(run, &again, &e), 1);
	for (int i = 20; i < 45; i++)
		must(sample_put(run, i, &e));
	must(run_finish(run, again.utc, "complete", "", &e));
	assert_int_equal(sample_compare(path), 45);
	must(run_reader_open(&reader, path, &e));
	must(run_reader_table(reader, "scan", &t, &e));
	assert_true(t.time[19] == 19 && t.time[20] == 3600 && t.time[44] == 3624);
	run_table_free(&t);
	run_reader_close(reader);
}

static void a_resume_with_another_bench_is_refused(void **state)
{
	struct run *run = sample_begin(*state);
	struct error e = ERROR_INIT;
	char path[4096];

	snprintf(path, sizeof(path), "%s", run_path(run));
	must(run_commit(run, &e));
	run_abandon(run);
	run = NULL;
	assert_int_equal(run_resume(&run, path, "another", &e), -1);
	assert_int_equal(e.code, ERROR_DATA);
	assert_non_null(strstr(e.text, "another bench"));
	assert_null(run);
	error_clear(&e);
	must(run_resume(&run, path, "digest", &e));
	run_abandon(run);
}

static void a_finished_run_is_neither_resumed_nor_recovered(void **state)
{
	struct error e = ERROR_INIT;
	struct run *run = NULL;
	enum run_state verdict;
	char path[4096], detail[256];

	sample_finished(*state, 10, path, sizeof(path));
	assert_int_equal(run_resume(&run, path, "digest", &e), -1);
	assert_int_equal(e.code, ERROR_DATA);
	error_clear(&e);
	assert_int_equal(run_recover(path, &e), -1);
	assert_int_equal(e.code, ERROR_DATA);
	error_clear(&e);
	must(run_verify(path, &verdict, detail, sizeof(detail), &e));
	assert_int_equal(verdict, RUN_INTACT);
}

/* Writes until the disk refuses; returns how many scans were committed. */
static int64_t write_until_full(struct run *run, struct error *e)
{
	int64_t committed = 0;

	for (int64_t tick = 0; tick < 10000000; tick++) {
		if (sample_put(run, tick, e) != 0)
			return committed;
		if (tick % 100 == 99) {
			if (run_commit(run, e) != 0)
				return committed;
			committed = tick + 1;
		}
	}
	return -1;
}

static void a_full_disk_loses_nothing_that_was_committed(void **state)
{
	char disk[600], ballast[700], path[4096];
	struct error e = ERROR_INIT;
	enum run_state verdict;
	struct run *run;
	int64_t committed;
	int fd;

	snprintf(disk, sizeof(disk), "%s/disk", (char *)*state);
	assert_int_equal(mkdir(disk, 0777), 0);
	if (mount("tmpfs", disk, "tmpfs", 0, "size=3m") != 0)
		skip();
	snprintf(ballast, sizeof(ballast), "%s/ballast", disk);
	fd = open(ballast, O_WRONLY | O_CREAT, 0666);
	assert_int_equal(posix_fallocate(fd, 0, 1000000), 0);
	close(fd);
	run = sample_begin(disk);
	snprintf(path, sizeof(path), "%s", run_path(run));
	committed = write_until_full(run, &e);
	assert_true(committed > 1000);
	assert_int_equal(e.code, ERROR_IO);
	assert_non_null(strstr(e.text, "everything up to the last commit is safe"));
	print_message("# %s\n", e.text);
	error_clear(&e);
	assert_int_equal(sample_compare(path), committed);
	run_abandon(run);
	assert_int_equal(sample_compare(path), committed);
	/* With room again, the run can be closed. */
	unlink(ballast);
	must(run_recover(path, &e));
	assert_int_equal(sample_compare(path), committed);
	must(run_verify(path, &verdict, e.text, sizeof(e.text), &e));
	assert_int_equal(verdict, RUN_INTACT);
	umount2(disk, MNT_DETACH);
}

/* The same where nothing may be mounted: the kernel refuses files above a size. */
static void a_file_that_may_not_grow_loses_nothing_that_was_committed(void **state)
{
	char path[600];
	int64_t committed;
	int ends[2], status = 0;
	pid_t pid;

	only_run(*state, path, sizeof(path));
	assert_int_equal(pipe(ends), 0);
	pid = fork();
	if (pid == 0) {
		const struct rlimit limit = {.rlim_cur = 1500000, .rlim_max = 1500000};
		struct error e = ERROR_INIT;
		struct run *run;

		signal(SIGXFSZ, SIG_IGN);
		setrlimit(RLIMIT_FSIZE, &limit);
		run = sample_begin(*state);
		child_say(ends[1], write_until_full(run, &e));
		run_abandon(run);
		_exit(e.code == ERROR_IO ? 0 : 1);
	}
	committed = parent_hear(ends[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_true(committed > 1000);
	assert_int_equal(sample_compare(path), committed);
	close(ends[0]);
	close(ends[1]);
}

/* Mounts of these tests are nobody else's business. */
static int own_mounts(void **state)
{
	(void)state;
	if (unshare(CLONE_NEWNS) == 0)
		mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_killed_writer_loses_at_most_the_last_commit, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(a_run_is_read_while_it_is_written, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(a_second_writer_is_refused_and_told_who_writes, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(a_viewer_does_not_keep_a_run_from_its_clean_end, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(a_clean_end_leaves_one_file_that_is_whole_by_itself, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(a_run_on_read_only_media_opens, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(a_log_mode_file_on_read_only_media_opens, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(a_killed_run_on_read_only_media_opens, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(a_resumed_run_goes_on_at_the_next_tick, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(a_resume_with_another_bench_is_refused, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(a_finished_run_is_neither_resumed_nor_recovered, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(a_full_disk_loses_nothing_that_was_committed, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(a_file_that_may_not_grow_loses_nothing_that_was_committed, scratch_make, scratch_remove),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, own_mounts, NULL);
}
