/*
 * responder.h - a Modbus device made of raw bytes, on a pseudo-terminal or a TCP port, in a thread of its own. It
 * answers one request after the other (so that what is asked while it is late is answered after it), word by word
 * from `word`, and misbehaves on the transactions that its table names.
 */
#ifndef HEATBENCH_TESTS_WIRE_RESPONDER_H
#define HEATBENCH_TESTS_WIRE_RESPONDER_H

#include "tests/check.h"

#include "daq/wire/words.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <pty.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

enum manner { LATE, MUTE, SHORT, GARBLED, WRONG_UNIT, WRONG_FUNCTION, EXCEPTION, WRONG_NUMBER, WRONG_LENGTH, FEWER_WORDS,
	HANG_UP };

struct misbehaviour {
	enum manner manner;
	int from, count; /* transactions, counted from 0 */
	int ms;		 /* LATE */
};

struct responder {
	bool tcp;
	int fd, listener, slave; /* fd: master or connection */
	char path[64];
	int port;
	const struct misbehaviour *table;
	int rows;
	uint16_t (*word)(int unit, int address);
	pthread_t thread;
	atomic_bool stop;
	atomic_int transactions;
	pthread_mutex_t lock;
	uint8_t request[260]; /* the latest, as it came; read it by responder_latest */
	int request_size;
	_Atomic uint16_t held[64]; /* what was written, by address */
};

static inline uint16_t responder_word(int unit, int address)
{
	return (uint16_t)(address * 257 + unit * 31 + 11);
}

static inline unsigned responder_crc(const uint8_t *bytes, int n)
{
	unsigned c = 0xffff;

	for (int i = 0; i < n; i++) {
		c ^= bytes[i];
		for (int b = 0; b < 8; b++)
			c = c & 1 ? c >> 1 ^ 0xa001 : c >> 1;
	}
	return c;
}

/* Reads exactly n bytes; false: told to stop, or the other side is gone. */
static inline bool responder_take(struct responder *r, uint8_t *to, int n)
{
	while (n > 0) {
		struct pollfd p = {.fd = r->fd, .events = POLLIN};
		ssize_t got;

		if (atomic_load(&r->stop))
			return false;
		if (poll(&p, 1, 5) <= 0 || !(p.revents & POLLIN))
			continue;
		got = read(r->fd, to, (size_t)n);
		if (got <= 0)
			return false;
		to += got;
		n -= (int)got;
	}
	return true;
}

/* One request, from the unit on, into `pdu`; its head (TCP) into `head`. */
static inline bool responder_request(struct responder *r, uint8_t *head, uint8_t *pdu)
{
	int n;

	if (r->tcp) {
		if (!responder_take(r, head, 6))
			return false;
		n = head[4] << 8 | head[5];
		if (n > 254 || !responder_take(r, pdu, n))
			return false;
	} else {
		if (!responder_take(r, pdu, 8))
			return false;
		n = pdu[1] == 16 ? 9 + pdu[6] : 8;
		if (n > 8 && !responder_take(r, pdu + 8, n - 8))
			return false;
	}
	pthread_mutex_lock(&r->lock);
	r->request_size = n;
	memcpy(r->request, pdu, (size_t)n);
	pthread_mutex_unlock(&r->lock);
	return true;
}

/* The latest request, from the unit to the checksum; returns its length. */
static inline int responder_latest(struct responder *r, uint8_t request[260])
{
	int n;

	pthread_mutex_lock(&r->lock);
	n = r->request_size;
	memcpy(request, r->request, sizeof(r->request));
	pthread_mutex_unlock(&r->lock);
	return n;
}

/* The right answer, from the unit on; returns its length. */
static inline int responder_answer(struct responder *r, const uint8_t *q, uint8_t *a)
{
	int address = q[2] << 8 | q[3], count = q[4] << 8 | q[5];

	memcpy(a, q, 6);
	if (q[1] != 3 && q[1] != 4) {
		const uint8_t *data = q[1] == 6 ? q + 4 : q + 7;

		for (int i = 0; i < (q[1] == 6 ? 1 : count); i++)
			r->held[(address + i) % 64] = (uint16_t)(data[2 * i] << 8 | data[2 * i + 1]);
		return 6;
	}
	a[2] = (uint8_t)(2 * count);
	for (int i = 0; i < count; i++) {
		uint16_t w = r->word(q[0], address + i);

		a[3 + 2 * i] = (uint8_t)(w >> 8);
		a[4 + 2 * i] = (uint8_t)w;
	}
	return 3 + 2 * count;
}

