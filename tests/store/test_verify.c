#include "tests/store/sample.h"

#include "daq/store/digest.h"

#include <fcntl.h>
#include <jansson.h>
#include <sqlite3.h>
#include <sys/wait.h>

static void write_file(const char *folder, const char *name, const char *text)
{
	char path[4300];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	f = fopen(path, "w");
	assert_non_null(f);
	fputs(text, f);
	assert_int_equal(fclose(f), 0);
}

static void expect(const char *path, enum run_state want, const char *word)
{
	struct error e = ERROR_INIT;
	enum run_state state;
	char detail[512];

	must(run_verify(path, &state, detail, sizeof(detail), &e));
	if (state != want || !strstr(detail, word))
		fail_msg("%s: state %d (%s), expected %d and \"%s\"", path, (int)state, detail, (int)want, word);
}

/* A finished run with a bench file among its evidence. */
static void make_run(void **state, char *path, size_t size)
{
	struct error e = ERROR_INIT;
	struct run *run = sample_begin(*state);
	char bench[700];

	write_file(*state, "rig.lua", "return bench{}\n");
	snprintf(bench, sizeof(bench), "%s/rig.lua", (char *)*state);
	must(run_add_file(run, bench, "rig.lua", &e));
	snprintf(path, size, "%s", run_path(run));
	for (int i = 0; i < 100; i++)
		must(sample_put(run, i, &e));
	must(run_finish(run, sample_about().utc + 100 * NANOS_PER_S, "complete", "", &e));
}

static void an_untouched_run_is_intact(void **state)
{
	char path[4096], file[4200], name[600];

	make_run(state, path, sizeof(path));
	expect(path, RUN_INTACT, "as it was");
	snprintf(file, sizeof(file), "%s/run.db", path);
	expect(file, RUN_INTACT, "as it was");
	/* Its name is no evidence: an archive may sort runs in its own way. */
	snprintf(name, sizeof(name), "%s/renamed", (char *)*state);
	assert_int_equal(rename(path, name), 0);
	expect(name, RUN_INTACT, "as it was");
}

static void flip(const char *folder, const char *name, long at)
{
	char path[4300];
	int c;
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	f = fopen(path, "r+b");
	assert_non_null(f);
	fseek(f, at, at < 0 ? SEEK_END : SEEK_SET);
	c = fgetc(f);
	fseek(f, -1, SEEK_CUR);
	fputc(c ^ 1, f);
	assert_int_equal(fclose(f), 0);
}

static void one_flipped_bit_anywhere_in_the_data_is_found(void **state)
{
	static const long places[] = {20, 4000, 30000, -1, -700};
	char path[4096];

	make_run(state, path, sizeof(path));
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		flip(path, "run.db", places[i]);
		expect(path, RUN_CHANGED, "run.db changed");
		flip(path, "run.db", places[i]);
		expect(path, RUN_INTACT, "");
	}
}

static void a_changed_missing_or_extra_file_is_named(void **state)
{
	char path[4096], file[4200], other[4200];

	make_run(state, path, sizeof(path));
	write_file(path, "rig.lua", "return bench{}!\n");
	expect(path, RUN_CHANGED, "rig.lua changed: it has 16 bytes and had 15");
	write_file(path, "rig.lua", "return_bench{}\n");
	expect(path, RUN_CHANGED, "rig.lua changed");
	snprintf(file, sizeof(file), "%s/rig.lua", path);
	unlink(file);
	expect(path, RUN_CHANGED, "rig.lua is missing");
	write_file(path, "rig.lua", "return bench{}\n");
	expect(path, RUN_INTACT, "");
	write_file(path, "notes.txt", "");
	expect(path, RUN_CHANGED, "notes.txt is extra");
	snprintf(other, sizeof(other), "%s/notes.txt", path);
	unlink(other);
	unlink(file);
	assert_int_equal(symlink("/etc/hostname", file), 0);
	expect(path, RUN_CHANGED, "rig.lua is missing");
}

static void a_missing_database_is_a_change(void **state)
{
	char path[4096], file[4200];

	make_run(state, path, sizeof(path));
	snprintf(file, sizeof(file), "%s/run.db", path);
	unlink(file);
	expect(path, RUN_CHANGED, "run.db is missing");
}

static void an_edited_manifest_is_found(void **state)
{
	char path[4096], file[4200], *text;
	json_t *root;

	make_run(state, path, sizeof(path));
	snprintf(file, sizeof(file), "%s/manifest.json", path);
	root = json_load_file(file, 0, NULL);
	json_object_set_new(root, "ended", json_string("2030-01-01T00:00:00Z"));
	text = json_dumps(root, 0);
	write_file(path, "manifest.json", text);
	expect(path, RUN_CHANGED, "chain breaks");
	free(text);
	json_decref(root);
	write_file(path, "manifest.json", "{\"format\": 1");
	expect(path, RUN_CHANGED, "manifest.json is damaged");
	write_file(path, "manifest.json", "[]");
	expect(path, RUN_CHANGED, "manifest.json is damaged");
}

