#include "daq/acquire/guard.h"

#include "daq/acquire/safe.h"
#include "daq/base/error.h"
#include "daq/base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { SAFE_DEADLINE_MS = 1900, VIRTUAL_MS = 20000, LONGEST_PAUSE_S = 30 };

struct guard {
	pid_t pid;
	int fd; /* write end: commands, one letter each; 'f' is followed by a path and a newline */
	bool armed;
};

/* ---- in the guard's process ---- */

struct watch {
	const struct bench *bench;
	int fd;
	pid_t parent;
	bool armed, virtual_lab, quiet;
	char folder[400];
	FILE *log;
};

static void watch_say(void *self, const char *text)
{
	struct watch *w = self;
	char stamp[32];
	time_t now = time(NULL);
	struct tm tm;

	strftime(stamp, sizeof(stamp), "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &tm));
	if (w->quiet)
		return;
	fprintf(stderr, "guard: %s\n", text);
	if (w->log) {
		fprintf(w->log, "%s %s\n", stamp, text);
		fflush(w->log);
	}
}

/* Whoever reads what the acquisition prints must not wait for what goes on behind it. */
static void leave_terminal(void)
{
	int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);

	for (int fd = 0; fd < 3 && nothing >= 0; fd++)
		dup2(nothing, fd);
}

/* A device that was away may come back with its pump running: the guard goes on alone, the acquisition need not wait. Its
 * log lies beside the run's folder, whose evidence is closed. A virtual lab ends with the acquisition, so there only for
 * a while. */
static void go_on(struct watch *w)
{
	int64_t give_up = w->virtual_lab ? clock_wall_ms() + VIRTUAL_MS : INT64_MAX;
	unsigned pause = 1;
	char path[420], text[120];

	if (fork() != 0)
		return;
	if (w->folder[0]) {
		snprintf(path, sizeof(path), "%s.guard.log", w->folder);
		w->log = fopen(path, "ae");
	}
	snprintf(text, sizeof(text), "process %d goes on trying until the safe state is confirmed", (int)getpid());
	watch_say(w, text);
	leave_terminal();
	w->quiet = true;
	while (safe_walk(w->bench, SAFE_DEADLINE_MS, watch_say, w) != 0 && clock_wall_ms() < give_up) {
		sleep(pause);
		pause = pause < LONGEST_PAUSE_S / 2 ? pause * 2 : LONGEST_PAUSE_S;
	}
	w->quiet = false;
	watch_say(w, clock_wall_ms() < give_up ? "safe state reached at last" : "the virtual lab is gone: given up");
	_exit(EXIT_PASSED);
}

static void act(struct watch *w, const char *why)
{
	char path[420];
	int failed;

	if (w->folder[0]) {
		snprintf(path, sizeof(path), "%s/guard.log", w->folder);
		w->log = fopen(path, "ae");
	}
	watch_say(w, why);
	failed = safe_walk(w->bench, SAFE_DEADLINE_MS, watch_say, w);
	watch_say(w, failed ? "SAFE STATE NOT CONFIRMED" : "safe state reached");
	if (w->log)
		fclose(w->log);
	w->log = NULL;
	if (failed)
		go_on(w);
	_exit(failed ? EXIT_UNABLE : EXIT_PASSED);
}

/* One letter. Returns false when the guard may end. */
static bool obey(struct watch *w, char letter, FILE *in)
{
	switch (letter) {
	case 'a':
		w->armed = true;
		break;
	case 'd':
		w->armed = false;
		break;
	case 'q':
		return false;
	case 'f':
		if (fgets(w->folder, sizeof(w->folder), in))
			w->folder[strcspn(w->folder, "\n")] = '\0';
		break;
	default: /* a pulse */
		break;
	}
	return true;
}