/* Changes a right answer into a wrong one; returns its new length. */
static inline int responder_spoil(enum manner manner, uint8_t *head, uint8_t *a, int n)
{
	switch (manner) {
	case WRONG_UNIT:
		a[0]++;
		break;
	case WRONG_FUNCTION:
		a[1] = a[1] == 3 ? 4 : 3;
		break;
	case EXCEPTION:
		a[1] |= 0x80;
		a[2] = 2;
		return 3;
	case WRONG_NUMBER:
		head[1]++;
		break;
	case FEWER_WORDS:
		a[2] = (uint8_t)(a[2] - 2);
		return n - 2;
	default:
		break;
	}
	return n;
}

static inline void responder_send(struct responder *r, enum manner manner, uint8_t *head, uint8_t *a, int n)
{
	uint8_t frame[300];
	int at = r->tcp ? 6 : 0;
	unsigned c;

	memcpy(frame, head, 6);
	memcpy(frame + at, a, (size_t)n);
	if (r->tcp) {
		frame[4] = (uint8_t)(n >> 8);
		frame[5] = (uint8_t)(n + (manner == WRONG_LENGTH));
	} else {
		c = responder_crc(a, n);
		frame[n++] = (uint8_t)c;
		frame[n++] = (uint8_t)(c >> 8);
	}
	if (manner == GARBLED)
		frame[at + n / 2] ^= 0x10;
	n += at;
	if (manner == SHORT)
		n /= 2;
	if (write(r->fd, frame, (size_t)n) != n)
		return;
}

static inline void responder_serve(struct responder *r)
{
	uint8_t head[6] = {0}, q[300], a[300];

	while (responder_request(r, head, q)) {
		int number = atomic_fetch_add(&r->transactions, 1), n, ms = 0;
		enum manner manner = LATE;

		for (int i = 0; i < r->rows; i++)
			if (number >= r->table[i].from && number < r->table[i].from + r->table[i].count) {
				manner = r->table[i].manner;
				ms = r->table[i].ms;
			}
		if (manner == MUTE)
			continue;
		if (manner == HANG_UP)
			return;
		n = responder_spoil(manner, head, a, responder_answer(r, q, a));
		usleep((useconds_t)ms * 1000);
		responder_send(r, manner, head, a, n);
	}
}

static inline void *responder_thread(void *argument)
{
	struct responder *r = argument;

	while (!atomic_load(&r->stop)) {
		struct pollfd p = {.fd = r->listener, .events = POLLIN};

		if (!r->tcp) {
			responder_serve(r);
			break;
		}
		if (poll(&p, 1, 5) <= 0)
			continue;
		r->fd = accept(r->listener, NULL, NULL);
		responder_serve(r);
		close(r->fd);
		r->fd = -1;
	}
	return NULL;
}

static inline void responder_listen(struct responder *r)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
	socklen_t size = sizeof(address);

	r->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(r->listener, (struct sockaddr *)&address, size), 0);
	assert_int_equal(listen(r->listener, 4), 0);
	getsockname(r->listener, (struct sockaddr *)&address, &size);
	r->port = ntohs(address.sin_port);
}

static inline void responder_terminal(struct responder *r)
{
	struct termios t;

	assert_int_equal(openpty(&r->fd, &r->slave, r->path, NULL, NULL), 0);
	tcgetattr(r->slave, &t);
	cfmakeraw(&t);
	tcsetattr(r->slave, TCSANOW, &t);
}

/* `word` NULL: responder_word. */
static inline void responder_start(struct responder *r, bool tcp, const struct misbehaviour *table, int rows,
	uint16_t (*word)(int unit, int address))
{
	memset((void *)r, 0, sizeof(*r));
	r->tcp = tcp;
	r->fd = r->listener = r->slave = -1;
	r->table = table;
	r->rows = rows;
	r->word = word ? word : responder_word;
	pthread_mutex_init(&r->lock, NULL);
	if (tcp)
		responder_listen(r);
	else
		responder_terminal(r);
	assert_int_equal(pthread_create(&r->thread, NULL, responder_thread, r), 0);
}

static inline void responder_stop(struct responder *r)
{
	atomic_store(&r->stop, true);
	pthread_join(r->thread, NULL);
	pthread_mutex_destroy(&r->lock);
	if (r->fd >= 0)
		close(r->fd);
	if (r->slave >= 0)
		close(r->slave);
	if (r->listener >= 0)
		close(r->listener);
}

/* How to reach it. */
static inline struct words_config responder_config(const struct responder *r, int timeout_ms)
{
	struct words_config c = {.kind = r->tcp ? WORDS_TCP : WORDS_RTU, .name = "bus", .baud = 115200, .parity = 'N',
		.data_bits = 8, .stop_bits = 1, .host = "127.0.0.1", .tcp_port = r->port,
		.response_timeout = timeout_ms * NANOS_PER_MS};

	snprintf(c.port, sizeof(c.port), "%s", r->path);
	return c;
}

#endif
