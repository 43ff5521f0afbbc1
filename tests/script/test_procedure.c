/* Procedures against a target that remembers its calls. */
#include "tests/script/fixture.h"

#include "daq/script/procedure.h"

#include <math.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>

static struct {
	struct text calls; /* "set wilo_duty 100; hold 10; ..." */
	double value[BENCH_CHANNELS];
	enum quality quality;
	double drift; /* what read adds to the value each time */
	nanos elapsed;
	int fail_sets; /* so many sets fail */
	bool stop;
	/* What was recorded, by call; recalled when `replay` says so. */
	int recorded, replay;
	char what[64][256], answer[64][16384];
	struct bench *bench;
} fake;

static int fake_set(void *self, int channel, double value, struct error *e)
{
	(void)self;
	if (fake.fail_sets > 0) {
		fake.fail_sets--;
		return error_set(e, ERROR_DEVICE, "hp did not answer");
	}
	text_add(&fake.calls, "set %s %g; ", fake.bench->channel[channel].name, value);
	fake.value[channel] = value;
	return 0;
}

static int fake_wait(void *self, nanos duration, struct error *e)
{
	(void)self;
	if (fake.stop)
		return error_set(e, ERROR_STOPPED, "stopped by the user");
	text_add(&fake.calls, "hold %g; ", (double)duration / 1e9);
	fake.elapsed += duration;
	return 0;
}

static int fake_step(void *self, const struct target_step *step, struct error *e)
{
	(void)self;
	(void)e;
	text_add(&fake.calls, "step %s %s %s %g %s; ", step->name, step->dut, step->valve, step->set_point, step->unit);
	return 0;
}

static int fake_measure(void *self, const char *name, nanos duration, struct measurement *out, struct error *e)
{
	(void)self;
	(void)e;
	text_add(&fake.calls, "measure %g %s; ", (double)duration / 1e9, name);
	for (int i = 0; i < fake.bench->channels; i++)
		out[i] = (struct measurement){fake.value[i], 0.5, 1, 2, fake.value[i], (int)(duration / NANOS_PER_S), 1};
	out[fake.bench->channels - 1] = (struct measurement){NAN, NAN, NAN, NAN, NAN, 0, 30};
	fake.elapsed += duration;
	return 0;
}

static int fake_settle(void *self, int channel, double band, nanos window, nanos limit, struct error *e)
{
	(void)self;
	(void)e;
	text_add(&fake.calls, "settle %s %g %g %g; ", fake.bench->channel[channel].name, band, (double)window / 1e9,
		(double)limit / 1e9);
	return 0;
}

static int fake_read(void *self, int channel, double *value, enum quality *quality, struct error *e)
{
	(void)self;
	(void)e;
	text_add(&fake.calls, "read %s; ", fake.bench->channel[channel].name);
	*value = fake.quality == QUALITY_TIMEOUT ? NAN : fake.value[channel];
	fake.value[channel] += fake.drift;
	*quality = fake.quality;
	return 0;
}

static int fake_ask(void *self, const char *prompt, char *answer, size_t size, struct error *e)
{
	(void)self;
	(void)e;
	text_add(&fake.calls, "ask %s; ", prompt);
	snprintf(answer, size, "yes");
	return 0;
}

static int fake_note(void *self, const char *text, struct error *e)
{
	(void)self;
	(void)e;
	text_add(&fake.calls, "note %s; ", text);
	return 0;
}

static int fake_recall(void *self, long call, const char *what, char **answer, struct error *e)
{
	(void)self;
	*answer = NULL;
	if (call > fake.replay)
		return 0;
	if (strcmp(fake.what[call], what) != 0)
		return error_set(e, ERROR_DATA, "call %ld was '%s', now '%s'", call, fake.what[call], what);
	*answer = strdup(fake.answer[call]);
	return 0;
}

static int fake_record(void *self, long call, const char *what, const char *answer, struct error *e)
{
	(void)self;
	(void)e;
	if (call < 64) {
		snprintf(fake.what[call], sizeof(fake.what[0]), "%s", what);
		snprintf(fake.answer[call], sizeof(fake.answer[0]), "%s", answer);
		fake.recorded = (int)call;
	}
	return 0;
}

