/*
 * record_cases.h - the cases of fixtures/recordings: the bench that each was recorded with, what must come out of
 * it, and how to record those of the virtual lab anew (after a change of the wire or of the lab):
 *
 *	build/tests/wire/test_words_record --record build/heatbench-lab fixtures/recordings
 */
#ifndef HEATBENCH_TESTS_WIRE_RECORD_CASES_H
#define HEATBENCH_TESTS_WIRE_RECORD_CASES_H

#include "tests/acquire/rig.h"

#include "daq/wire/words_record.h"

#include <jansson.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

struct record_case {
	const char *name;
	const char *fault; /* of the lab; NULL: written by hand */
	int seconds;
	void (*describe)(struct rig *rig);
	const char *qualities; /* first letter of the quality of the first channel, tick by tick; '-' gap */
	const char *event;     /* a word of the journal */
	double lowest, highest; /* of all good values of the first channel */
};

struct case_result {
	char qualities[200], values[16000], events[16000];
	double lowest, highest;
};

/* An outdoor unit: flow, pump power; relay and duty as outputs; the firmware proves that it is in step. */
static void describe_odu(struct rig *rig)
{
	static const struct {
		int address;
		double scale;
	} rows[] = {{2138, 0.618}, {2137, 0.1}, {2010, 1}, {2015, 1}, {2122, 1}};

	rig_describe(rig, 1, 3, S, 300 * MS);
	for (int i = 0; i < 5; i++) {
		rig->map.row[i].address = rows[i].address;
		rig->map.row[i].scale = rows[i].scale;
	}
	rig->map.row[2].writable = rig->bench->channel[2].output = true;
	snprintf(rig->bench->bus[0].words.name, sizeof(rig->bench->bus[0].words.name), "odu");
	/* a port that is not there: a bus whose recording ended in "gone" cannot reach another */
	snprintf(rig->bench->bus[0].words.port, sizeof(rig->bench->bus[0].words.port), "/nowhere/odu");
}

/* A meter that only has its published voltage: nothing proves it and nothing is set. */
static void describe_sdm120(struct rig *rig)
{
	rig_describe(rig, 1, 1, S, 1000 * MS);
	rig->bench->channels = 1;
	rig->map.row[0].address = 0;
	rig->map.row[0].function = 4;
	rig->map.row[0].type = REGISTER_F32;
	rig->map.check = -1;
	rig->map.identities = 0;
	snprintf(rig->bench->bus[0].words.port, sizeof(rig->bench->bus[0].words.port), "/nowhere/meter");
}

static const struct record_case record_case_list[] = {
	{"odu-late", "odu1:late@15s,count=1,ms=450", 40, describe_odu, "ggggggggggggggt-gggggggggggggggggggggggg",
		"ms after their time-out and were thrown away", 880, 915},
	{"odu-garbled", "odu1:garbled@15s,count=2", 40, describe_odu, "ggggggggggggggccgggggggggggggggggggggggg", "", 880,
		915},
	{"odu-exception", "odu1:exception@15s,count=3,code=4", 40, describe_odu,
		"ggggggggggggggeeeggggggggggggggggggggggg", "", 880, 915},
	{"odu-gone", "odu:replug@15s+8s", 40, describe_odu, "ggggggggggggggt-------------------------",
		"the port is gone", 880, 915},
	/* nothing can prove that this bus is in step again, so what comes after the garbled reply is suspect */
	{"sdm120-voltage", NULL, 5, describe_sdm120, "ggcss", "", 230.19, 230.21},
};

enum { RECORD_CASES = sizeof(record_case_list) / sizeof(record_case_list[0]) };

__attribute__((unused)) static const struct record_case *record_case_find(const char *name)
{
	for (int i = 0; i < RECORD_CASES; i++)
		if (strcmp(record_case_list[i].name, name) == 0)
			return &record_case_list[i];
	return NULL;
}

static void case_add(struct case_result *out, const struct rig_scan *s)
{
	size_t n = strlen(out->qualities), v = strlen(out->values);

	if (n + 2 < sizeof(out->qualities)) {
		out->qualities[n] = s->quality[0] == QUALITY_GAP ? '-' : quality_name((enum quality)s->quality[0])[0];
		out->qualities[n + 1] = '\0';
	}
	for (int i = 0; i < s->n && v < sizeof(out->values) - 40; i++)
		v += (size_t)snprintf(out->values + v, sizeof(out->values) - v, "%.17g/%d ", s->value[i], s->quality[i]);
	/* the pump starts in the first ten seconds */
	if (s->quality[0] != QUALITY_GOOD || (s->tick < 12 && s->n > 1))
		return;
	out->lowest = fmin(out->lowest, s->value[0]);
	out->highest = fmax(out->highest, s->value[0]);
}

