#include "daq/program/live_process.h"

#include "daq/base/error.h"
#include "daq/base/log.h"
#include "daq/program/program_path.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

struct live_process {
	struct log *log;
	pthread_t thread;
	int words;  /* what it says on stderr */
	int end[2]; /* closed to end the thread */
};

static bool has_display(void)
{
	const char *x = getenv("DISPLAY"), *wayland = getenv("WAYLAND_DISPLAY");

	return (x && *x) || (wayland && *wayland);
}

/* In a process forked from one with threads: nothing but system calls. */
static void become_live(const char *path, char **argv, int words)
{
	static const int usual[] = {SIGPIPE, SIGTSTP, SIGINT, SIGTERM, SIGHUP, SIGCHLD};
	static const char failed[] = "heatbench-live could not be started\n";
	int nothing = open("/dev/null", O_RDWR);
	sigset_t none;

	dup2(nothing, STDIN_FILENO);
	dup2(nothing, STDOUT_FILENO);
	dup2(words, STDERR_FILENO);
	/* Not the ports, not the guard's pipe (it acts when that closes), not the lock of the run. */
	close_range(3, ~0U, 0);
	for (size_t i = 0; i < sizeof(usual) / sizeof(usual[0]); i++)
		signal(usual[i], SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	execv(path, argv);
	if (write(STDERR_FILENO, failed, sizeof(failed) - 1) < 0)
		_exit(EXIT_UNABLE);
	_exit(EXIT_UNABLE);
}

/* By way of a process that ends at once, so that its end is nobody's business here. A session of its own:
 * Ctrl-C is for the acquisition. */
static int spawn(const char *path, const char *run, int words, struct error *e)
{
	char *argv[] = {(char *)path, (char *)"--", (char *)run, NULL};
	pid_t pid = fork();

	if (pid == 0) {
		setsid();
		if (fork() == 0)
			become_live(path, argv, words);
		_exit(EXIT_PASSED);
	}
	if (pid < 0)
		return error_set_errno(e, ERROR_SYSTEM, "no process for heatbench-live");
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	return 0;
}

/* Takes the whole lines out of what was said so far; with `rest` what is left is one as well. Returns what stays. */
static size_t log_lines(struct live_process *live, char *said, size_t length, bool rest)
{
	size_t begin = 0;

	for (size_t i = 0; i <= length; i++) {
		char *line = said + begin;

		if (i < length ? said[i] != '\n' : !rest || begin == length)
			continue;
		said[i] = '\0';
		if (strncmp(line, "heatbench live: ", 16) == 0)
			line += 16;
		log_write(live->log, LOG_WARNING, "--live: %s", line);
		begin = i + 1;
	}
	if (begin >= length)
		return 0;
	memmove(said, said + begin, length - begin);
	return length - begin;
}

/* A sentence may come in pieces: it ends with its line, or with the viewer. */
static void *listen_thread(void *argument)
{
	struct live_process *live = argument;
	struct pollfd fds[2] = {{live->words, POLLIN, 0}, {live->end[0], POLLIN, 0}};
	char said[2048];
	size_t have = 0;

	for (;;) {
		ssize_t n = 0;

		if (poll(fds, 2, -1) < 0 && errno != EINTR)
			break;
		if (fds[0].revents)
			n = read(live->words, said + have, sizeof(said) - 1 - have);
		else if (!fds[1].revents)
			continue;
		if (n <= 0)
			break;
		have += (size_t)n;
		have = log_lines(live, said, have, have == sizeof(said) - 1);
	}
	log_lines(live, said, have, true);
	return NULL;
}

static int start(struct live_process *live, const char *run, struct error *e)
{
	int words[2], code;
	char path[PATH_MAX];

	if (program_path(path, sizeof(path), "heatbench-live", e) != 0)
		return -1;
	if (pipe2(live->end, O_CLOEXEC) != 0 || pipe2(words, O_CLOEXEC) != 0)
		return error_set_errno(e, ERROR_SYSTEM, "no pipes for heatbench-live");
	live->words = words[0];
	code = spawn(path, run, words[1], e);
	close(words[1]);
	if (code != 0)
		return -1;
	code = pthread_create(&live->thread, NULL, listen_thread, live);
	return code ? error_set(e, ERROR_SYSTEM, "no thread to listen to heatbench-live: %s", strerror(code))
		    : 0;
}

static void release(struct live_process *live)
{
	int fds[] = {live->words, live->end[0], live->end[1]};

	for (int i = 0; i < 3; i++)
		if (fds[i] >= 0)
			close(fds[i]);
	free(live);
}

struct live_process *live_process_start(const char *run, struct log *log)
{
	struct live_process *live = malloc(sizeof(*live));
	struct error e = ERROR_INIT;

	if (live)
		*live = (struct live_process){.log = log, .words = -1, .end = {-1, -1}};
	if (!live) {
		error_set(&e, ERROR_SYSTEM, "no memory");
	} else if (!has_display()) {
		error_set(&e, ERROR_SYSTEM,
			"there is no display to show the run on ($DISPLAY is not set); heatbench live %s "
			"--terminal dumb shows it in another text terminal",
			run);
	} else if (start(live, run, &e) == 0) {
		return live;
	}
	log_write(log, LOG_WARNING, "--live: %s; the run goes on", e.text);
	if (live)
		release(live);
	return NULL;
}

void live_process_leave(struct live_process *live)
{
	if (!live)
		return;
	close(live->end[1]);
	live->end[1] = -1;
	pthread_join(live->thread, NULL);
	release(live);
}
