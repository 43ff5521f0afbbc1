#include "daq/program/acquisition.h"

#include "daq/acquire/session.h"
#include "daq/base/error.h"
#include "daq/base/lockstep.h"
#include "daq/base/text.h"
#include "daq/program/check.h"
#include "daq/program/dut_option.h"
#include "daq/program/evaluation_keys.h"
#include "daq/program/evidence.h"
#include "daq/program/import.h"
#include "daq/program/lab_process.h"
#include "daq/program/live_process.h"
#include "daq/program/one_cpu.h"
#include "daq/program/operator.h"
#include "daq/program/options.h"
#include "daq/program/program_path.h"
#include "daq/program/stop.h"
#include "daq/program/view.h"
#include "daq/script/bench_file.h"
#include "daq/script/procedure.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char exit_text[] =
	"exit status: 0 passed, 1 failed its limits, 2 could not be done, 3 undecided, 4 stopped by the user";

/* One acquisition from start to end; everything it opened, for one way out. */
struct acquiring {
	const struct acquisition *what;
	struct acquisition_options options;
	char command[512], bench_path[PATH_MAX], procedure_path[PATH_MAX], truth[PATH_MAX], run_path[PATH_MAX];
	const char *results;
	struct bench *bench;
	struct lab_process *lab;
	struct one_cpu *one_cpu; /* NULL: time goes on by itself */
	struct guard *guard;
	struct procedure *procedure;
	struct clock *clock;
	struct log *log;
	struct operator_desk *desk;
	struct session *session;
	struct run *run;
	struct view_setup view_setup;
	struct view *view; /* NULL: no screen */
	struct live_process *live; /* NULL: none */
	struct check_plan plan;
	bool safe; /* the bench was seen to reach its safe state */
};

int acquisition_fail(const struct error *e)
{
	/* What the command line is told names the program already. */
	fprintf(stderr, "%s%s\n", strncmp(e->text, "heatbench", 9) == 0 ? "" : "heatbench: ", e->text);
	return e->code == ERROR_STOPPED ? EXIT_STOPPED : EXIT_UNABLE;
}

void acquisition_file(char *out, size_t size, const char *given, const char *fallback)
{
	if (given[0])
		text_copy(out, size, given);
	else
		snprintf(out, size, "%s/%s", data_directory(), fallback);
}

static int read_bench(struct acquiring *a, struct error *e)
{
	const struct acquisition_options *o = &a->options;

	acquisition_file(a->bench_path, sizeof(a->bench_path), o->bench, a->what->bench);
	acquisition_file(a->procedure_path, sizeof(a->procedure_path), o->procedure, a->what->procedure);
	if (o->map[0])
		return error_set(e, ERROR_USAGE, "heatbench %s: --map is for --recording", a->what->name);
	if (o->set.count)
		return error_set(e, ERROR_USAGE, "heatbench %s: --set is for --recording; a bench file says it in evaluation{...}", a->what->name);
	if (!o->virtual_lab && !o->check && !o->bench[0])
		return error_set(e, ERROR_USAGE, "heatbench %s: --bench FILE names the hardware; --virtual runs on the "
			"virtual lab", a->what->name);
	if (!o->virtual_lab && (o->speed > 0 || o->fault.count || o->lab.count))
		return error_set(e, ERROR_USAGE, "heatbench %s: --speed, --fault and --lab are for the virtual lab (--virtual)",
			a->what->name);
	if (bench_file_read(&a->bench, a->bench_path, e) != 0)
		return -1;
	for (int i = 0; i < o->dut.count; i++)
		if (dut_option_apply(a->bench, o->dut.item[i], e) != 0)
			return -1;
	return a->what->evaluation ? evaluation_keys_check(a->what->evaluation, a->what->check_evaluation, a->bench, e) : 0;
}

static struct check_request request_of(const struct acquiring *a)
{
	return (struct check_request){.bench = a->bench, .procedure = a->procedure_path, .results = a->results,
		.answers = a->options.answers[0] ? a->options.answers : NULL,
		.argument = a->options.argument[0] ? a->options.argument : NULL, .simulated = a->options.virtual_lab, .unfit = a->what->unfit};
}