static void case_order(struct rig *rig, int channel, double value)
{
	struct error e = ERROR_INIT;
	long ticket = bus_command(rig->bus, channel, value, rig->seat);

	while (bus_command_done(rig->bus, ticket, &e) == 0)
		clock_wait(rig->seat, clock_now(rig->clock) + 10 * MS);
}

/* Opens the bus on these words, sets relay and duty where there are such, reads for so long, and ends. */
static void case_run(struct rig *rig, struct words *words, int seconds, struct case_result *out)
{
	struct rig_scan scan;

	memset(out, 0, sizeof(*out));
	out->lowest = INFINITY;
	out->highest = -INFINITY;
	rig_open_bus(rig, words);
	rig_start(rig);
	if (rig->map.row[0].address == 2138) {
		case_order(rig, 2, 4096);
		case_order(rig, 3, 400);
	}
	rig_run(rig, seconds * S + S / 2); /* not on a tick: whether that is still read would be luck */
	rig_stop(rig);
	while (rig_next(rig, &scan, out->events, sizeof(out->events)))
		case_add(out, &scan);
	rig_free(rig);
}

/* ---- recording from the virtual lab ---- */

static pid_t record_start_lab(const char *lab, const char *fault, char *control, char *port, size_t size)
{
	json_t *ready;
	char line[4096];
	int out[2];
	FILE *from;
	pid_t pid;

	if (pipe(out) != 0 || (pid = fork()) < 0)
		return -1;
	if (pid == 0) {
		dup2(out[1], 1);
		execl(lab, lab, "--rig", "pump", "--seed", "1", "--fault", fault, (char *)NULL);
		_exit(127);
	}
	close(out[1]);
	from = fdopen(out[0], "r");
	ready = fgets(line, sizeof(line), from) ? json_loads(line, 0, NULL) : NULL;
	snprintf(control, size, "%s", json_string_value(json_object_get(ready, "control")));
	snprintf(port, size, "%s",
		json_string_value(json_object_get(json_object_get(json_object_get(ready, "endpoints"), "odu"), "port")));
	json_decref(ready);
	return pid;
}

static int record_one(const char *lab, const char *folder, const struct record_case *c)
{
	static struct case_result result;
	struct words *words = NULL, *recorder = NULL;
	struct words_config *config;
	struct error e = ERROR_INIT;
	char control[128], path[400];
	struct rig rig;
	pid_t pid;

	c->describe(&rig);
	config = &rig.bench->bus[0].words;
	pid = record_start_lab(lab, c->fault, control, config->port, sizeof(config->port));
	snprintf(path, sizeof(path), "%s/%s.wire", folder, c->name);
	unlink(path);
	if (pid < 0 || lockstep_open(&rig.clock, control, &e) != 0)
		goto fail;
	rig_make(&rig);
	if (lockstep_timeout(rig.clock, "odu", config->response_timeout, &e) != 0 ||
		words_open(&words, config, rig.seat, &e) != 0 ||
		words_record_open(&recorder, words, path, config, rig.seat, &e) != 0)
		goto fail;
	/* from here on the port is only that of the recorder: as in the replay */
	snprintf(config->port, sizeof(config->port), "/nowhere/odu");
	case_run(&rig, recorder, c->seconds, &result);
	printf("%s\n  %s\n  %g .. %g\n%s", c->name, result.qualities, result.lowest, result.highest, result.events);
	kill(pid, SIGTERM);
	waitpid(pid, NULL, 0);
	return 0;
fail:
	fprintf(stderr, "%s: %s\n", c->name, e.text);
	if (pid > 0)
		kill(pid, SIGTERM);
	return 2;
}

__attribute__((unused)) static int record_cases(const char *lab, const char *folder)
{
	int status = 0;

	for (int i = 0; i < RECORD_CASES; i++)
		if (record_case_list[i].fault)
			status |= record_one(lab, folder, &record_case_list[i]);
	return status;
}

#endif