static const struct target fake_target = {.set = fake_set, .wait = fake_wait, .step = fake_step,
	.measure = fake_measure, .settle = fake_settle, .read = fake_read, .ask = fake_ask, .note = fake_note,
	.recall = fake_recall, .record = fake_record};

static void fake_begin(const char *more)
{
	text_free(&fake.calls);
	bench_free(fake.bench);
	memset(&fake, 0, sizeof(fake));
	fake.bench = fixture_bench(more);
}

/* Runs a procedure's text as x.lua on the bench of fake_begin. */
static int run_with(const char *text, const struct procedure_options *options, char *unreached, struct error *e)
{
	struct target target = fake_target;
	struct procedure *p = NULL;
	int result = -1;

	target.bench = fake.bench;
	if (procedure_start(&p, fixture_write("x.lua", text), fake.bench, options, e) == 0)
		result = procedure_serve(p, &target, e);
	if (p && unreached)
		snprintf(unreached, 256, "%s", procedure_unreached(p));
	procedure_close(p);
	return result;
}

static void runs(const char *text, const char *calls)
{
	const struct procedure_options options = {.stop_fd = -1};
	struct error e = ERROR_INIT;

	text_free(&fake.calls);
	if (run_with(text, &options, NULL, &e) != 0)
		fail_msg("%s", e.text);
	assert_string_equal(fake.calls.data ? fake.calls.data : "", calls);
}

static void fails(const char *text, enum error_code code, const char *sentence)
{
	const struct procedure_options options = {.stop_fd = -1};
	struct error e = ERROR_INIT;

	text_free(&fake.calls);
	assert_int_equal(run_with(text, &options, NULL, &e), -1);
	assert_sentence(&e, sentence);
	assert_int_equal(e.code, code);
}

static void every_call_reaches_the_target(void **state)
{
	(void)state;
	fake_begin("");
	runs("step{ 'wilo at 100', dut = 'wilo', valve = 'open', set_point = 100, unit = 'permille' }\n"
	     "set('wilo_duty', 100) set('wilo_duty', '25 %') set{ channel = 'wilo_relay', value = 1 }\n"
	     "hold(10) hold('1 min') hold{ duration = '500 ms' }\n"
	     "measure{ samples = 30 } measure{ duration = '5 s', name = 'end' }\n"
	     "settle{ 'wilo_flow', within = '10 l/h', limit = 60 }\n"
	     "note('hello') print('a', 1, true)\n"
	     "step('rest')",
		"step wilo at 100 wilo open 100 permille; set wilo_duty 100; set wilo_duty 250; set wilo_relay 1; hold 10; "
		"hold 60; hold 0.5; measure 30 ; measure 5 end; settle wilo_flow 10 10 60; note hello; note a\t1\ttrue; "
		"step rest   nan ; ");
}

static void answers_come_back_as_lua_values(void **state)
{
	(void)state;
	fake_begin("");
	fake.value[2] = 700;
	runs("local m = measure{ samples = 30 }\n"
	     "assert(m.wilo_flow.mean == 700 and m.wilo_flow.n == 30 and m.wilo_flow.bad == 1 and m.wilo_flow.sd == 0.5)\n"
	     "assert(m.outside.mean == nil and m.outside.n == 0, 'unknown is nil')\n"
	     "local v, q = read('wilo_flow')\n"
	     "assert(v == 700 and q == 'good')\n"
	     "assert(ask('Sure?') == 'yes')\n"
	     "note(('%.1f'):format(m.wilo_flow.mean))",
		"measure 30 ; read wilo_flow; ask Sure?; note 700.0; ");
	fake.quality = QUALITY_TIMEOUT;
	runs("local v, q = read('wilo_flow') assert(v == nil and q == 'timeout')", "read wilo_flow; ");
}

static void the_bench_tells_its_duts_roles_and_channels(void **state)
{
	(void)state;
	fake_begin("");
	runs("assert(bench.name == 'rig' and bench.tick == 1 and bench.dry == false and #bench.duts == 1)\n"
	     "local d = bench.duts[1]\n"
	     "assert(d.name == 'wilo' and d.kind == 'pump' and d.duty == 'wilo_duty' and d.relay == 'wilo_relay')\n"
	     "assert(d.outside == 'outside' and bench.roles.outside == 'outside' and bench.roles.duty == nil)\n"
	     "assert(bench.has('duty') and not bench.has('valve'))\n"
	     "local c = bench.channels.wilo_duty\n"
	     "assert(c.unit == 'permille' and c.max == 1000 and c.output and c.dut == 'wilo' and c.role == 'duty')\n"
	     "assert(argument == false)", "");
}