static int only_check(struct acquiring *a, struct error *e)
{
	struct check_request request = request_of(a);
	json_t *report = NULL;
	int status;

	if (check_run(&request, &report, e) != 0)
		return acquisition_fail(e);
	if (a->options.json) {
		json_dumpf(report, stdout, JSON_INDENT(2));
		printf("\n");
	} else {
		check_print(report);
	}
	status = json_array_size(json_object_get(report, "problems")) ? EXIT_UNABLE : EXIT_PASSED;
	json_decref(report);
	if (fflush(stdout) != 0) {
		error_set_errno(e, ERROR_IO, "the check could not be printed");
		return acquisition_fail(e);
	}
	return status;
}

static int open_clock(struct acquiring *a, struct error *e)
{
	const char *control = a->lab ? lab_process_control(a->lab) : NULL;

	if (a->lab && a->options.speed == 0) {
		if (!control)
			return error_set(e, ERROR_DEVICE, "the virtual lab has no control socket");
		if (lockstep_open(&a->clock, control, e) != 0)
			return -1;
		for (int b = 0; b < a->bench->buses; b++) {
			const struct bench_bus *bus = &a->bench->bus[b];
			/* A real server behind a document's endpoint is not the lab's to hold back. */
			bool must = bus->kind != BUS_DOCUMENTS;

			if (bus->kind != BUS_LINES &&
				lockstep_timeout(a->clock, bus->words.name, bus->words.response_timeout, must ? e : NULL) != 0 && must)
				return -1;
		}
		return 0;
	}
	a->clock = clock_open_system(a->lab ? a->options.speed : 1);
	return a->clock ? 0 : error_set(e, ERROR_SYSTEM, "no memory for a clock");
}

static int start_lab(struct acquiring *a, int *cpu, struct error *e)
{
	struct lab_request request = {.rig = a->what->rig ? a->what->rig : a->what->name, .speed = a->options.speed, .seed = a->options.seed,
		.faults = &a->options.fault, .parameters = &a->options.lab, .truth = a->truth,
		.cpu = a->options.speed == 0 ? one_cpu_choose() : -1};

	if (!a->options.virtual_lab)
		return 0;
	if (evidence_truth_folder(a->results, a->truth, sizeof(a->truth), e) != 0)
		return -1;
	if (lab_process_start(&a->lab, &request, e) != 0)
		return -1;
	*cpu = request.cpu;
	return lab_process_connect(a->lab, a->bench, e);
}

/* Every process before any thread: the lab, the guard, the procedure. */
static int start_processes(struct acquiring *a, struct error *e)
{
	struct procedure_options options = {.stop_fd = stop_fd(),
		.argument = a->options.argument[0] ? a->options.argument : NULL};

	int cpu = -1;

	if (start_lab(a, &cpu, e) != 0)
		return -1;
	if (guard_start(&a->guard, a->bench, a->lab ? lab_process_lifetime(a->lab) : -1, e) != 0)
		return -1;
	if (procedure_start(&a->procedure, a->procedure_path, a->bench, &options, e) != 0)
		return -1;
	if (stop_watch(e) != 0)
		return -1;
	a->one_cpu = one_cpu_start(cpu, a->lab ? lab_process_pid(a->lab) : 0);
	return 0;
}

/* A name that is no path is looked for below the results folder. */
static void find_resumed(struct acquiring *a)
{
	char *name = a->options.resume, path[PATH_MAX];

	if (!name[0] || strchr(name, '/') || access(name, F_OK) == 0)
		return;
	snprintf(path, sizeof(path), "%s/%s", a->results, name);
	if (access(path, F_OK) == 0)
		text_copy(name, sizeof(a->options.resume), path);
}

static int make_run(struct acquiring *a, struct error *e)
{
	struct evidence_request request = {.bench = a->bench, .procedure = a->procedure_path, .results = a->results,
		.label = a->options.label, .operator_name = a->options.operator, .command = a->command,
		.clock = a->clock, .seed = a->lab ? a->options.seed : -1, .simulated = a->lab != NULL,
		.bytes = a->plan.bytes};
	char log_path[PATH_MAX + 16];

	if (a->options.resume[0]) {
		if (evidence_same_procedure(a->options.resume, a->procedure_path, e) != 0 ||
			evidence_same_source(a->options.resume, request.simulated, request.seed, e) != 0 ||
			session_same_devices(a->session, a->options.resume, e) != 0 ||
			run_resume(&a->run, a->options.resume, a->bench->digest, e) != 0)
			return -1;
	} else if (evidence_create(&a->run, &request, e) != 0 || session_define(a->session, a->run, e) != 0) {
		return -1;
	}
	text_copy(a->run_path, sizeof(a->run_path), run_path(a->run));
	if (a->lab && evidence_move_truth(a->truth, a->run_path, e) != 0)
		return -1;
	snprintf(log_path, sizeof(log_path), "%s/run.log", a->run_path);
	return log_to_file(a->log, log_path, e);
}

