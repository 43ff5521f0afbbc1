/*
 * host.c - the look-up is done by a thread that is left behind when it takes too long. glibc's own getaddrinfo_a does the same,
 * but its threads are unknown to the thread sanitizer, which falls over them.
 */
#include "daq/wire/host.h"

#include "daq/base/error.h"
#include "daq/base/text.h"

#include <netdb.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

/* Of whoever waits until it is `left`, of the thread from then on. */
struct lookup {
	pthread_mutex_t lock;
	pthread_cond_t change;
	bool answered, left;
	int result; /* EAI_... */
	struct addrinfo *found;
	char name[256];
};

static int collect(const struct addrinfo *list, char address[HOST_ADDRESSES][64])
{
	int n = 0;

	for (; list && n < HOST_ADDRESSES; list = list->ai_next)
		n += getnameinfo(list->ai_addr, list->ai_addrlen, address[n], 64, NULL, 0, NI_NUMERICHOST) == 0;
	return n;
}

static struct lookup *lookup_new(const char *name)
{
	struct lookup *l = calloc(1, sizeof(*l));
	pthread_condattr_t attr;

	if (!l || !text_copy(l->name, sizeof(l->name), name)) {
		free(l);
		return NULL;
	}
	pthread_mutex_init(&l->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&l->change, &attr);
	pthread_condattr_destroy(&attr);
	return l;
}

static void lookup_free(struct lookup *l)
{
	if (l->found)
		freeaddrinfo(l->found);
	pthread_cond_destroy(&l->change);
	pthread_mutex_destroy(&l->lock);
	free(l);
}

static void *look_up(void *argument)
{
	const struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
	struct lookup *l = argument;
	struct addrinfo *found = NULL;
	int result = getaddrinfo(l->name, NULL, &hints, &found);
	bool left;

	pthread_mutex_lock(&l->lock);
	l->result = result;
	l->found = found;
	l->answered = true;
	left = l->left;
	pthread_cond_signal(&l->change);
	pthread_mutex_unlock(&l->lock);
	if (left)
		lookup_free(l);
	return NULL;
}

/* Signals are for threads that expect them. */
static int start(struct lookup *l)
{
	sigset_t all, before;
	pthread_attr_t attr;
	pthread_t thread;
	int result;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	pthread_attr_init(&attr);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	result = pthread_create(&thread, &attr, look_up, l);
	pthread_attr_destroy(&attr);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return result;
}

/* Returns whether there is an answer; else the look-up is not ours any more. */
static bool await(struct lookup *l, int ms)
{
	struct timespec until;
	bool answered;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += ms / 1000;
	until.tv_nsec += ms % 1000 * 1000000L;
	if (until.tv_nsec >= 1000000000L) {
		until.tv_sec++;
		until.tv_nsec -= 1000000000L;
	}
	pthread_mutex_lock(&l->lock);
	while (!l->answered && pthread_cond_timedwait(&l->change, &l->lock, &until) == 0)
		;
	answered = l->answered;
	l->left = !answered;
	pthread_mutex_unlock(&l->lock);
	return answered;
}

int host_resolve(const char *name, int ms, char address[HOST_ADDRESSES][64], struct error *e)
{
	struct addrinfo number = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICHOST}, *found = NULL;
	struct lookup *l;
	int n;

	if (getaddrinfo(name, NULL, &number, &found) == 0) {
		n = collect(found, address);
		freeaddrinfo(found);
		return n;
	}
	l = lookup_new(name);
	if (!l)
		return error_set(e, ERROR_SYSTEM, "no memory to look up host '%.200s', or too long a name", name);
	n = start(l);
	if (n != 0) {
		lookup_free(l);
		return error_set(e, ERROR_SYSTEM, "no thread to look up host '%s': %s", name, strerror(n));
	}
	if (!await(l, ms > 0 ? ms : 1))
		return error_set(e, ERROR_DEVICE, "nobody could say within %d ms what the address of host '%s' is", ms, name);
	n = l->result == 0 ? collect(l->found, address) : 0;
	if (n == 0)
		n = error_set(e, ERROR_DEVICE, "no host is called '%s' (%s)", name, gai_strerror(l->result ? l->result : EAI_NONAME));
	lookup_free(l);
	return n;
}
