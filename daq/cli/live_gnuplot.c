#include "daq/cli/live_gnuplot.h"

#include "daq/base/clock.h"
#include "daq/base/error.h"
#include "daq/base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

#define MARK "heatbench-done" /* what it prints when it is through with a script */

enum { LEAVE_MS = 1000, SAID_MAX = 16384 };

struct live_gnuplot {
	const char *program;
	pid_t pid; /* 0: it has ended, with `status` */
	int status, deadline_ms;
	int in, err, signals; /* our ends; -1 closed */
	struct text said;     /* since the last script */
	int64_t done, scripts;
	long long complaint; /* gnuplot's number of the last script's error, 0: none */
};

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static int take_signals(struct live_gnuplot *g, struct error *e)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGCHLD);
	signal(SIGPIPE, SIG_IGN); /* whoever read what we say may be gone; the picture is not */
	sigprocmask(SIG_BLOCK, &set, NULL);
	g->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return g->signals < 0 ? error_set_errno(e, ERROR_SYSTEM, "no descriptor for signals") : 0;
}

static int spawn(struct live_gnuplot *g, int in, int err, struct error *e)
{
	char *argv[] = {(char *)"gnuplot", NULL};
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t none, usual;
	int code;

	sigemptyset(&none);
	sigemptyset(&usual);
	sigaddset(&usual, SIGPIPE);
	posix_spawn_file_actions_init(&actions);
	posix_spawnattr_init(&attributes);
	posix_spawn_file_actions_adddup2(&actions, in, STDIN_FILENO);
	posix_spawn_file_actions_adddup2(&actions, err, STDERR_FILENO);
	/* a group of its own: killed whole, with the processes of its windows */
	posix_spawnattr_setflags(
		&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
	posix_spawnattr_setsigmask(&attributes, &none);
	posix_spawnattr_setsigdefault(&attributes, &usual);
	code = posix_spawnp(&g->pid, g->program, &actions, &attributes, argv, environ);
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&actions);
	if (code == 0)
		return 0;
	g->pid = 0;
	return error_set(e, ERROR_SYSTEM,
		"cannot start %s: %s (packages gnuplot-qt, gnuplot-x11 or gnuplot-nox)", g->program,
		strerror(code));
}

int live_gnuplot_open(struct live_gnuplot **out, int deadline_ms, struct error *e)
{
	const char *chosen = getenv("HEATBENCH_GNUPLOT");
	struct live_gnuplot *g = calloc(1, sizeof(*g));
	int in[2] = {-1, -1}, err[2] = {-1, -1}, result = -1;

	if (!g)
		return error_set(e, ERROR_SYSTEM, "no memory for gnuplot");
	g->program = chosen && *chosen ? chosen : "gnuplot";
	g->deadline_ms = deadline_ms;
	g->in = g->err = g->signals = -1;
	if (take_signals(g, e) != 0)
		goto out;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, in) < 0 || pipe2(err, O_CLOEXEC) < 0) {
		error_set_errno(e, ERROR_SYSTEM, "cannot talk to %s", g->program);
		goto out;
	}
	if (spawn(g, in[1], err[1], e) != 0)
		goto out;
	g->in = in[0];
	g->err = err[0];
	in[0] = err[0] = -1;
	fcntl(g->in, F_SETFL, O_NONBLOCK);
	fcntl(g->err, F_SETFL, O_NONBLOCK);
	*out = g;
	result = 0;
out:
	for (int i = 0; i < 2; i++) {
		close_fd(&in[i]);
		close_fd(&err[i]);
	}
	if (result != 0)
		live_gnuplot_close(g);
	return result;
}

/* Whether it has ended. */
static bool collect(struct live_gnuplot *g)
{
	if (g->pid && waitpid(g->pid, &g->status, WNOHANG) == g->pid)
		g->pid = 0;
	return !g->pid;
}

void live_gnuplot_close(struct live_gnuplot *g)
{
	int64_t until = clock_wall_ms() + LEAVE_MS;

	if (!g)
		return;
	close_fd(&g->in); /* it ends by itself when it has read everything, and takes its windows with it */
	while (!collect(g) && clock_wall_ms() < until)
		poll(NULL, 0, 5);
	if (!collect(g)) {
		kill(-g->pid, SIGKILL);
		waitpid(g->pid, NULL, 0);
	}
	close_fd(&g->err);
	close_fd(&g->signals);
	text_free(&g->said);
	free(g);
}

/* Keeps the end of what it says, where the marks are and the reason why. */
static void hear(struct live_gnuplot *g, const char *piece, size_t n)
{
	size_t old = g->said.length / 2;

	if (g->said.length + n > SAID_MAX) {
		memmove(g->said.data, g->said.data + old, g->said.length - old + 1);
		g->said.length -= old;
	}
	text_add_bytes(&g->said, piece, n);
}

/* Takes what it says, and the marks out of it. */
static void listen_to(struct live_gnuplot *g)
{
	char piece[1024], *mark, *mark_end;
	ssize_t n;

	while ((n = read(g->err, piece, sizeof(piece))) > 0)
		hear(g, piece, (size_t)n);
	if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
		close_fd(&g->err);
	while (g->said.data && (mark = strstr(g->said.data, MARK)) != NULL && strchr(mark, '\n')) {
		char *rest = strchr(mark, '\n') + 1;

		g->done = strtoll(mark + strlen(MARK), &mark_end, 10);
		g->complaint = strtoll(mark_end, NULL, 10);
		memmove(mark, rest, strlen(rest) + 1);
		g->said.length = strlen(g->said.data);
	}
}