static int open_session(struct acquiring *a, struct error *e)
{
	struct session_setup setup = {.bench = a->bench, .guard = a->guard,
		.origin = a->lab ? ORIGIN_SIMULATED : ORIGIN_MEASURED,
		.record = a->options.record[0] ? a->options.record : NULL, .keep_raw = a->plan.duration < 86400 * NANOS_PER_S};

	if (open_clock(a, e) != 0)
		return -1;
	if (log_open(&a->log, NULL, a->options.quiet ? LOG_ERROR : LOG_WARNING, a->clock, e) != 0 ||
		operator_open(&a->desk, a->options.answers, stop_fd(), e) != 0)
		return -1;
	setup.clock = a->clock;
	setup.log = a->log;
	setup.ask = a->desk ? operator_ask : NULL;
	setup.ask_self = a->desk;
	a->view_setup.steps = a->plan.steps;
	setup.stepped = a->options.quiet || a->options.json ? NULL : view_stepped;
	setup.stepped_self = &a->view_setup;
	return session_open(&a->session, &setup, e);
}

static int start_view(struct acquiring *a, struct error *e)
{
	a->view_setup.session = a->session;
	a->view_setup.bench = a->bench;
	a->view_setup.run = a->run_path;
	a->view_setup.simulated = a->lab != NULL;
	a->view_setup.duration = a->plan.duration;
	if (a->options.quiet || a->options.json || !view_is_screen())
		return 0;
	if (view_start(&a->view, &a->view_setup, e) != 0)
		return -1;
	operator_set_view(a->desk, a->view);
	return 0;
}

static int run_procedure(struct acquiring *a, struct error *e)
{
	struct target target;

	if (a->options.live)
		a->live = live_process_start(a->run_path, a->log);
	if (session_start(a->session, a->run, a->options.resume[0] ? a->options.resume : NULL, e) != 0)
		return -1;
	stop_session(a->session);
	if (start_view(a, e) != 0)
		return -1;
	session_target(a->session, &target);
	if (procedure_serve(a->procedure, &target, e) == 0)
		return 0;
	if (e->code == ERROR_STOPPED)
		session_failed(a->session, e); /* nobody stopped it: something it needs is gone */
	return -1;
}

static bool is_safe(struct session *session)
{
	struct session_view *view = malloc(sizeof(*view));
	bool safe = false;

	if (view) {
		session_view(session, view);
		safe = view->safe;
	}
	free(view);
	return safe;
}

/* Shuts everything down in the order that leaves the bench safe and the evidence complete. */
static int end_run(struct acquiring *a, bool done, struct error *e)
{
	struct error end = ERROR_INIT;
	nanos at = a->clock ? clock_now(a->clock) : 0;
	int result = 0;
	bool free_ports;

	if (a->session && session_finish(a->session, done, &end) != 0)
		result = error_set(e, end.code, "%s", end.text);
	stop_session(NULL);
	view_stop(a->view);
	if (a->clock)
		at = clock_utc(a->clock, clock_now(a->clock));
	if (a->session)
		a->safe = is_safe(a->session);
	free_ports = session_close(a->session); /* gives the ports to the guard, if it has to act */
	procedure_close(a->procedure);
	if (free_ports && !guard_end(a->guard))
		result = error_set(e, ERROR_DEVICE, "the guard could not confirm the safe state either; it goes on trying");
	else if (free_ports && a->session)
		a->safe = true;
	live_process_leave(a->live);
	log_close(a->log);
	lab_process_end(a->lab);
	if (a->run) {
		const char *why = e->code == ERROR_NONE ? "" : e->text;

		error_clear(&end);
		if (run_finish(a->run, at, done && result == 0 ? "complete" : "incomplete", why, &end) != 0)
			result = error_set(e, end.code, "%s", end.text);
	}
	evidence_drop_truth(a->truth);
	operator_close(a->desk);
	if (!free_ports) {
		/* The bus that hangs holds its port; when this process is gone the guard makes the bench safe. */
		fprintf(stderr, "heatbench: %s\nheatbench: the guard takes over: see guard.log in %s\n", e->text, a->run_path);
		_exit(EXIT_UNABLE);
	}
	one_cpu_end(a->one_cpu);
	clock_close(a->clock);
	return result;
}