static void await_waits_until_the_value_has_arrived(void **state)
{
	(void)state;
	fake_begin("");
	fake.value[2] = 90;
	fake.drift = 5;
	runs("assert(await{ 'wilo_flow', near = '100 l/h', within = '2 l/h' } == 100)",
		"read wilo_flow; hold 1; read wilo_flow; hold 1; read wilo_flow; ");
	fails("await{ 'wilo_flow', near = 5, within = 2, limit = '3 s' }", ERROR_LIMIT,
		"x.lua:1: await: wilo_flow did not come within 2 of 5 l/h in 3 s (now 120, good)");
	fake.quality = QUALITY_STALE;
	fake.drift = 0;
	fails("await{ 'wilo_flow', near = 125, within = 5, limit = '1 s' }", ERROR_LIMIT, "stale)");
}

static void an_unknown_channel_is_named_with_its_line_and_the_nearest(void **state)
{
	(void)state;
	fake_begin("");
	fails("\n\nset('wilo_dutty', 100)\n", ERROR_CONFIG, "x.lua:3: set: no channel is called 'wilo_dutty' (did you mean 'wilo_duty'?)");
	fails("local function f()\n return read('flow') end\nf()", ERROR_CONFIG, "x.lua:2: read: no channel is called 'flow'");
	fails("step{ 'x', dut = 'willo' }", ERROR_CONFIG, "x.lua:1: step: no dut is called 'willo' (did you mean 'wilo'?)");
}

static void wrong_arguments_are_named_with_their_line(void **state)
{
	(void)state;
	fake_begin("");
	fails("set('wilo_duty')", ERROR_CONFIG, "x.lua:1: set: 'value' is missing (number in the channel's unit");
	fails("set('wilo_duty', nil)", ERROR_CONFIG, "set: 'value' is missing");
	fails("set{ chanel = 'wilo_duty', value = 1 }", ERROR_CONFIG, "set: unknown key 'chanel' (did you mean 'channel'?)");
	fails("set('wilo_duty', 1, 2)", ERROR_CONFIG, "set: unknown key '3'");
	fails("set('wilo_duty', 0/0)", ERROR_CONFIG, "set: 'nan' is not a finite number");
	fails("set('wilo_duty', '5 l')", ERROR_CONFIG, "set: a value in 'l' cannot be given in 'permille'");
	fails("set('wilo_duty', {{}})", ERROR_CONFIG, "set: ");
	fails("set('wilo_duty', print)", ERROR_CONFIG, "x.lua:1: a function cannot be passed on");
	fails("set('wilo_flow', 1)", ERROR_CONFIG, "set: 'wilo_flow' is no output");
	fails("set('wilo_duty', 1001)", ERROR_LIMIT, "set: wilo_duty = 1001 permille is outside 0 to 1000 permille");
	fails("hold('10')", ERROR_CONFIG, "hold: duration: '10' has no unit");
	fails("hold(-1)", ERROR_CONFIG, "hold: duration = -1 s is outside 0");
	fails("hold(1/0)", ERROR_CONFIG, "hold: duration");
	fails("measure{}", ERROR_CONFIG, "measure: give either samples = 30 or duration = \"30 s\"");
	fails("measure{ sample = 30 }", ERROR_CONFIG, "measure: unknown key 'sample' (did you mean 'samples'?)");
	fails("settle{ 'outside', within = '1 degC' }", ERROR_CONFIG, "a value in 'degC' cannot be given in 'K'");
	fails("note('\\xff')", ERROR_CONFIG, "a text that is not UTF-8 cannot be passed on");
	fails("local t = {} t.t = t note(t)", ERROR_CONFIG, "a table that deep cannot be passed on");
}

static void a_failed_step_says_what_the_device_said_and_where(void **state)
{
	(void)state;
	fake_begin("");
	fake.fail_sets = 1;
	fails("\nset('wilo_duty', 1)", ERROR_DEVICE, "x.lua:2: set: hp did not answer");
	fake.fail_sets = 1;
	runs("local ok, why = pcall(set, 'wilo_duty', 1)\nassert(not ok and why:find('did not answer', 1, true))\n"
	     "set('wilo_duty', 2)", "set wilo_duty 2; ");
}

