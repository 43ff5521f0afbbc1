#include "daq/script/procedure.h"

#include "daq/acquire/bench.h"
#include "daq/base/error.h"
#include "daq/base/text.h"
#include "daq/script/procedure_calls.h"
#include "daq/script/procedure_child.h"
#include "daq/script/procedure_message.h"
#include "daq/script/sandbox.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

struct procedure {
	char path[512];
	struct procedure_options options;
	pid_t child; /* 0: reaped */
	int fd;
	long calls;
	char *unreached;
};

/* Compiles it here too, so that a syntax error is known before anything starts. */
static int check_syntax(const struct procedure *p, const char *text, size_t length, struct error *e)
{
	const struct sandbox_limits limits = {
		.memory = p->options.memory,
		.instructions = p->options.instructions,
		.budget = "more than",
	};
	struct sandbox *sandbox;
	int result;

	if (sandbox_open(&sandbox, &limits, e) != 0)
		return -1;
	result = sandbox_load(sandbox, text, length, p->path, e);
	sandbox_close(sandbox);
	return result;
}

static int read_script(const char *path, char **text, size_t *length, struct error *e)
{
	struct stat st;

	if (stat(path, &st) != 0)
		return error_set_errno(e, ERROR_IO, "cannot open %s", path);
	if (!S_ISREG(st.st_mode) || st.st_size > 1 << 20)
		return error_set(e, ERROR_IO, "%s is not a regular file of at most 1 MiB", path);
	return text_read_file(path, text, length, e);
}

static int fork_child(struct procedure *p, const struct procedure_script *script, struct error *e)
{
	struct procedure_script own = *script;
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0)
		return error_set_errno(e, ERROR_SYSTEM, "cannot make a socket for %s", p->path);
	own.parent = getpid();
	own.fd = pair[1];
	p->child = fork();
	if (p->child == 0)
		procedure_child(&own);
	close(pair[1]);
	if (p->child < 0) {
		p->child = 0;
		close(pair[0]);
		return error_set_errno(e, ERROR_SYSTEM, "cannot start a process for %s", p->path);
	}
	p->fd = pair[0];
	return 0;
}

int procedure_start(struct procedure **out, const char *path, const struct bench *bench,
	const struct procedure_options *options, struct error *e)
{
	struct procedure *p = calloc(1, sizeof(*p));
	struct procedure_script script = {.bench = bench};
	char *text = NULL;
	int result = -1;

	if (!p)
		return error_set(e, ERROR_SYSTEM, "no memory for the procedure %s", path);
	p->fd = -1;
	p->options = *options;
	p->options.instructions = options->instructions > 0 ? options->instructions : 50000000;
	p->options.memory = options->memory > 0 ? options->memory : 64L << 20;
	if (!text_copy(p->path, sizeof(p->path), path)) {
		error_set(e, ERROR_IO, "the path %s is too long", path);
		goto out;
	}
	if (read_script(path, &text, &script.length, e) != 0 || check_syntax(p, text, script.length, e) != 0)
		goto out;
	script.path = p->path;
	script.text = text;
	script.options = &p->options;
	if (fork_child(p, &script, e) != 0)
		goto out;
	*out = p;
	p = NULL;
	result = 0;
out:
	free(text);
	procedure_close(p);
	return result;
}

/* Ends the child and says how it had ended, if it had. */
static int reap(struct procedure *p)
{
	int status = 0;

	if (p->child > 0) {
		kill(p->child, SIGKILL);
		while (waitpid(p->child, &status, 0) < 0 && errno == EINTR)
			;
	}
	p->child = 0;
	return status;
}

/* Until the child says something. Errors: ERROR_STOPPED. */
static int wait_for_child(struct procedure *p, struct error *e)
{
	struct pollfd fds[2] = {{.fd = p->fd, .events = POLLIN}, {.fd = p->options.stop_fd, .events = POLLIN}};

	for (;;) {
		if (poll(fds, 2, -1) < 0 && errno != EINTR)
			return error_set_errno(e, ERROR_SYSTEM, "cannot wait for %s", p->path);
		if (fds[1].revents)
			return error_set(e, ERROR_STOPPED, "stopped by the user");
		if (fds[0].revents)
			return 0;
	}
}

static int finish(struct procedure *p, const json_t *message, struct error *e)
{
	const char *text = json_string_value(json_object_get(message, "text"));
	const char *unreached = json_string_value(json_object_get(message, "unreached"));
	json_int_t code = json_integer_value(json_object_get(message, "code"));

	free(p->unreached);
	p->unreached = strdup(unreached ? unreached : "");
	if (json_is_true(json_object_get(message, "end")))
		return 0;
	if (code <= ERROR_NONE || code > ERROR_SYSTEM)
		code = ERROR_CONFIG;
	return error_set(e, (enum error_code)code, "%s", text ? text : "the procedure failed");
}

static int check_budget(struct procedure *p, const json_t *message, struct error *e)
{
	const char *at = json_string_value(json_object_get(message, "at"));

	if (p->options.calls <= 0 || ++p->calls <= p->options.calls)
		return 0;
	return error_set(e, ERROR_LIMIT, "%s: more than %ld calls: does the procedure end?", at ? at : p->path,
		p->options.calls);
}

/* One message. *ended tells whether it was the last. */
static int serve_one(struct procedure *p, struct call_context *context, bool *ended, struct error *e)
{
	json_t *message = NULL, *answer = NULL;
	int result = -1, status;

	if (wait_for_child(p, e) != 0 || message_receive(p->fd, &message, e) != 0)
		goto out;
	if (!message) {
		status = reap(p);
		error_set(e, ERROR_SYSTEM, "the process of %s ended by itself (%s %d)", p->path,
			WIFSIGNALED(status) ? "signal" : "status",
			WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
		goto out;
	}
	if (json_object_get(message, "end")) {
		*ended = true;
		result = finish(p, message, e);
		goto out;
	}
	if (check_budget(p, message, e) != 0 || procedure_call(context, message, &answer, e) != 0)
		goto out;
	result = message_send(p->fd, answer, e);
out:
	json_decref(message);
	json_decref(answer);
	return result;
}

int procedure_serve(struct procedure *p, const struct target *target, struct error *e)
{
	struct call_context context = {.target = target, .dry = p->options.dry};
	bool ended = false;
	int result = 0;

	if (p->child == 0)
		return error_set(e, ERROR_USAGE, "the procedure %s has ended already", p->path);
	while (!ended && result == 0)
		result = serve_one(p, &context, &ended, e);
	reap(p);
	return result;
}

const char *procedure_unreached(struct procedure *p)
{
	return p->unreached ? p->unreached : "";
}

void procedure_close(struct procedure *p)
{
	if (!p)
		return;
	reap(p);
	if (p->fd >= 0)
		close(p->fd);
	free(p->unreached);
	free(p);
}

void procedure_help(FILE *to)
{
	procedure_calls_help(to);
}