/* Its last complaint in one line, without the line of the script that gnuplot repeats before it. */
static const char *last_words(struct live_gnuplot *g)
{
	const char *from = g->said.data, *found = NULL;
	size_t n;

	if (!from || !g->said.length)
		return "it said nothing";
	for (char *c = g->said.data; *c; c++)
		if ((unsigned char)*c < ' ')
			*c = ' ';
	for (n = g->said.length; n && g->said.data[n - 1] == ' '; n--)
		g->said.data[n - 1] = '\0';
	while ((from = strstr(from, "line ")) != NULL) {
		if (!strchr(from, ':') || strncmp(strchr(from, ':'), ": warning", 9) != 0)
			found = from;
		from += 5;
	}
	found = found ? found : g->said.data;
	return strlen(found) > 300 ? found + strlen(found) - 300 : found;
}

static enum live_event ended(struct live_gnuplot *g, struct error *e)
{
	if (g->err >= 0)
		listen_to(g);
	if (WIFEXITED(g->status) && WEXITSTATUS(g->status) == 0)
		return LIVE_CLOSED;
	if (WIFSIGNALED(g->status))
		error_set(e, ERROR_SYSTEM, "%s was ended by signal %d: %s", g->program, WTERMSIG(g->status),
			last_words(g));
	else
		error_set(e, ERROR_SYSTEM, "%s failed (status %d): %s", g->program, WEXITSTATUS(g->status),
			last_words(g));
	return LIVE_FAILED;
}

/* Waits for whatever comes first. LIVE_DONE: look again. */
static enum live_event pass_time(struct live_gnuplot *g, bool writing, int64_t until, struct error *e)
{
	struct pollfd fds[3] = {
		{g->signals, POLLIN, 0}, {g->err, POLLIN, 0}, {writing ? g->in : -1, POLLOUT, 0}};
	int64_t left = until - clock_wall_ms();
	struct signalfd_siginfo signal_info;

	if (poll(fds, 3, left > 0 ? (int)left : 0) < 0 && errno != EINTR) {
		error_set_errno(e, ERROR_SYSTEM, "cannot wait for %s", g->program);
		return LIVE_FAILED;
	}
	while (fds[0].revents && read(g->signals, &signal_info, sizeof(signal_info)) == sizeof(signal_info))
		if (signal_info.ssi_signo != SIGCHLD)
			return LIVE_STOPPED;
	if (fds[1].revents)
		listen_to(g);
	return collect(g) ? ended(g, e) : LIVE_DONE;
}

/* As much as fits now; where it has closed its end its death will show. */
static void feed(struct live_gnuplot *g, const char **from, size_t *left)
{
	ssize_t n = *left ? send(g->in, *from, *left, MSG_NOSIGNAL) : 0;

	if (n > 0) {
		*from += n;
		*left -= (size_t)n;
	} else if (n < 0 && errno != EAGAIN && errno != EINTR) {
		*left = 0;
	}
}

enum live_event live_gnuplot_do(
	struct live_gnuplot *g, const char *script, size_t length, struct text *answer, struct error *e)
{
	struct text all = TEXT_INIT;
	int64_t until = clock_wall_ms() + g->deadline_ms;
	enum live_event event = LIVE_DONE;
	const char *from;
	size_t left;

	/* After a line that it cannot read gnuplot goes on with the next one. */
	text_add(&all, "reset errors\n");
	text_add_bytes(&all, script, length);
	text_add(&all, "\nprint '" MARK " %lld', GPVAL_ERRNO\n", (long long)++g->scripts);
	if (all.failed) {
		text_free(&all);
		error_set(e, ERROR_SYSTEM, "no memory for the picture");
		return LIVE_FAILED;
	}
	from = all.data;
	left = all.length;
	while (event == LIVE_DONE && g->done < g->scripts) {
		feed(g, &from, &left);
		event = pass_time(g, left > 0, until, e);
		if (event == LIVE_DONE && g->done < g->scripts && clock_wall_ms() >= until) {
			error_set(e, ERROR_SYSTEM, "%s did not finish a picture within %.1f s and was ended",
				g->program, g->deadline_ms / 1000.0);
			event = LIVE_FAILED;
		}
	}
	text_free(&all);
	if (event == LIVE_DONE && g->complaint) {
		error_set(e, ERROR_SYSTEM, "%s refused: %s", g->program, last_words(g));
		event = LIVE_FAILED;
	}
	if (event == LIVE_DONE && answer && g->said.data)
		text_add(answer, "%s", g->said.data);
	if (event == LIVE_DONE)
		text_free(&g->said);
	return event;
}

enum live_event live_gnuplot_wait(struct live_gnuplot *g, int ms, struct error *e)
{
	int64_t until = clock_wall_ms() + ms;
	enum live_event event = LIVE_DONE;

	while (event == LIVE_DONE && clock_wall_ms() < until)
		event = pass_time(g, false, until, e);
	return event;
}