static void assert_and_error_fail_the_run_with_their_line(void **state)
{
	(void)state;
	fake_begin("");
	fails("\nassert(1 > 2, 'too low')", ERROR_LIMIT, "x.lua:2: too low");
	fails("\n\nerror('no flow')", ERROR_LIMIT, "x.lua:3: no flow");
	fails("assert(false)", ERROR_LIMIT, "x.lua:1: assertion failed");
	fails("local x = nil\nx.y = 1", ERROR_CONFIG, "x.lua:2: attempt to index a nil value (local 'x')");
	fails("error({})", ERROR_CONFIG, "ended with an error that is a table");
}

static void a_syntax_error_is_known_before_anything_starts(void **state)
{
	const struct procedure_options options = {.stop_fd = -1};
	struct procedure *p = NULL;
	struct error e = ERROR_INIT;

	(void)state;
	fake_begin("");
	assert_int_equal(procedure_start(&p, fixture_write("x.lua", "set(\n'a'\n"), fake.bench, &options, &e), -1);
	assert_sentence(&e, "x.lua:3: ')' expected (to close '(' at line 1) near <eof>");
	assert_int_equal(e.code, ERROR_CONFIG);
	assert_null(p);
	error_clear(&e);
	assert_int_equal(procedure_start(&p, fixture_path("none.lua"), fake.bench, &options, &e), -1);
	assert_int_equal(e.code, ERROR_IO);
}

static void an_endless_loop_ends_with_its_line(void **state)
{
	(void)state;
	fake_begin("");
	fails("set('wilo_duty', 1)\n\nwhile true do end\n", ERROR_LIMIT,
		"x.lua:3: no call for 50 million instructions: endless loop?");
	assert_string_equal(fake.calls.data, "set wilo_duty 1; ");
}

static void pcall_cannot_swallow_the_instruction_limit(void **state)
{
	(void)state;
	fake_begin("");
	fails("while true do\n pcall(function() while true do end end)\nend\n", ERROR_LIMIT, "x.lua:2: no call for 50 million");
	fails("setmetatable({}, { __gc = function() while true do end end })", ERROR_CONFIG, "a metatable must not have __gc here");
	fails("table.sort({3, 2, 1}, function() while true do end end)", ERROR_LIMIT, "endless loop?");
}

static void a_long_procedure_that_calls_is_no_endless_loop(void **state)
{
	const struct procedure_options options = {.stop_fd = -1, .instructions = 100000};
	struct error e = ERROR_INIT;

	(void)state;
	fake_begin("");
	assert_int_equal(run_with("for i = 1, 100 do for j = 1, 20000 do end hold(1) end", &options, NULL, &e), 0);
	assert_true(fake.elapsed == 100 * NANOS_PER_S);
}

static void a_procedure_that_asks_for_ever_runs_out_of_calls(void **state)
{
	const struct procedure_options options = {.stop_fd = -1, .calls = 100};
	struct error e = ERROR_INIT;

	(void)state;
	fake_begin("");
	assert_int_equal(run_with("\nwhile true do hold(0) end", &options, NULL, &e), -1);
	assert_sentence(&e, "x.lua:2: more than 100 calls: does the procedure end?");
	assert_int_equal(e.code, ERROR_LIMIT);
}

static void memory_is_capped(void **state)
{
	(void)state;
	fake_begin("");
	fails("local s = 'x'\nwhile true do s = s .. s end", ERROR_LIMIT, "x.lua:2: more than 64 MiB of memory");
	fails("local t = {}\nfor i = 1, 1e9 do t[i] = i end", ERROR_LIMIT, "x.lua:2: more than 64 MiB of memory");
	fails("('x'):rep(1e9)", ERROR_CONFIG, "x.lua:1: string.rep would make a text of more than 1048576 bytes");
	fails("(''):rep(1 << 60)", ERROR_CONFIG, "string.rep would make");
	fails("table.move({}, 1, 1 << 60, 2)", ERROR_CONFIG, "table.move of more than 1000000 elements");
}

