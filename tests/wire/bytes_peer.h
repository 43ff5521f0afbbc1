/*
 * bytes_peer.h - the other side of a bytes wire, held by the test itself: a pseudo-terminal's master or a TCP connection.
 * What must happen while the wire waits is said later by a thread (peer_say_later).
 */
#ifndef HEATBENCH_TESTS_WIRE_BYTES_PEER_H
#define HEATBENCH_TESTS_WIRE_BYTES_PEER_H

#include "tests/check.h"

#include "daq/wire/bytes.h"

#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <pty.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <termios.h>
#include <unistd.h>

#define MS NANOS_PER_MS

struct peer {
	bool tcp;
	int fd, listener, slave;
	struct bytes_config config;
	struct peer_speech {
		int ms;
		char text[600];
		bool hang_up;
	} speech;
	pthread_t thread;
	bool speaks;
	atomic_bool over;
};

static inline void peer_start(struct peer *p, bool tcp)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
	socklen_t size = sizeof(a);

	memset((void *)p, 0, sizeof(*p));
	p->tcp = tcp;
	p->fd = p->listener = p->slave = -1;
	p->config = (struct bytes_config){.kind = tcp ? BYTES_TCP : BYTES_SERIAL, .name = "scale", .baud = 9600,
		.parity = 'N', .data_bits = 8, .stop_bits = 1, .host = "127.0.0.1", .response_timeout = 300 * MS};
	if (!tcp) {
		assert_int_equal(openpty(&p->fd, &p->slave, p->config.port, NULL, NULL), 0);
		return;
	}
	p->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(p->listener, (struct sockaddr *)&a, size), 0);
	assert_int_equal(listen(p->listener, 4), 0);
	getsockname(p->listener, (struct sockaddr *)&a, &size);
	p->config.tcp_port = ntohs(a.sin_port);
}

static inline struct bytes *peer_open(struct peer *p, struct clock_seat *seat)
{
	struct bytes *b = NULL;
	struct error e = ERROR_INIT;

	must(bytes_open(&b, &p->config, seat, &e));
	if (p->tcp)
		p->fd = accept(p->listener, NULL, NULL);
	return b;
}

/* As much as comes in half a second, up to `size`. */
static inline size_t peer_hear(struct peer *p, char *data, size_t size)
{
	size_t have = 0;

	while (have < size) {
		struct pollfd f = {.fd = p->fd, .events = POLLIN};
		ssize_t n;

		if (poll(&f, 1, 500) <= 0 || !(f.revents & POLLIN))
			break;
		n = read(p->fd, data + have, size - have);
		if (n <= 0)
			break;
		have += (size_t)n;
	}
	return have;
}

static inline void peer_say(struct peer *p, const char *text)
{
	assert_int_equal(write(p->fd, text, strlen(text)), strlen(text));
}

static inline void peer_hang_up(struct peer *p)
{
	close(p->fd);
	if (p->slave >= 0)
		close(p->slave);
	p->fd = p->slave = -1;
}

static inline void *peer_thread(void *argument)
{
	struct peer *p = argument;

	usleep((useconds_t)p->speech.ms * 1000);
	if (write(p->fd, p->speech.text, strlen(p->speech.text)) < 0)
		return NULL;
	if (p->speech.hang_up)
		peer_hang_up(p);
	return NULL;
}

static inline void peer_say_later(struct peer *p, int ms, const char *text, bool hang_up)
{
	p->speech.ms = ms;
	p->speech.hang_up = hang_up;
	snprintf(p->speech.text, sizeof(p->speech.text), "%s", text);
	p->speaks = true;
	assert_int_equal(pthread_create(&p->thread, NULL, peer_thread, p), 0);
}

static inline void peer_said(struct peer *p)
{
	if (p->speaks)
		pthread_join(p->thread, NULL);
	p->speaks = false;
}

static inline void peer_stop(struct peer *p)
{
	peer_said(p);
	if (p->fd >= 0)
		close(p->fd);
	if (p->slave >= 0)
		close(p->slave);
	if (p->listener >= 0)
		close(p->listener);
}

#endif
