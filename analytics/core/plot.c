#include "analytics/core/plot.h"

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
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

struct gnuplot {
	const char *program;
	pid_t pid;
	int in, err;	/* our ends; -1 closed */
	char said[400]; /* the end of what it complained about */
	size_t used;
};

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static int start(struct gnuplot *g, const char *folder, struct error *e)
{
	char *argv[] = {(char *)"gnuplot", NULL};
	int in[2] = {-1, -1}, err[2] = {-1, -1}, status = -1, code;
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;

	posix_spawn_file_actions_init(&actions);
	posix_spawnattr_init(&attributes);
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, in) < 0 || pipe2(err, O_CLOEXEC) < 0) {
		error_set_errno(e, ERROR_SYSTEM, "cannot talk to %s", g->program);
		goto out;
	}
	posix_spawn_file_actions_adddup2(&actions, in[1], STDIN_FILENO);
	posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
	posix_spawn_file_actions_adddup2(&actions, err[1], STDERR_FILENO);
	posix_spawn_file_actions_addchdir_np(&actions, folder);
	/* a group of its own: killed whole, and a Ctrl-C meant for us does not reach it */
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
	code = posix_spawnp(&g->pid, g->program, &actions, &attributes, argv, environ);
	if (code != 0) {
		errno = code;
		error_set_errno(e, ERROR_SYSTEM, "cannot start %s", g->program);
		goto out;
	}
	g->in = in[0];
	g->err = err[0];
	in[0] = err[0] = -1;
	fcntl(g->in, F_SETFL, O_NONBLOCK);
	fcntl(g->err, F_SETFL, O_NONBLOCK);
	status = 0;
out:
	for (int i = 0; i < 2; i++) {
		close_fd(&in[i]);
		close_fd(&err[i]);
	}
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&actions);
	return status;
}

/* Keeps the end of what was said, where the reason stands. */
static void listen_to(struct gnuplot *g)
{
	char piece[256];
	ssize_t n = read(g->err, piece, sizeof(piece));

	if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
		close_fd(&g->err);
	for (ssize_t i = 0; i < n; i++) {
		if (g->used == sizeof(g->said) - 1) {
			memmove(g->said, g->said + g->used / 2, g->used - g->used / 2);
			g->used -= g->used / 2;
		}
		g->said[g->used++] = piece[i] == '\n' || piece[i] == '\t' ? ' ' : piece[i];
		g->said[g->used] = '\0';
	}
}

/* Feeds and listens until gnuplot closes its ends. False at the deadline. */
static int converse(struct gnuplot *g, const char *script, size_t length, int64_t until)
{
	while (g->err >= 0) {
		struct pollfd fds[2] = {{g->err, POLLIN, 0}, {g->in, POLLOUT, 0}};
		int64_t left = until - clock_wall_ms();
		ssize_t n;

		if (left <= 0)
			return 0;
		if (poll(fds, g->in >= 0 ? 2 : 1, (int)left) < 0 && errno != EINTR)
			return 0;
		if (fds[0].revents)
			listen_to(g);
		if (g->in < 0 || !fds[1].revents)
			continue;
		n = send(g->in, script, length, MSG_NOSIGNAL);
		if (n > 0) {
			script += n;
			length -= (size_t)n;
		}
		if (length == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
			close_fd(&g->in);
	}
	return 1;
}

/* Its exit status, or -1 when it had to be killed. It may linger a moment after it closed its output. */
static int end(struct gnuplot *g, int in_time, int64_t until)
{
	int status = 0;

	close_fd(&g->in);
	close_fd(&g->err);
	while (in_time && waitpid(g->pid, &status, WNOHANG) == 0) {
		in_time = clock_wall_ms() < until;
		poll(NULL, 0, 2);
	}
	if (in_time)
		return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
	kill(-g->pid, SIGKILL);
	waitpid(g->pid, &status, 0);
	return -1;
}

int plot_run(const char *script, size_t length, const char *folder, int deadline_ms, struct error *e)
{
	const char *chosen = getenv("HEATBENCH_GNUPLOT");
	struct gnuplot g = {.program = chosen && *chosen ? chosen : "gnuplot", .in = -1, .err = -1};
	int64_t until = clock_wall_ms() + deadline_ms;
	int status;

	if (start(&g, folder, e) < 0)
		return -1;
	status = end(&g, converse(&g, script, length, until), until);
	if (status < 0)
		return error_set(e, ERROR_SYSTEM, "%s did not finish within %.1f s and was ended", g.program,
			deadline_ms / 1000.0);
	if (status != 0)
		return error_set(e, ERROR_SYSTEM, "%s failed (status %d): %s", g.program, status,
			g.used ? g.said : "it said nothing");
	return 0;
}

void plot_begin(struct text *script, const char *file, const char *name, int width, int height)
{
	text_add(script,
		"reset\nset terminal svg size %d,%d dynamic enhanced font 'sans-serif,13' name '%s' "
		"background '#ffffff'\n"
		"set output '%s'\nset encoding utf8\n",
		width, height, name, file);
}

void plot_quote(struct text *script, const char *text)
{
	text_add(script, "'");
	for (; *text; text++) {
		if (*text == '\'')
			text_add(script, "''");
		else if (strchr("_^@&~{}\\", *text))
			text_add(script, "\\%c", *text);
		else if ((unsigned char)*text >= ' ')
			text_add(script, "%c", *text);
	}
	text_add(script, "'");
}

/* Where an id is made or used: the text before it. */
static size_t id_here(const char *at)
{
	static const char *const before[] = {" id='", " id=\"", "href='#", "href=\"#", "url(#"};

	for (size_t i = 0; i < sizeof(before) / sizeof(*before); i++)
		if (strncmp(at, before[i], strlen(before[i])) == 0)
			return strlen(before[i]);
	return 0;
}

int plot_read_svg(char **svg, const char *path, const char *name, struct error *e)
{
	struct text out = TEXT_INIT;
	char *file = NULL, *from;

	if (text_read_file(path, &file, NULL, e) < 0)
		return -1;
	from = strstr(file, "<svg");
	if (!from || !strstr(from, "</svg>")) {
		free(file);
		return error_set(e, ERROR_DATA, "%s is not a whole SVG", path);
	}
	while (*from) {
		size_t n = id_here(from);

		if (n == 0) {
			const char *next = from + 1;

			while (*next && !id_here(next))
				next++;
			text_add_bytes(&out, from, (size_t)(next - from));
			from += next - from;
			continue;
		}
		text_add_bytes(&out, from, n);
		text_add(&out, "%s-", name);
		from += n;
	}
	free(file);
	if (out.failed) {
		text_free(&out);
		return error_set(e, ERROR_SYSTEM, "out of memory while reading %s", path);
	}
	*svg = out.data;
	return 0;
}
