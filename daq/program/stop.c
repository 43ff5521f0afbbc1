#include "daq/program/stop.h"

#include "daq/acquire/session.h"
#include "daq/base/error.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static pthread_mutex_t stop_lock = PTHREAD_MUTEX_INITIALIZER;
static struct session *stop_target;
static int stop_pipe[2] = {-1, -1};
static int stop_count;

static sigset_t stop_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGCHLD);
	return set;
}

/* A process that is gone although the run needs it: guard, virtual lab, or the procedure, unless that ended by
 * itself (then it has said so to whoever serves it). */
static bool lost_process(char *why, size_t size)
{
	siginfo_t child = {0};
	char path[40], name[32] = "";
	bool killed;
	FILE *f;

	/* Only looked at: who started it collects it. */
	if (waitid(P_ALL, 0, &child, WEXITED | WNOHANG | WNOWAIT) != 0 || child.si_pid == 0)
		return false;
	snprintf(path, sizeof(path), "/proc/%d/comm", (int)child.si_pid);
	f = fopen(path, "re");
	if (f) {
		if (fgets(name, sizeof(name), f))
			name[strcspn(name, "\n")] = '\0';
		fclose(f);
	}
	killed = child.si_code != CLD_EXITED;
	if (!killed && strcmp(name, "heatbench-guard") != 0 && strcmp(name, "heatbench-lab") != 0)
		return false;
	snprintf(why, size, "%s was ended (%s %d)",
		strcmp(name, "heatbench-guard") == 0 ? "the guard, which makes the bench safe if this program cannot,"
		: strcmp(name, "heatbench-lab") == 0 ? "the virtual lab"
						     : "the process of the procedure",
		killed ? "signal" : "status", child.si_status);
	return true;
}

static void wake_pollers(void)
{
	while (write(stop_pipe[1], "s", 1) < 0 && errno == EINTR)
		; /* full: it is readable already */
}

static void take_lost_process(void)
{
	char why[160];

	if (!lost_process(why, sizeof(why)))
		return;
	pthread_mutex_lock(&stop_lock);
	if (stop_target && stop_count == 0) { /* a stop ends the procedure itself */
		session_fail(stop_target, why);
		wake_pollers();
	}
	pthread_mutex_unlock(&stop_lock);
}

static void *stop_thread(void *argument)
{
	sigset_t set = stop_signals();
	int number;

	(void)argument;
	while (sigwait(&set, &number) == 0) {
		if (number == SIGCHLD) {
			take_lost_process();
			continue;
		}
		if (++stop_count > 1) {
			/* The guard sees that we are gone and walks the safe steps. */
			static const char text[] = "\nstopped twice: leaving at once, the guard makes the bench safe\n";

			if (write(STDERR_FILENO, text, sizeof(text) - 1) < 0)
				_exit(EXIT_STOPPED);
			_exit(EXIT_STOPPED);
		}
		fprintf(stderr, "\nstopping: the bench goes to the safe state (once more leaves at once)\n");
		wake_pollers();
		pthread_mutex_lock(&stop_lock);
		if (stop_target)
			session_stop(stop_target);
		pthread_mutex_unlock(&stop_lock);
	}
	return NULL;
}

int stop_prepare(struct error *e)
{
	if (pipe2(stop_pipe, O_CLOEXEC | O_NONBLOCK) != 0)
		return error_set_errno(e, ERROR_SYSTEM, "no pipe for signals");
	return 0;
}

int stop_fd(void)
{
	return stop_pipe[0];
}

int stop_watch(struct error *e)
{
	sigset_t set = stop_signals();
	pthread_t thread;
	int result;

	signal(SIGPIPE, SIG_IGN);
	signal(SIGTSTP, SIG_IGN); /* a stopped acquisition would leave the bench running unwatched */
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	result = pthread_create(&thread, NULL, stop_thread, NULL);
	if (result != 0)
		return error_set(e, ERROR_SYSTEM, "no thread for signals: %s", strerror(result));
	pthread_detach(thread);
	return 0;
}

void stop_session(struct session *session)
{
	pthread_mutex_lock(&stop_lock);
	stop_target = session;
	if (session && stop_count)
		session_stop(session);
	pthread_mutex_unlock(&stop_lock);
}
