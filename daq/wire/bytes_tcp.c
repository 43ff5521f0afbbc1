/*
 * bytes_tcp.c - the same bytes over TCP: serial servers, Ethernet scales, M-Bus gateways.
 */
#include "daq/wire/bytes_ends.h"

#include "daq/base/error.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* A serial server on the same network answers in milliseconds; a host that is switched off never does. */
enum { CONNECT_MS = 3000 };

/* A cable that is pulled says nothing: after so many seconds the connection counts as gone. */
enum { ALIVE_IDLE = 10, ALIVE_INTERVAL = 5, ALIVE_PROBES = 3, ALIVE_MS = (ALIVE_IDLE + ALIVE_INTERVAL * ALIVE_PROBES) * 1000 };

static long tcp_get(struct bytes_end *end, void *data, size_t room)
{
	ssize_t n = recv(end->fd, data, room, 0);

	if (n > 0)
		return (long)n;
	return n < 0 && (errno == EAGAIN || errno == EINTR) ? 0 : -1;
}

static long tcp_put(struct bytes_end *end, const void *data, size_t size)
{
	ssize_t n = send(end->fd, data, size, MSG_NOSIGNAL);

	if (n >= 0)
		return (long)n;
	return errno == EAGAIN || errno == EINTR ? 0 : -1;
}

static void tcp_shut(struct bytes_end *end)
{
	close(end->fd);
}

static void set_options(int fd)
{
	static const struct {
		int level, name, value;
	} options[] = {{IPPROTO_TCP, TCP_NODELAY, 1}, {SOL_SOCKET, SO_KEEPALIVE, 1},
		{IPPROTO_TCP, TCP_KEEPIDLE, ALIVE_IDLE}, {IPPROTO_TCP, TCP_KEEPINTVL, ALIVE_INTERVAL},
		{IPPROTO_TCP, TCP_KEEPCNT, ALIVE_PROBES}, {IPPROTO_TCP, TCP_USER_TIMEOUT, ALIVE_MS}};

	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++)
		setsockopt(fd, options[i].level, options[i].name, &options[i].value, sizeof(options[i].value));
}

/* Waits for a connection that is under way. 0, or what went wrong as an errno. */
static int await_connection(int fd, int64_t deadline_ms)
{
	struct pollfd p = {.fd = fd, .events = POLLOUT};
	int number = 0, n;
	socklen_t size = sizeof(number);

	do {
		int64_t rest = deadline_ms - clock_wall_ms();

		n = poll(&p, 1, rest > 0 ? (int)rest : 0);
	} while (n < 0 && errno == EINTR);
	if (n == 0)
		return ETIMEDOUT;
	if (n < 0 || getsockopt(fd, SOL_SOCKET, SO_ERROR, &number, &size) != 0)
		return errno;
	return number;
}

/* One address. A descriptor, or -1 with errno. */
static int connect_to(const struct addrinfo *a, int64_t deadline_ms)
{
	int fd = socket(a->ai_family, a->ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC, a->ai_protocol);
	int number = 0;

	if (fd < 0)
		return -1;
	if (connect(fd, a->ai_addr, a->ai_addrlen) != 0)
		number = errno == EINPROGRESS ? await_connection(fd, deadline_ms) : errno;
	if (number == 0)
		return fd;
	close(fd);
	errno = number;
	return -1;
}

static int connect_host(const struct bytes_config *c, struct error *e)
{
	struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM}, *all = NULL;
	int64_t deadline_ms = clock_wall_ms() + CONNECT_MS;
	char service[16];
	int fd = -1, code;

	snprintf(service, sizeof(service), "%d", c->tcp_port);
	code = getaddrinfo(c->host, service, &hints, &all);
	if (code != 0)
		return error_set(e, ERROR_DEVICE, "bus %s: cannot find host %s: %s", c->name, c->host, gai_strerror(code));
	for (const struct addrinfo *a = all; a && fd < 0; a = a->ai_next)
		fd = connect_to(a, deadline_ms);
	if (fd < 0)
		error_set_errno(e, ERROR_DEVICE, "bus %s: cannot connect to %s:%d", c->name, c->host, c->tcp_port);
	freeaddrinfo(all);
	return fd;
}

int bytes_tcp_open(struct bytes **out, const struct bytes_config *config, struct clock_seat *seat, struct error *e)
{
	struct bytes_end *end = bytes_end_new(config, seat, e);

	if (!end)
		return -1;
	end->fd = connect_host(config, e);
	if (end->fd < 0) {
		bytes_end_free(end);
		return -1;
	}
	set_options(end->fd);
	end->get = tcp_get;
	end->put = tcp_put;
	end->shut = tcp_shut;
	*out = &end->bytes;
	return 0;
}
