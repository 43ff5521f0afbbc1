#include "daq/script/procedure_child.h"

#include "daq/base/error.h"
#include "daq/script/procedure_message.h"
#include "daq/script/sandbox.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

enum { FD = 3, CPU_SECONDS = 60 }; /* CPU_SECONDS: for what no instruction count sees; never met so far */

/* Made beforehand, because a signal's handler may not compose. */
static char late_words[640];

static void out_of_time(int signal_number)
{
	(void)signal_number;
	if (send(FD, late_words, strlen(late_words), MSG_NOSIGNAL) < 0)
		_exit(2);
	_exit(1);
}

static void set_limit(int what, rlim_t most)
{
	const struct rlimit limit = {most, most};

	setrlimit(what, &limit);
}

/* Ends with its parent, hears no terminal, owns one socket and nothing else. */
static void shut_in(const struct procedure_script *script)
{
	int null = open("/dev/null", O_RDWR);
	sigset_t none;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != script->parent)
		_exit(1);
	if (null < 0 || dup2(null, 0) < 0 || dup2(null, 1) < 0 || dup2(script->fd, FD) < 0 ||
		close_range(FD + 1, ~0U, 0) != 0)
		_exit(1);
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	set_limit(RLIMIT_CORE, 0);
	set_limit(RLIMIT_FSIZE, 0);
	set_limit(RLIMIT_NOFILE, FD + 1);
	/* Ctrl-C reaches the whole group, and it is the parent that brings the bench to its safe state. */
	signal(SIGINT, SIG_IGN);
	signal(SIGQUIT, SIG_IGN);
	signal(SIGTERM, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGVTALRM, out_of_time);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

static void arm_cpu_watch(void)
{
	const struct itimerval timer = {.it_value = {.tv_sec = CPU_SECONDS}};

	setitimer(ITIMER_VIRTUAL, &timer, NULL);
}

static _Noreturn void finish(int code, const char *text, char *unreached)
{
	json_t *message = json_pack("{s:b, s:i, s:s, s:s}", "end", code == ERROR_NONE, "code", code, "text", text,
		"unreached", unreached ? unreached : "");

	if (message)
		message_send(FD, message, NULL);
	else
		message_send(FD, json_pack("{s:b, s:i, s:s}", "end", 0, "code", code, "text",
					 "ended with an error that is not UTF-8"), NULL);
	_exit(code == ERROR_NONE ? 0 : 1);
}

/* pcall must not hold what the instruction limit ends, so it ends the process. */
static void exhausted(void *self, const char *why)
{
	(void)self;
	finish(ERROR_LIMIT, why, NULL);
}

static int run(struct sandbox *sandbox, struct procedure_api *api, struct error *e)
{
	const struct procedure_script *script = api->script;
	lua_State *L = sandbox_state(sandbox);

	lua_pushcfunction(L, procedure_api_offer);
	lua_pushlightuserdata(L, api);
	if (sandbox_call(sandbox, 1, 0, e) != 0)
		return -1;
	if (script->options->trace) {
		procedure_lines_begin(script->path, script->text);
		sandbox_trace(sandbox, procedure_lines_hook);
	}
	sandbox_rest(sandbox);
	return sandbox_run(sandbox, script->text, script->length, script->path, 0, e);
}

_Noreturn void procedure_child(const struct procedure_script *script)
{
	struct procedure_script own = *script;
	struct procedure_api api = {.script = &own};
	const struct sandbox_limits limits = {
		.memory = own.options->memory,
		.instructions = own.options->instructions,
		.budget = "no call for",
		.exhausted = exhausted,
	};
	struct sandbox *sandbox = NULL;
	struct error e = ERROR_INIT;

	shut_in(script);
	own.fd = FD;
	snprintf(late_words, sizeof(late_words),
		"{\"end\":false,\"code\":%d,\"text\":\"%.400s: no call for %d s of computing: endless loop?\"}",
		(int)ERROR_LIMIT, strpbrk(own.path, "\"\\") ? "the procedure" : own.path, CPU_SECONDS);
	arm_cpu_watch();
	if (sandbox_open(&sandbox, &limits, &e) == 0)
		run(sandbox, &api, &e);
	finish(procedure_api_code(&api, e.text, (int)e.code), e.text,
		own.options->trace && e.code == ERROR_NONE ? procedure_lines_unreached() : NULL);
}
