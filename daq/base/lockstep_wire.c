#include "daq/base/lockstep_wire.h"

#include "daq/base/error.h"
#include "daq/base/text.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { EXPECTED = 64, ROOM = 1024 };

/* A transaction under way, by its number: 0: free. */
struct expected {
	long number;
	bool told;
	struct lockstep_ended ended;
};

struct lockstep_wire {
	int fd;
	char in[ROOM];
	size_t have;
	long latest;
	struct expected expected[EXPECTED];
};

static int connect_to(const char *path, struct error *e)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd;

	if (!text_copy(address.sun_path, sizeof(address.sun_path), path))
		return error_set(e, ERROR_DEVICE, "virtual lab: the socket's path is too long: %s", path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return error_set_errno(e, ERROR_SYSTEM, "virtual lab: no socket");
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) != 0) {
		error_set_errno(e, ERROR_DEVICE, "virtual lab: cannot connect to %s", path);
		close(fd);
		return -1;
	}
	return fd;
}

int lockstep_wire_open(struct lockstep_wire **out, const char *path, struct error *e)
{
	struct lockstep_wire *wire = calloc(1, sizeof(*wire));

	if (!wire)
		return error_set(e, ERROR_SYSTEM, "virtual lab: no memory for its clock");
	wire->fd = connect_to(path, e);
	if (wire->fd < 0) {
		free(wire);
		return -1;
	}
	*out = wire;
	return 0;
}

void lockstep_wire_close(struct lockstep_wire *wire)
{
	if (!wire)
		return;
	close(wire->fd);
	free(wire);
}

static bool send_all(const struct lockstep_wire *wire, const char *text)
{
	size_t left = strlen(text);

	while (left > 0) {
		ssize_t n = send(wire->fd, text, left, MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		text += n;
		left -= (size_t)n;
	}
	return true;
}

/* 1: a line, 0: none within `ms` (-1: however long it takes), -1: the lab is gone. A line that is longer than any is. */
static int take_line(struct lockstep_wire *wire, int ms, char *line, size_t size)
{
	const char *end;
	ssize_t n;

	while (!(end = memchr(wire->in, '\n', wire->have))) {
		struct pollfd p = {.fd = wire->fd, .events = POLLIN};

		if (wire->have == sizeof(wire->in))
			return -1;
		if (ms >= 0 && poll(&p, 1, ms) == 0)
			return 0;
		n = recv(wire->fd, wire->in + wire->have, sizeof(wire->in) - wire->have, 0);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return -1;
		wire->have += (size_t)n;
	}
	snprintf(line, size, "%.*s", (int)(end - wire->in), wire->in);
	wire->have -= (size_t)(end - wire->in) + 1;
	memmove(wire->in, end + 1, wire->have);
	return 1;
}

/* Whether the line was told unasked: then it is kept, or dropped where nobody waits for it any more. */
static bool keep_ended(struct lockstep_wire *wire, const char *line)
{
	struct lockstep_ended ended;
	long number;
	int answered;

	if (sscanf(line, "ended %ld %d %" SCNd64 " %" SCNd64, &number, &answered, &ended.end, &ended.now) != 4)
		return false;
	ended.answered = answered == 1;
	for (int i = 0; i < EXPECTED; i++)
		if (wire->expected[i].number == number)
			wire->expected[i] = (struct expected){number, true, ended};
	return true;
}

bool lockstep_wire_ask(struct lockstep_wire *wire, const char *question, char *answer, size_t size)
{
	if (!send_all(wire, question))
		return false;
	do {
		if (take_line(wire, -1, answer, size) != 1)
			return false;
	} while (keep_ended(wire, answer));
	return true;
}

long lockstep_wire_expect(struct lockstep_wire *wire, const char *endpoint, nanos rest, nanos limit)
{
	char line[128];

	for (int i = 0; i < EXPECTED; i++) {
		if (wire->expected[i].number != 0)
			continue;
		snprintf(line, sizeof(line), "expect %s %ld %" PRId64 " %" PRId64 "\n", endpoint, ++wire->latest, rest, limit);
		if (!send_all(wire, line))
			return 0;
		wire->expected[i] = (struct expected){.number = wire->latest};
		return wire->latest;
	}
	return 0;
}

bool lockstep_wire_ended(struct lockstep_wire *wire, long number, int ms, struct lockstep_ended *out)
{
	char line[128];
	bool told = false;

	for (int i = 0; i < EXPECTED; i++) {
		struct expected *x = &wire->expected[i];

		if (x->number != number)
			continue;
		while (!x->told && take_line(wire, ms, line, sizeof(line)) == 1)
			keep_ended(wire, line);
		/* On a busy machine it may be on its way. What the lab has to say comes before what it answers now; to ask for the
		 * end instead would let its time pass twice. */
		if (!x->told && ms > 0)
			lockstep_wire_ask(wire, "hello\n", line, sizeof(line));
		told = x->told;
		if (told)
			*out = x->ended;
		x->number = 0;
	}
	return told;
}
