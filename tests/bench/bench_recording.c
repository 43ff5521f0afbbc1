/*
 * An exported log of a million rows and twelve columns: our parse (file to columns in memory, by all processors) against
 * pandas.read_csv of the same file (which uses one), alone, without the time that Python takes to start; and the whole import,
 * SQLite written, beside it.
 */
#include "tests/bench/bench.h"

#include "daq/base/error.h"
#include "daq/recording/recording_left_out.h"
#include "daq/recording/recording_rows.h"
#include "daq/script/map_file.h"

#include <math.h>
#include <string.h>
#include <unistd.h>

enum { ROWS = 1000000, COLUMNS = 12, PAIRS = 5 };

static void die(const char *what)
{
	fprintf(stderr, "%s\n", what);
	exit(2);
}

static void write_log(const char *path)
{
	static const char *const words[] = {"FALSE", "TRUE"};
	FILE *f = fopen(path, "w");
	unsigned x = 1;

	if (!f)
		die(path);
	fputs("\xef\xbb\xbf\"time.ts\",\"hp1.powerInput\",\"hp1.getFanSpeed\",\"hp1.circulatingPumpDutyCycle\",\"hp1.getCirculatingPumpRelay\","
	      "\"hp1.bottomPlateHeaterEnable\",\"hp1.compressorCrankcaseHeaterEnable\",\"hp1.acInputVoltage\",\"hp1.acInputCurrent\","
	      "\"hp1.temperatureOutside\",\"hp1.flowRate\",\"hp1.externalElectricityMeterPower\"\n", f);
	for (int i = 0; i < ROWS; i++) {
		x = x * 1664525u + 1013904223u;
		fprintf(f, "%lld,%.1f,%u,%.1f,%s,%s,%s,%u,%.1f,%.2f,", 1700000000000LL + 1000LL * i, 900 + (x >> 20) / 20.0, x >> 22,
			20 + (x >> 24) / 6.0, words[x >> 31], words[x >> 28 == 3], words[x >> 29 == 5], 225 + (x >> 28), 1 + (x >> 26) / 12.0,
			(x >> 21) / 100.0 - 5);
		if (x % 100)
			fprintf(f, "%.2f", 300 + (x >> 19) / 13.0);
		fprintf(f, ",%.3f\n", 900 + (x >> 12) / 5000.0);
	}
	if (fclose(f) != 0)
		die(path);
}

static double ours(const struct recording_file *file, const struct recording_map *map)
{
	struct recording_duts duts = {.count = 0};
	struct recording_rows rows;
	struct error e = ERROR_INIT;
	double start = bench_now(), took;

	if (recording_rows_read(&rows, file, map, &duts, &e) != 0)
		die(e.text);
	took = bench_now() - start;
	if (rows.count != ROWS)
		die("not all rows");
	recording_rows_free(&rows);
	return took;
}

static double pandas(const char *path)
{
	char command[1200];
	double took = NAN;
	FILE *p;

	snprintf(command, sizeof(command),
		"/usr/bin/python3 -c \"import time, pandas; t = time.perf_counter(); d = pandas.read_csv('%.500s'); "
		"print(time.perf_counter() - t); assert len(d) == %d\"", path, ROWS);
	p = popen(command, "r");
	if (!p || fscanf(p, "%lf", &took) != 1 || pclose(p) != 0)
		die("/usr/bin/python3 with pandas is needed");
	return took;
}

int main(int argc, char **argv)
{
	const char *folder = argc > 1 ? argv[1] : "/tmp";
	static struct recording_map map;
	static struct recording_file file;
	struct recording_import import = {.file = &file, .files = 1, .map = &map};
	struct run_about about = {.bench = "bench", .label = "log", .seed = -1};
	double a[PAIRS], b[PAIRS], ratio[PAIRS], start;
	char map_path[512], run[4096], name[96];
	struct error e = ERROR_INIT;

	snprintf(map_path, sizeof(map_path), "%s/benches/meters/recording.lua", data_directory());
	snprintf(file.path, sizeof(file.path), "%.400s/log.csv", folder);
	if (recording_map_read(&map, map_path, &e) != 0)
		die(e.text);
	write_log(file.path);
	for (int i = 0; i < PAIRS; i++) {
		b[i] = pandas(file.path);
		a[i] = ours(&file, &map);
		ratio[i] = b[i] / a[i];
	}
	snprintf(name, sizeof(name), "log of 1 M rows x 12 columns, parsed, %ld threads", sysconf(_SC_NPROCESSORS_ONLN));
	bench_figure(name, "s", bench_quantile(a, PAIRS, 0.5), bench_quantile(b, PAIRS, 0.5), "pandas.read_csv, 1 thread", bench_quantile(ratio, PAIRS, 0.5), 10, true, PAIRS);
	start = bench_now();
	if (recording_import(&import, &about, folder, run, sizeof(run), &e) != 0)
		die(e.text);
	printf("{\"name\": \"log of 1 M rows x 12 columns, imported into a run\", \"unit\": \"s\", \"ours\": %.4g, \"peer\": %.4g, "
	       "\"peer_name\": \"pandas.read_csv\"}\n", bench_now() - start, bench_quantile(b, PAIRS, 0.5));
	return 0;
}