static void a_pattern_bomb_is_refused(void **state)
{
	(void)state;
	fake_begin("");
	fails("\n(('a'):rep(4000)):find('.-.-.-.-.-.-x')", ERROR_CONFIG, "x.lua:2: pattern '.-.-.-.-.-.-x' could take for ever on a text of 4000 characters");
	runs("assert(('key = some value'):match('^(%w+)%s*=%s*(.-)%s*$') == 'key')\n"
	     "assert(('a.b'):find('.', 1, true) == 2)\n"
	     "assert((('x'):rep(100000)):gsub('x', 'y'):sub(1, 1) == 'y')", "");
}

static void a_procedure_cannot_open_files(void **state)
{
	static const char *const names[] = {"io", "os", "debug", "package", "require", "dofile", "loadfile", "load",
		"coroutine", "collectgarbage"};
	char text[64], sentence[64];

	(void)state;
	fake_begin("");
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(text, sizeof(text), "local x = %s", names[i]);
		snprintf(sentence, sizeof(sentence), "x.lua:1: '%s' is not available", names[i]);
		fails(text, ERROR_CONFIG, sentence);
	}
	fails("(''):dump()", ERROR_CONFIG, "attempt to call a nil value");
	fails("getmetatable('').__index.x = 1", ERROR_CONFIG, "attempt to index a boolean value");
}

static void the_same_procedure_does_the_same_twice(void **state)
{
	char first[64];

	(void)state;
	fake_begin("");
	runs("for k, v in pairs{ b = 1, a = 2, d = 3, c = 4, [2] = 'y', [1] = 'x' } do note(k .. tostring(v)) end",
		"note 1x; note 2y; note a2; note b1; note c4; note d3; ");
	runs("for i = 1, 3 do math.random() end", "");
	assert_int_equal(run_with("note(math.random(1 << 40))", &(struct procedure_options){.stop_fd = -1}, NULL, NULL), 0);
	snprintf(first, sizeof(first), "%s", fake.calls.data);
	runs("note(math.random(1 << 40))", first);
	fails("math.randomseed()", ERROR_CONFIG, "number expected, got no value");
}

static void a_resumed_run_is_answered_from_its_record(void **state)
{
	const char *text = "step('one') set('wilo_duty', 100)\nlocal m = measure{ samples = 5 }\n"
			   "assert(m.wilo_duty.mean == 100)\nstep('two') set('wilo_duty', 200)\nnote(m.wilo_duty.mean)";

	(void)state;
	fake_begin("");
	runs(text, "step one   nan ; set wilo_duty 100; measure 5 ; step two   nan ; set wilo_duty 200; note 100; ");
	assert_int_equal(fake.recorded, 6);
	assert_string_equal(fake.what[2], "set wilo_duty 100");
	fake.value[0] = -1;
	fake.replay = 3;
	runs(text, "step two   nan ; set wilo_duty 200; note 100; ");
	fails("step('one') set('wilo_duty', 101)", ERROR_DATA, "call 2 was 'set wilo_duty 100', now 'set wilo_duty 101'");
}

static void a_failure_that_the_procedure_caught_is_recorded_too(void **state)
{
	const char *text = "local ok = pcall(set, 'wilo_duty', 1) if not ok then note('again') end";

	(void)state;
	fake_begin("");
	fake.fail_sets = 1;
	runs(text, "note again; ");
	fake.replay = 1;
	runs(text, "note again; ");
}

static void the_user_may_stop_it_between_and_within_calls(void **state)
{
	struct procedure_options options = {.stop_fd = -1};
	struct error e = ERROR_INIT;
	int pipe_fds[2];

	(void)state;
	fake_begin("");
	fake.stop = true;
	assert_int_equal(run_with("pcall(hold, 1) note('went on')", &options, NULL, &e), -1);
	assert_int_equal(e.code, ERROR_STOPPED);
	assert_null(fake.calls.data);
	error_clear(&e);
	assert_int_equal(pipe(pipe_fds), 0);
	options.stop_fd = pipe_fds[0];
	options.instructions = 1L << 60;
	assert_int_equal(write(pipe_fds[1], "x", 1), 1);
	assert_int_equal(run_with("while true do end", &options, NULL, &e), -1);
	assert_int_equal(e.code, ERROR_STOPPED);
	close(pipe_fds[0]);
	close(pipe_fds[1]);
}

