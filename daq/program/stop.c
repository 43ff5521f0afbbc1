#include "daq/program/stop.h"

#include "daq/acquire/session.h"
#include "daq/base/error.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
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
	return set;
}

static void *stop_thread(void *argument)
{
	sigset_t set = stop_signals();
	int number;

	(void)argument;
	while (sigwait(&set, &number) == 0) {
		if (++stop_count > 1) {
			/* The guard sees that we are gone and walks the safe steps. */
			static const char text[] = "\nstopped twice: leaving at once, the guard makes the bench safe\n";

			if (write(STDERR_FILENO, text, sizeof(text) - 1) < 0)
				_exit(EXIT_STOPPED);
			_exit(EXIT_STOPPED);
		}
		fprintf(stderr, "\nstopping: the bench goes to the safe state (once more leaves at once)\n");
		if (write(stop_pipe[1], "s", 1) < 0)
			continue; /* full: it is readable already */
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
