/* The manual pages carry the keys as the program reads them. */
#include "tests/script/fixture.h"

#include "daq/script/procedure.h"

static void carries(const char *page, void (*help)(FILE *to), const char *name)
{
	struct error e = ERROR_INIT;
	char path[640], *manual = NULL, *keys = NULL;
	size_t length;
	FILE *f = open_memstream(&keys, &length);

	help(f);
	fclose(f);
	snprintf(path, sizeof(path), "%s/docs/%s", data_directory(), page);
	if (text_read_file(path, &manual, NULL, &e) != 0)
		fail_msg("%s", e.text);
	if (!strstr(manual, keys))
		fail_msg("docs/%s does not carry what %s prints:\n%s", page, name, keys);
	free(manual);
	free(keys);
}

static void the_manual_of_bench_files_carries_every_key(void **state)
{
	(void)state;
	carries("bench-file.md", bench_file_help, "bench_file_help");
	carries("bench-file.md", map_file_help, "map_file_help");
	carries("bench-file.md", recording_map_help, "recording_map_help");
}

static void the_manual_of_procedures_carries_every_call(void **state)
{
	(void)state;
	carries("procedures.md", procedure_help, "procedure_help");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_manual_of_bench_files_carries_every_key),
		cmocka_unit_test(the_manual_of_procedures_carries_every_call),
	};

	fixture_environment();
	return cmocka_run_group_tests(tests, NULL, fixture_remove);
}
