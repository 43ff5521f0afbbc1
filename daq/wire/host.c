#include "daq/wire/host.h"

#include "daq/base/error.h"

#include <netdb.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

/* A look-up that may be left behind: the resolver's thread writes to it until it has its answer. */
struct lookup {
	struct gaicb request;
	struct addrinfo hints;
	char name[256];
};

static int collect(const struct addrinfo *list, char address[HOST_ADDRESSES][64])
{
	int n = 0;

	for (; list && n < HOST_ADDRESSES; list = list->ai_next)
		n += getnameinfo(list->ai_addr, list->ai_addrlen, address[n], 64, NULL, 0, NI_NUMERICHOST) == 0;
	return n;
}

static int unknown(const char *name, int why, int ms, struct error *e)
{
	if (why == EAI_INPROGRESS || why == EAI_AGAIN)
		return error_set(e, ERROR_DEVICE, "nobody could say within %d ms what the address of host '%s' is", ms, name);
	return error_set(e, ERROR_DEVICE, "no host is called '%s' (%s)", name, gai_strerror(why));
}

static int look_up(struct lookup *l, int ms, char address[HOST_ADDRESSES][64], struct error *e, bool *left)
{
	struct gaicb *list[] = {&l->request};
	const struct gaicb *awaited[] = {&l->request};
	struct timespec patience = {ms / 1000, ms % 1000 * 1000000L};
	int result = getaddrinfo_a(GAI_NOWAIT, list, 1, NULL), n;

	if (result != 0)
		return error_set(e, ERROR_SYSTEM, "cannot look up host '%s': %s", l->name, gai_strerror(result));
	gai_suspend(awaited, 1, &patience);
	result = gai_error(&l->request);
	if (result == EAI_INPROGRESS)
		*left = gai_cancel(&l->request) == EAI_NOTCANCELED;
	if (result != 0)
		return unknown(l->name, result, ms, e);
	n = collect(l->request.ar_result, address);
	freeaddrinfo(l->request.ar_result);
	return n > 0 ? n : unknown(l->name, EAI_NONAME, ms, e);
}

int host_resolve(const char *name, int ms, char address[HOST_ADDRESSES][64], struct error *e)
{
	struct addrinfo number = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICHOST}, *found = NULL;
	struct lookup *l;
	bool left = false;
	int n;

	if (getaddrinfo(name, NULL, &number, &found) == 0) {
		n = collect(found, address);
		freeaddrinfo(found);
		return n;
	}
	l = calloc(1, sizeof(*l));
	if (!l)
		return error_set(e, ERROR_SYSTEM, "no memory to look up host '%s'", name);
	strncpy(l->name, name, sizeof(l->name) - 1);
	l->hints.ai_socktype = SOCK_STREAM;
	l->request.ar_name = l->name;
	l->request.ar_request = &l->hints;
	n = look_up(l, ms > 0 ? ms : 1, address, e, &left);
	if (!left)
		free(l);
	return n;
}