static void closing_ends_the_child_whatever_it_does(void **state)
{
	const struct procedure_options options = {.stop_fd = -1, .instructions = 1L << 60};
	struct procedure *p = NULL;
	struct error e = ERROR_INIT;

	(void)state;
	fake_begin("");
	assert_int_equal(procedure_start(&p, fixture_write("x.lua", "while true do end"), fake.bench, &options, &e), 0);
	procedure_close(p);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* no child is left, not even a dead one */
}

static void the_child_ends_with_its_parent(void **state)
{
	const struct procedure_options options = {.stop_fd = -1, .instructions = 1L << 60};
	const char *path = fixture_write("x.lua", "while true do end");
	struct procedure *p = NULL;
	int pipe_fds[2], status;
	char ready;
	pid_t parent;

	(void)state;
	fake_begin("");
	assert_int_equal(prctl(PR_SET_CHILD_SUBREAPER, 1), 0); /* so that the orphan is ours to wait for */
	assert_int_equal(pipe(pipe_fds), 0);
	parent = fork();
	if (parent == 0) {
		if (procedure_start(&p, path, fake.bench, &options, NULL) == 0 && write(pipe_fds[1], "x", 1) == 1)
			pause();
		_exit(1);
	}
	assert_int_equal(read(pipe_fds[0], &ready, 1), 1);
	usleep(50000); /* it has shut itself in by then, or dies at its first look at its parent */
	kill(parent, SIGKILL);
	assert_int_equal(waitpid(parent, &status, 0), parent);
	assert_true(waitpid(-1, &status, 0) > 0);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	prctl(PR_SET_CHILD_SUBREAPER, 0);
	close(pipe_fds[0]);
	close(pipe_fds[1]);
}

static void branches_not_taken_are_listed(void **state)
{
	const struct procedure_options options = {.stop_fd = -1, .trace = true, .dry = true};
	struct error e = ERROR_INIT;
	char unreached[256];

	(void)state;
	fake_begin("");
	assert_int_equal(run_with("local function never(x)\n"	   /* 1 */
				  "\tnote('a')\n"		   /* 2 */
				  "\tnote('b')\n"		   /* 3 */
				  "end\n"			   /* 4 */
				  "local function once()\n"	   /* 5 */
				  "\tif bench.dry then\n"	   /* 6 */
				  "\t\treturn 1\n"		   /* 7 */
				  "\tend\n"			   /* 8 */
				  "\t-- a remark\n"		   /* 9 */
				  "\tnote('live')\n"		   /* 10 */
				  "end\n"			   /* 11 */
				  "if once() == 2 then\n"	   /* 12 */
				  "\tnever()\n"			   /* 13 */
				  "else\n"			   /* 14 */
				  "\tawait{ 'wilo_flow', near = 5, within = 1 }\n" /* 15 */
				  "end\n", &options, unreached, &e), 0);
	assert_string_equal(unreached, "2-3, 10, 13");
	assert_int_equal(run_with("note('all')\n", &options, unreached, &e), 0);
	assert_string_equal(unreached, "");
}

static void the_example_of_the_manual_runs(void **state)
{
	struct error e = ERROR_INIT;
	char path[640], *text = NULL, *begin, *end;

	(void)state;
	fake_begin("channel{ name = 'last', from = hp.ac_voltage }\n"); /* the fake measures nothing on the last */
	snprintf(path, sizeof(path), "%s/scripts/README.md", data_directory());
	assert_int_equal(text_read_file(path, &text, NULL, &e), 0);
	begin = strstr(text, "```lua\n");
	end = begin ? strstr(begin + 7, "```") : NULL;
	assert_non_null(end);
	*end = '\0';
	assert_int_equal(run_with(begin + 7, &(struct procedure_options){.stop_fd = -1}, NULL, &e), 0);
	assert_non_null(strstr(fake.calls.data, "hold 180; measure 60 end; note flow changed by 0.0 l/h; "));
	free(text);
}