static void a_file_changed_with_its_digest_breaks_the_chain(void **state)
{
	char path[4096], file[4200], sha256[65], *text;
	struct error e = ERROR_INIT;
	json_t *root;

	make_run(state, path, sizeof(path));
	write_file(path, "rig.lua", "return_bench{}\n");
	snprintf(file, sizeof(file), "%s/rig.lua", path);
	must(file_digest(file, sha256, &e));
	snprintf(file, sizeof(file), "%s/manifest.json", path);
	root = json_load_file(file, 0, NULL);
	json_object_set_new(json_array_get(json_object_get(root, "files"), 0), "sha256", json_string(sha256));
	text = json_dumps(root, 0);
	write_file(path, "manifest.json", text);
	expect(path, RUN_CHANGED, "the chain breaks at rig.lua");
	free(text);
	json_decref(root);
}

static void digests_are_those_of_the_standard(void **state)
{
	char path[700], got[65];
	struct error e = ERROR_INIT;

	/* FIPS 180-2, appendix B.1 */
	digest_bytes("abc", 3, got);
	assert_string_equal(got, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	write_file(*state, "abc", "abc");
	snprintf(path, sizeof(path), "%s/abc", (char *)*state);
	must(file_digest(path, got, &e));
	assert_string_equal(got, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	assert_int_equal(file_digest("/no/such/file", got, &e), -1);
	assert_int_equal(e.code, ERROR_IO);
}

static void evaluations_are_no_evidence(void **state)
{
	char path[4096], one[4300], two[4300];
	struct error e = ERROR_INIT;

	make_run(state, path, sizeof(path));
	assert_int_equal(run_last_evaluation(path, one, sizeof(one)), 0);
	must(run_new_evaluation(path, one, sizeof(one), &e));
	must(run_new_evaluation(path, two, sizeof(two), &e));
	write_file(two, "report.json", "{}");
	assert_int_equal(strcmp(one + strlen(one) - 14, "/evaluations/1"), 0);
	assert_int_equal(strcmp(two + strlen(two) - 14, "/evaluations/2"), 0);
	assert_int_equal(run_last_evaluation(path, one, sizeof(one)), 2);
	assert_string_equal(one, two);
	expect(path, RUN_INTACT, "");
}

/* A writer that ends without a word, with uncommitted rows, in a process of its own. */
static void make_killed(const char *results, char *path, size_t size)
{
	int status = 0;
	pid_t pid = fork();

	if (pid == 0) {
		struct error e = ERROR_INIT;
		struct run *run = sample_begin(results);

		for (int i = 0; i < 50; i++)
			sample_put(run, i, &e);
		run_commit(run, &e);
		for (int i = 50; i < 70; i++)
			sample_put(run, i, &e);
		_exit(e.code == ERROR_NONE ? 0 : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	snprintf(path, size, "%s/20231114T221320Z-pump-sample", results);
}

static void a_killed_run_has_no_clean_end_until_it_is_recovered(void **state)
{
	struct run_reader *reader = NULL;
	struct error e = ERROR_INIT;
	struct run_summary s;
	char path[4096];

	make_killed(*state, path, sizeof(path));
	expect(path, RUN_NO_CLEAN_END, "no clean end");
	assert_int_equal(sample_compare(path), 50);
	expect(path, RUN_NO_CLEAN_END, "no clean end");
	must(run_recover(path, &e));
	expect(path, RUN_INTACT, "");
	assert_int_equal(sample_compare(path), 50);
	must(run_reader_open(&reader, path, &e));
	must(run_reader_summary(reader, &s, &e));
	assert_string_equal(s.verdict, "incomplete");
	assert_non_null(strstr(s.why, "no clean end; recovered on 2"));
	assert_int_equal(s.ended_utc, 0);
	run_reader_close(reader);
}

static void a_run_ended_but_without_manifest_keeps_its_verdict(void **state)
{
	struct run_reader *reader = NULL;
	struct error e = ERROR_INIT;
	struct run_summary s;
	struct run *run = NULL;
	char path[4096], file[4200];

	make_run(state, path, sizeof(path));
	snprintf(file, sizeof(file), "%s/manifest.json", path);
	unlink(file);
	expect(path, RUN_NO_CLEAN_END, "");
	assert_int_equal(run_resume(&run, path, "digest", &e), -1);
	error_clear(&e);
	must(run_recover(path, &e));
	expect(path, RUN_INTACT, "");
	must(run_reader_open(&reader, path, &e));
	must(run_reader_summary(reader, &s, &e));
	assert_string_equal(s.verdict, "complete");
	run_reader_close(reader);
}

static void digest_of(const char *folder, const char *name, char out[65])
{
	struct error e = ERROR_INIT;
	char path[4300];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	must(file_digest(path, out, &e));
}

static void looking_at_a_run_changes_nothing(void **state)
{
	char path[4096], before[2][65], after[2][65];

	make_killed(*state, path, sizeof(path));
	digest_of(path, "run.db", before[0]);
	digest_of(path, "run.db-wal", before[1]);
	for (int i = 0; i < 3; i++) {
		expect(path, RUN_NO_CLEAN_END, "");
		assert_int_equal(sample_compare(path), 50);
	}
	digest_of(path, "run.db", after[0]);
	digest_of(path, "run.db-wal", after[1]);
	assert_string_equal(before[0], after[0]);
	assert_string_equal(before[1], after[1]);
}

static void refuse(const char *path, const char *word)
{
	struct run_reader *reader = NULL;
	struct error e = ERROR_INIT;

	assert_int_equal(run_reader_open(&reader, path, &e), -1);
	assert_null(reader);
	if (e.code != ERROR_DATA || !strstr(e.text, word))
		fail_msg("%s (code %d), expected \"%s\"", e.text, (int)e.code, word);
}

static void what_is_no_run_is_refused_with_the_reason(void **state)
{
	char path[4096], file[4200], folder[700];
	sqlite3 *db = NULL;

	refuse("/no/such/run", "there is no run");
	refuse(*state, "has no run.db");
	snprintf(folder, sizeof(folder), "%s/other", (char *)*state);
	assert_int_equal(mkdir(folder, 0777), 0);
	write_file(folder, "run.db", "this is a text of some length, and no database at all, as one sees at once\n");
	refuse(folder, "not a database");
	write_file(folder, "run.db", "");
	refuse(folder, "not a heatbench run");
	make_run(state, path, sizeof(path));
	snprintf(file, sizeof(file), "%s/run.db", path);
	assert_int_equal(sqlite3_open(file, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "PRAGMA user_version = 77; UPDATE run SET software = 'heatbench 9.1'", NULL, NULL,
				 NULL), SQLITE_OK);
	sqlite3_close(db);
	refuse(path, "was made by heatbench 9.1 with table version 77; this program reads version 1");
}

static void a_damaged_database_is_an_error_and_no_crash(void **state)
{
	char path[4096], file[4200];
	struct stat st;

	make_run(state, path, sizeof(path));
	snprintf(file, sizeof(file), "%s/run.db", path);
	assert_int_equal(stat(file, &st), 0);
	for (long cut = 1; cut < st.st_size; cut += 3000) {
		struct run_reader *reader = NULL;
		struct error e = ERROR_INIT;
		struct run_summary s;
		struct run_table t;

		assert_int_equal(truncate(file, st.st_size - cut), 0);
		if (run_reader_open(&reader, path, &e) == 0 && run_reader_summary(reader, &s, &e) == 0 &&
			run_reader_table(reader, "scan", &t, &e) == 0)
			run_table_free(&t);
		else
			assert_true(e.text[0] != '\0');
		run_reader_close(reader);
	}
}

/* `test_verify --make finished|killed DIR` leaves a run for tests of programs and prints its path. */
static int make_for_others(const char *kind, char *results)
{
	char path[4096];
	void *state = results;

	if (strcmp(kind, "killed") == 0)
		make_killed(results, path, sizeof(path));
	else
		make_run(&state, path, sizeof(path));
	puts(path);
	return 0;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(an_untouched_run_is_intact, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(one_flipped_bit_anywhere_in_the_data_is_found, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(a_changed_missing_or_extra_file_is_named, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(a_missing_database_is_a_change, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(an_edited_manifest_is_found, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(a_file_changed_with_its_digest_breaks_the_chain, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(digests_are_those_of_the_standard, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(evaluations_are_no_evidence, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(a_killed_run_has_no_clean_end_until_it_is_recovered, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(a_run_ended_but_without_manifest_keeps_its_verdict, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(looking_at_a_run_changes_nothing, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(what_is_no_run_is_refused_with_the_reason, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(a_damaged_database_is_an_error_and_no_crash, scratch_make, scratch_remove),
	};

	if (argc == 4 && strcmp(argv[1], "--make") == 0)
		return make_for_others(argv[2], argv[3]);
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