static int evaluate(const struct acquisition_options *o, const char *run, struct error *e)
{
	char *argv[6];
	int n = 1, status;

	argv[n++] = (char *)run;
	if (o->json)
		argv[n++] = (char *)"--json";
	if (o->quiet)
		argv[n++] = (char *)"--quiet";
	argv[n] = NULL;
	status = program_run("heatbench-evaluate", argv, e);
	return status < 0 ? acquisition_fail(e) : status;
}

/* A procedure that only records: done, where nothing is judged. */
static int say_recorded(const struct acquiring *a, struct error *e)
{
	if (a->options.json)
		printf("{\n \"verdict\": \"not judged\",\n \"run\": \"%s\"\n}\n", a->run_path);
	else
		printf("recorded: no step names a device under test or a set point, so nothing is judged\nrun: %s\n", a->run_path);
	if (fflush(stdout) != 0) {
		error_set_errno(e, ERROR_IO, "the result could not be printed");
		return acquisition_fail(e);
	}
	return EXIT_PASSED;
}

static int acquire(struct acquiring *a, struct error *e)
{
	struct check_request request = request_of(a);
	bool done, duts = true;

	find_resumed(a);
	if (check_start(&request, &a->plan, e) != 0)
		return acquisition_fail(e);
	done = stop_prepare(e) == 0 && start_processes(a, e) == 0 && open_session(a, e) == 0 && make_run(a, e) == 0 &&
	       run_procedure(a, e) == 0;
	if (end_run(a, done, e) != 0 || !done) {
		int status = acquisition_fail(e);

		if (a->run_path[0])
			fprintf(stderr, "heatbench: %s; the run is marked incomplete: %s\n",
				a->safe ? "the bench is in its safe state" : "THE SAFE STATE IS NOT CONFIRMED", a->run_path);
		return status;
	}
	if (evidence_has_points(a->run_path, &duts, e) != 0)
		return acquisition_fail(e);
	return duts || a->what->without_steps ? evaluate(&a->options, a->run_path, e) : say_recorded(a, e);
}

static int evaluate_recordings(struct acquiring *a, struct error *e)
{
	if (a->options.check || a->options.virtual_lab || a->options.bench[0] || a->options.procedure[0] ||
		a->options.resume[0] || a->options.dut.count) {
		error_set(e, ERROR_USAGE, "heatbench %s: --recording evaluates files instead of a bench: --bench, --procedure, --virtual, "
			"--dut, --resume and --check do not go with it (limits: heatbench evaluate RUN --limits FILE)", a->what->name);
		return acquisition_fail(e);
	}
	if (!a->what->maps) {
		error_set(e, ERROR_USAGE, "heatbench %s: it has no recordings", a->what->name);
		return acquisition_fail(e);
	}
	if (import_recordings(a->what, &a->options, a->command, a->run_path, sizeof(a->run_path), e) != 0)
		return acquisition_fail(e);
	return evaluate(&a->options, a->run_path, e);
}

static void join_command(char *out, size_t size, const char *name, int argc, char **argv)
{
	size_t used = (size_t)snprintf(out, size, "heatbench %s", name);

	for (int i = 1; i < argc && used < size; i++)
		used += (size_t)snprintf(out + used, size - used, " %s", argv[i]);
}

int acquisition_main(const struct acquisition *acquisition, int argc, char **argv)
{
	struct acquiring *a = calloc(1, sizeof(*a));
	struct error e = ERROR_INIT;
	char name[64];
	struct command command = {.name = name, .usage = "[OPTION...]", .purpose = acquisition->purpose,
		.options = acquisition_rows, .epilogue = exit_text};
	int status = EXIT_UNABLE, parsed;

	if (!a)
		return EXIT_UNABLE;
	snprintf(name, sizeof(name), "heatbench %s", acquisition->name);
	a->what = acquisition;
	parsed = options_parse(&command, argc, argv, &a->options, NULL, &e);
	a->results = results_folder(a->options.out);
	join_command(a->command, sizeof(a->command), acquisition->name, argc, argv);
	if (parsed < 0)
		status = acquisition_fail(&e);
	else if (parsed > 0)
		status = EXIT_PASSED;
	else if (a->options.recording.count)
		status = evaluate_recordings(a, &e);
	else if (read_bench(a, &e) != 0)
		status = acquisition_fail(&e);
	else
		status = a->options.check ? only_check(a, &e) : acquire(a, &e);
	bench_free(a->bench);
	free(a);
	return status;
}