static void the_pump_sweep_drives_every_pump_and_moves_the_valve(void **state)
{
	const struct procedure_options options = {.stop_fd = -1};
	struct target target = fake_target;
	struct procedure *p = NULL;
	struct error e = ERROR_INIT;
	char path[640];

	(void)state;
	fake_begin("");
	snprintf(path, sizeof(path), "%s/scripts/pump-sweep.lua", data_directory());
	target.bench = fake.bench;
	if (procedure_start(&p, path, fake.bench, &options, &e) != 0 || procedure_serve(p, &target, &e) != 0)
		fail_msg("%s", e.text);
	procedure_close(p);
	assert_non_null(strstr(fake.calls.data, "ask Open the valve"));
	assert_non_null(strstr(fake.calls.data,
		"set wilo_duty 1000; set wilo_relay 1; hold 8; step wilo open 100 wilo open 100 permille; set wilo_duty 100; "
		"measure 30 wilo open 100; step wilo open 250"));
	assert_non_null(strstr(fake.calls.data,
		"step wilo throttled 850 wilo throttled 850 permille; set wilo_duty 850; measure 30 wilo throttled 850; "
		"step wilo throttled rest   nan ; set wilo_duty 1000; set wilo_relay 0; hold 10; "));
	assert_true(fake.elapsed == 2 * (8 + 6 * 30 + 10) * NANOS_PER_S);
}

static void the_pump_sweep_waits_for_a_motor_valve(void **state)
{
	const struct procedure_options options = {.stop_fd = -1, .dry = true, .trace = true};
	struct target target = fake_target;
	struct procedure *p = NULL;
	struct error e = ERROR_INIT;
	char path[640];

	(void)state;
	fake_begin("local v = device{ name = 'v', bus = odu, unit = 9, map = 'belimo-mod' }\n"
		   "channel{ name = 'valve', from = v.set_point, role = 'valve', output = true }\n"
		   "channel{ name = 'position', from = v.position, role = 'valve_position' }\n");
	snprintf(path, sizeof(path), "%s/scripts/pump-sweep.lua", data_directory());
	target.bench = fake.bench;
	if (procedure_start(&p, path, fake.bench, &options, &e) != 0 || procedure_serve(p, &target, &e) != 0)
		fail_msg("%s", e.text);
	assert_non_null(strstr(fake.calls.data, "set valve 100; read position; "));
	assert_non_null(strstr(fake.calls.data, "set valve 30; read position; "));
	assert_null(strstr(fake.calls.data, "ask"));
	assert_true(strlen(procedure_unreached(p)) > 0); /* the operator's way */
	procedure_close(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_call_reaches_the_target),
		cmocka_unit_test(answers_come_back_as_lua_values),
		cmocka_unit_test(the_bench_tells_its_duts_roles_and_channels),
		cmocka_unit_test(await_waits_until_the_value_has_arrived),
		cmocka_unit_test(an_unknown_channel_is_named_with_its_line_and_the_nearest),
		cmocka_unit_test(wrong_arguments_are_named_with_their_line),
		cmocka_unit_test(a_failed_step_says_what_the_device_said_and_where),
		cmocka_unit_test(assert_and_error_fail_the_run_with_their_line),
		cmocka_unit_test(a_syntax_error_is_known_before_anything_starts),
		cmocka_unit_test(an_endless_loop_ends_with_its_line),
		cmocka_unit_test(pcall_cannot_swallow_the_instruction_limit),
		cmocka_unit_test(a_long_procedure_that_calls_is_no_endless_loop),
		cmocka_unit_test(a_procedure_that_asks_for_ever_runs_out_of_calls),
		cmocka_unit_test(memory_is_capped),
		cmocka_unit_test(a_pattern_bomb_is_refused),
		cmocka_unit_test(a_procedure_cannot_open_files),
		cmocka_unit_test(the_same_procedure_does_the_same_twice),
		cmocka_unit_test(a_resumed_run_is_answered_from_its_record),
		cmocka_unit_test(a_failure_that_the_procedure_caught_is_recorded_too),
		cmocka_unit_test(the_user_may_stop_it_between_and_within_calls),
		cmocka_unit_test(closing_ends_the_child_whatever_it_does),
		cmocka_unit_test(the_child_ends_with_its_parent),
		cmocka_unit_test(branches_not_taken_are_listed),
		cmocka_unit_test(the_example_of_the_manual_runs),
		cmocka_unit_test(the_pump_sweep_drives_every_pump_and_moves_the_valve),
		cmocka_unit_test(the_pump_sweep_waits_for_a_motor_valve),
	};
	int failed;

	fixture_environment();
	failed = cmocka_run_group_tests(tests, NULL, fixture_remove);
	text_free(&fake.calls);
	bench_free(fake.bench);
	return failed;
}