static void watch_run(struct watch *w)
{
	FILE *in = fdopen(w->fd, "r");
	struct pollfd p = {.fd = w->fd, .events = POLLIN};

	if (!in)
		_exit(EXIT_UNABLE);
	setvbuf(in, NULL, _IONBF, 0); /* poll must see what is left */
	for (;;) {
		int n = poll(&p, 1, w->armed ? GUARD_PATIENCE_MS : -1), letter;

		if (n < 0 && errno == EINTR)
			continue;
		if (n == 0) {
			if (getppid() == w->parent) /* else it is gone, and its number may be somebody else's */
				kill(w->parent, SIGKILL);
			act(w, "no pulse from the acquisition: it hangs, and was killed");
		}
		letter = fgetc(in);
		if (letter == EOF) {
			if (w->armed)
				act(w, "the acquisition is gone without having reached the safe state");
			_exit(EXIT_PASSED);
		}
		if (!obey(w, (char)letter, in))
			_exit(EXIT_PASSED);
	}
}

/* Keeps stdin, stdout and stderr, the pipe and the lab's lifetime; all else belongs to the acquisition. */
static void close_others(int keep, int also)
{
	for (int fd = 3; fd < 1024; fd++)
		if (fd != keep && fd != also)
			close(fd);
}

static void become_guard(const struct bench *bench, int fd, int lifetime_fd, pid_t parent)
{
	struct watch w = {.bench = bench, .fd = fd, .parent = parent, .virtual_lab = lifetime_fd >= 0};

	prctl(PR_SET_NAME, "heatbench-guard"); /* what kills the acquisition by name must not kill its guard */
	setsid();
	signal(SIGINT, SIG_IGN);
	signal(SIGTERM, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	signal(SIGTSTP, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	close_others(fd, lifetime_fd);
	watch_run(&w);
}

/* ---- in the acquisition ---- */

int guard_start(struct guard **out, const struct bench *bench, int lifetime_fd, struct error *e)
{
	struct guard *guard = calloc(1, sizeof(*guard));
	pid_t self = getpid();
	int pipe_fd[2];

	if (!guard)
		return error_set(e, ERROR_SYSTEM, "no memory for the guard");
	if (pipe2(pipe_fd, O_CLOEXEC) != 0) {
		free(guard);
		return error_set_errno(e, ERROR_SYSTEM, "no pipe for the guard");
	}
	fflush(NULL); /* or the guard would print what is buffered a second time */
	guard->pid = fork();
	if (guard->pid == 0)
		become_guard(bench, pipe_fd[0], lifetime_fd, self);
	close(pipe_fd[0]);
	if (guard->pid < 0) {
		close(pipe_fd[1]);
		free(guard);
		return error_set_errno(e, ERROR_SYSTEM, "no process for the guard");
	}
	guard->fd = pipe_fd[1];
	*out = guard;
	return 0;
}

/* A guard that died cannot be told anything; the run goes on and its end says so. */
static void tell(struct guard *guard, const char *text)
{
	size_t n = strlen(text);

	if (guard && write(guard->fd, text, n) != (ssize_t)n)
		return;
}

void guard_folder(struct guard *guard, const char *run_path)
{
	char line[420];

	snprintf(line, sizeof(line), "f%s\n", run_path);
	tell(guard, line);
}

void guard_arm(struct guard *guard)
{
	if (guard)
		guard->armed = true;
	tell(guard, "a");
}

void guard_disarm(struct guard *guard)
{
	if (guard)
		guard->armed = false;
	tell(guard, "d");
}

void guard_pulse(struct guard *guard)
{
	tell(guard, "p");
}

bool guard_end(struct guard *guard)
{
	int status = 0;

	if (!guard)
		return true;
	if (!guard->armed)
		tell(guard, "q");
	close(guard->fd); /* armed: to the guard this is an acquisition that is gone, and it acts */
	while (waitpid(guard->pid, &status, 0) < 0 && errno == EINTR)
		;
	free(guard);
	return WIFEXITED(status) && WEXITSTATUS(status) == EXIT_PASSED;
}
