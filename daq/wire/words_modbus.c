/*
 * words_modbus.c - the real end: Modbus RTU and TCP through libmodbus.
 *
 * Requests are sent here and the first byte is awaited here, before libmodbus receives: libmodbus reports a reply
 * that was cut short as a time-out, and here the two must be told apart; it gives the three stamps; and over TCP
 * its own calls take an answer from another unit, while its raw requests (3.1.6) all carry transaction number 0,
 * where the number is what keeps a late reply from being taken for the next answer.
 */
#include "daq/wire/words.h"

#include "daq/base/error.h"
#include "daq/base/lockstep.h"
#include "daq/base/text.h"
#include "daq/wire/port.h"

#include <errno.h>
#include <fcntl.h>
#include <modbus.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <termios.h>
#include <unistd.h>

/* In lock-step the lab answers at once or not at all. After a while it is asked which; what it has not heard or says to
 * have sent is waited for as long as a machine may be busy. Who has no lab to ask waits for the patience alone. */
#define LOCKSTEP_ASK (20 * NANOS_PER_MS)
#define LOCKSTEP_PATIENCE (600 * NANOS_PER_MS)
enum { LOCKSTEP_ASKED = 500 };
#define FAST_PATIENCE (200 * NANOS_PER_MS)
/* Silence inside a frame after which the rest does not come; USB adapters deliver in lumps of up to 16 ms. */
#define BYTE_PATIENCE (50 * NANOS_PER_MS)

struct modbus_end {
	struct words words;
	struct words_config config;
	struct clock_seat *seat;
	modbus_t *context;
	int lock; /* RTU: descriptor that holds the flock */
	int fd;
	nanos patience; /* real time */
	nanos silence;	/* RTU: frames are kept this far apart */
	nanos free_at;	/* bench time from which the next request may go out */
	uint16_t transaction; /* TCP: number of the latest request */
};

static struct clock *clock_of(struct modbus_end *self)
{
	return self->seat->clock;
}

/* What errno of a failed libmodbus call means for the wire. */
static enum wire_status status_of(int number, int *exception)
{
	if (number > MODBUS_ENOBASE && number < MODBUS_ENOBASE + MODBUS_EXCEPTION_MAX) {
		*exception = number - MODBUS_ENOBASE;
		return WIRE_EXCEPTION;
	}
	if (number == ETIMEDOUT)
		return WIRE_TIMEOUT;
	if (number == EMBBADCRC)
		return WIRE_CHECKSUM;
	if (number == EMBBADDATA || number == EMBBADSLAVE || number == EMBBADEXC || number == EMBUNKEXC ||
		number == EMBMDATA)
		return WIRE_MISMATCH;
	return WIRE_GONE;
}

static void fail_reply(struct words_reply *r, enum wire_status status, const char *detail)
{
	r->status = status;
	text_copy(r->detail, sizeof(r->detail), detail);
}

static void fail_errno(struct words_reply *r, int number)
{
	int exception = 0;

	fail_reply(r, status_of(number, &exception), modbus_strerror(number));
	r->exception = exception;
}

/* Waits for the first byte of a reply, in real time. 1: there; 0: time-out; -1: the port is gone. */
static int await_byte(struct modbus_end *self, nanos patience)
{
	struct pollfd p = {.fd = self->fd, .events = POLLIN};
	struct timespec t = {patience / NANOS_PER_S, patience % NANOS_PER_S};
	int n;

	do
		n = ppoll(&p, 1, &t, NULL);
	while (n < 0 && errno == EINTR);
	if (n < 0 || (n > 0 && !(p.revents & POLLIN)))
		return -1;
	return n;
}

static int await_reply(struct modbus_end *self)
{
	if (!clock_of(self)->lockstep)
		return await_byte(self, self->patience);
	for (int asked = 0; asked < LOCKSTEP_ASKED; asked++) {
		int n = await_byte(self, LOCKSTEP_ASK);

		if (n != 0)
			return n;
		switch (lockstep_answered(clock_of(self), self->config.name)) {
		case LOCKSTEP_UNKNOWN:
			return await_byte(self, LOCKSTEP_PATIENCE);
		case LOCKSTEP_SILENT:
			return 0;
		case LOCKSTEP_UNHEARD:
		case LOCKSTEP_SENT:
			break;
		}
	}
	return 0;
}

/* What stands before the unit in a frame: over TCP transaction, protocol and length. */
static int head_of(const struct modbus_end *self)
{
	return self->config.kind == WORDS_TCP ? 6 : 0;
}

/* A TCP reply says which request it answers, and how long it is. */
static bool head_fits(const struct modbus_end *self, const uint8_t *frame, int n)
{
	return self->config.kind == WORDS_RTU ||
	       ((frame[0] << 8 | frame[1]) == self->transaction && frame[2] == 0 && frame[3] == 0 &&
		       (frame[4] << 8 | frame[5]) == n - 6);
}

/* Receives one reply and checks that it answers a request of `function`. `expected` counts from the unit to the
 * last byte of data. */
static void receive(struct modbus_end *self, int unit, int function, int expected, uint8_t *frame,
	struct words_reply *r)
{
	int n = await_reply(self), head = head_of(self), tail = self->config.kind == WORDS_RTU ? 2 : 0;

	if (n <= 0) {
		fail_reply(r, n == 0 ? WIRE_TIMEOUT : WIRE_GONE, n == 0 ? "no reply" : "the port is gone");
		return;
	}
	n = modbus_receive_confirmation(self->context, frame);
	if (n < 0 && errno == ETIMEDOUT) {
		fail_reply(r, WIRE_CHECKSUM, "the reply was cut short");
	} else if (n < 0) {
		fail_errno(r, errno);
	} else if (n > 0 && !head_fits(self, frame, n)) {
		fail_reply(r, WIRE_MISMATCH, "the reply answers another request");
	} else if (n == 0 || frame[head] != unit) {
		fail_reply(r, WIRE_MISMATCH, "the reply came from another unit");
	} else if (frame[head + 1] == (function | 0x80)) {
		r->exception = frame[head + 2];
		fail_reply(r, WIRE_EXCEPTION, modbus_strerror(MODBUS_ENOBASE + frame[head + 2]));
	} else if (frame[head + 1] != function) {
		fail_reply(r, WIRE_MISMATCH, "the reply is to another function");
	} else if (n != head + expected + tail) {
		snprintf(r->detail, sizeof(r->detail), "the reply has %d bytes instead of %d", n, head + expected + tail);
		r->status = WIRE_MISMATCH;
	}
}

/* Sends a request; modbus_send_raw_request makes the RTU frame. */
static bool send_request(struct modbus_end *self, const uint8_t *request, int length)
{
	uint8_t frame[MODBUS_TCP_MAX_ADU_LENGTH];

	if (self->config.kind == WORDS_RTU) {
		modbus_set_slave(self->context, request[0]);
		return modbus_send_raw_request(self->context, request, length) >= 0;
	}
	self->transaction++;
	frame[0] = (uint8_t)(self->transaction >> 8);
	frame[1] = (uint8_t)self->transaction;
	frame[2] = frame[3] = 0;
	frame[4] = (uint8_t)(length >> 8);
	frame[5] = (uint8_t)length;
	memcpy(frame + 6, request, (size_t)length);
	return send(self->fd, frame, (size_t)length + 6, MSG_NOSIGNAL) == length + 6;
}

/* One exchange. `request` is unit, function and data; the reply has as much as `expected` of the same in
 * `frame` from head_of() on. */
static void exchange(struct modbus_end *self, const uint8_t *request, int length, int expected, uint8_t *frame,
	struct words_reply *r)
{
	while (clock_now(clock_of(self)) < self->free_at)
		clock_wait(self->seat, self->free_at);
	r->before = clock_now(clock_of(self));
	clock_expect(self->seat, self->config.name, self->silence);
	if (!send_request(self, request, length)) {
		fail_errno(r, errno);
		r->after = r->last = clock_now(clock_of(self));
		return;
	}
	receive(self, request[0], request[1], expected, frame, r);
	/* The write returns before the bytes are on the wire. */
	r->after = r->before + (length + 2) * words_character_time(&self->config);
	r->last = clock_now(clock_of(self));
}

/* After an exchange: lets the modelled time of a virtual lab pass, and puts the stamps in order. */
static void settle_stamps(struct modbus_end *self, struct words_reply *r)
{
	nanos until = r->before + self->config.response_timeout;

	if (clock_of(self)->lockstep) {
		while (r->status == WIRE_TIMEOUT && clock_now(clock_of(self)) < until)
			clock_wait(self->seat, until);
		if (r->status != WIRE_TIMEOUT && r->status != WIRE_GONE)
			r->last = clock_charge(self->seat, self->config.name, self->silence);
		else
			r->last = clock_now(clock_of(self));
	}
	if (r->after > r->last)
		r->after = r->last;
	self->free_at = r->last + self->silence;
}

static void modbus_end_read(struct words *w, int unit, int function, int address, int count, struct words_reply *r)
{
	struct modbus_end *self = (struct modbus_end *)w;
	uint8_t frame[MODBUS_MAX_ADU_LENGTH];
	const uint8_t *answer = frame + head_of(self);
	const uint8_t request[] = {(uint8_t)unit, (uint8_t)function, (uint8_t)(address >> 8), (uint8_t)address,
		(uint8_t)(count >> 8), (uint8_t)count};

	exchange(self, request, sizeof(request), 3 + 2 * count, frame, r);
	if (r->status == WIRE_OK && answer[2] != 2 * count)
		fail_reply(r, WIRE_MISMATCH, "the reply's byte count is another");
	for (int i = 0; i < count && r->status == WIRE_OK; i++)
		r->words[i] = (uint16_t)(answer[3 + 2 * i] << 8 | answer[4 + 2 * i]);
	r->count = r->status == WIRE_OK ? count : 0;
	settle_stamps(self, r);
}

static void modbus_end_write(struct words *w, int unit, int address, int count, const uint16_t *words,
	struct words_reply *r)
{
	struct modbus_end *self = (struct modbus_end *)w;
	uint8_t frame[MODBUS_MAX_ADU_LENGTH], request[7 + 2 * 123];
	int n = 0;

	request[n++] = (uint8_t)unit;
	request[n++] = count == 1 ? 6 : 16;
	request[n++] = (uint8_t)(address >> 8);
	request[n++] = (uint8_t)address;
	if (count > 1) {
		request[n++] = (uint8_t)(count >> 8);
		request[n++] = (uint8_t)count;
		request[n++] = (uint8_t)(2 * count);
	}
	for (int i = 0; i < count; i++) {
		request[n++] = (uint8_t)(words[i] >> 8);
		request[n++] = (uint8_t)words[i];
	}
	exchange(self, request, n, 6, frame, r);
	if (r->status == WIRE_OK && memcmp(frame + head_of(self), request, 6) != 0)
		fail_reply(r, WIRE_MISMATCH, "the reply confirms another write");
	settle_stamps(self, r);
}

/* FIONREAD alone overlooks what the kernel has taken from the port and not yet handed to the line discipline; a look
 * with poll hands it over first (n_tty_poll). A reply overlooked here would be taken for the next one's. */
static bool modbus_end_pending(struct words *w)
{
	struct modbus_end *self = (struct modbus_end *)w;
	struct pollfd p = {.fd = self->fd, .events = POLLIN};
	int waiting = 0;

	return poll(&p, 1, 0) > 0 && ioctl(self->fd, FIONREAD, &waiting) == 0 && waiting > 0;
}

/* Throws away what waits; returns how many bytes. */
static int discard(struct modbus_end *self)
{
	uint8_t waste[512];
	int total = 0;

	while (modbus_end_pending(&self->words)) {
		ssize_t n = read(self->fd, waste, sizeof(waste));

		if (n <= 0)
			break;
		total += (int)n;
	}
	return total;
}

static int modbus_end_drain(struct words *w, nanos quiet, nanos *latest)
{
	struct modbus_end *self = (struct modbus_end *)w;
	nanos slice = quiet / 50 > NANOS_PER_MS ? quiet / 50 : NANOS_PER_MS;
	nanos until = clock_now(clock_of(self)) + quiet, give_up = until + 9 * quiet;
	int total = discard(self);

	if (total && latest)
		*latest = clock_now(clock_of(self));
	while (clock_now(clock_of(self)) < until && until < give_up) {
		nanos next = clock_now(clock_of(self)) + slice;
		int n;

		clock_wait(self->seat, next < until ? next : until);
		n = discard(self);
		if (n == 0)
			continue;
		total += n;
		if (latest)
			*latest = clock_now(clock_of(self));
		until = clock_now(clock_of(self)) + quiet;
	}
	return total;
}

static void modbus_end_use_seat(struct words *w, struct clock_seat *seat)
{
	struct modbus_end *self = (struct modbus_end *)w;

	self->seat = seat;
}

static void modbus_end_close(struct words *w)
{
	struct modbus_end *self = (struct modbus_end *)w;

	if (self->context) {
		modbus_close(self->context);
		modbus_free(self->context);
	}
	if (self->lock >= 0)
		close(self->lock);
	free(self);
}

static const struct words_ops modbus_ops = {
	.read = modbus_end_read,
	.write = modbus_end_write,
	.drain = modbus_end_drain,
	.pending = modbus_end_pending,
	.use_seat = modbus_end_use_seat,
	.close = modbus_end_close,
};

/* 921600 "succeeds" on a 16550 that stays at 115200: what the driver took is read back. */
static int check_speed(struct modbus_end *self, struct error *e)
{
	unsigned code = port_rate_code(self->config.baud);
	struct termios t;

	if (code != B0 && tcgetattr(self->fd, &t) == 0 && cfgetospeed(&t) == code)
		return 0;
	return error_set(e, ERROR_DEVICE, "port %s does not run at %d baud", self->config.port, self->config.baud);
}

/* libmodbus frames as on a line; a socket has no settings, and its owner sees to it that there is one client. */
static int open_socket(struct modbus_end *self, struct error *e)
{
	const struct words_config *c = &self->config;

	self->fd = port_connect(c->port, e);
	if (self->fd < 0)
		return -1;
	self->context = modbus_new_rtu(c->port, c->baud, 'N', 8, 1);
	if (!self->context || modbus_set_slave(self->context, 1) != 0 || modbus_set_socket(self->context, self->fd) != 0) {
		close(self->fd);
		return error_set(e, ERROR_DEVICE, "cannot open port %s: %s", c->port, modbus_strerror(errno));
	}
	return 0;
}

static int open_rtu(struct modbus_end *self, struct error *e)
{
	const struct words_config *c = &self->config;
	char real[256];
	bool pseudo;

	if (port_is_socket(c->port))
		return open_socket(self, e);
	self->lock = port_lock(c->port, real, sizeof(real), e);
	if (self->lock < 0)
		return -1;
	pseudo = port_is_pseudo(self->lock);
	self->context = modbus_new_rtu(real, c->baud, pseudo ? 'N' : c->parity, pseudo ? 8 : c->data_bits,
		pseudo ? 1 : c->stop_bits);
	if (!self->context || modbus_set_slave(self->context, 1) != 0 || modbus_connect(self->context) != 0)
		return error_set(e, ERROR_DEVICE, "cannot open port %s: %s", c->port, modbus_strerror(errno));
	self->fd = modbus_get_socket(self->context);
	/* A pseudo-terminal stays exclusive when who asked for it is gone: not even a guard could open it again. */
	if (!pseudo)
		port_exclusive(self->fd);
	port_latency(real);
	return check_speed(self, e);
}

static int open_tcp(struct modbus_end *self, struct error *e)
{
	const struct words_config *c = &self->config;
	char service[16];

	snprintf(service, sizeof(service), "%d", c->tcp_port);
	self->context = modbus_new_tcp_pi(c->host, service);
	if (!self->context)
		return error_set(e, ERROR_DEVICE, "bus %s: no Modbus TCP to %s:%d: %s", c->name, c->host, c->tcp_port,
			modbus_strerror(errno));
	modbus_set_response_timeout(self->context, (uint32_t)(self->patience / NANOS_PER_S),
		(uint32_t)(self->patience % NANOS_PER_S / 1000));
	if (modbus_connect(self->context) != 0)
		return error_set(e, ERROR_DEVICE, "bus %s: cannot connect to %s:%d: %s", c->name, c->host, c->tcp_port,
			modbus_strerror(errno));
	self->fd = modbus_get_socket(self->context);
	fcntl(self->fd, F_SETFD, FD_CLOEXEC);
	return 0;
}

/* 3.5 characters between frames, fixed above 19200 baud ("Modbus over serial line" V1.02, 2.5.1.1). */
static nanos silence_of(const struct words_config *config)
{
	if (config->kind != WORDS_RTU)
		return 0;
	return config->baud > 19200 ? 1750000 : words_character_time(config) * 7 / 2;
}

/* How long to wait in real time. A lab that runs faster than time is not faster than the CPU. */
static nanos patience_of(const struct clock *clock, nanos response_timeout)
{
	nanos real;

	if (clock->lockstep)
		return LOCKSTEP_PATIENCE;
	real = (nanos)((double)response_timeout / clock->speed);
	return clock->speed > 1 && real < FAST_PATIENCE ? FAST_PATIENCE : real;
}

int words_open(struct words **out, const struct words_config *config, struct clock_seat *seat, struct error *e)
{
	struct modbus_end *self = calloc(1, sizeof(*self));
	nanos byte = 5 * words_character_time(config);

	if (!self)
		return error_set(e, ERROR_SYSTEM, "no memory for bus %s", config->name);
	self->words.ops = &modbus_ops;
	self->config = *config;
	self->seat = seat;
	self->lock = self->fd = -1;
	self->silence = silence_of(config);
	self->patience = patience_of(seat->clock, config->response_timeout);
	if (byte < BYTE_PATIENCE)
		byte = BYTE_PATIENCE;
	if ((config->kind == WORDS_RTU ? open_rtu(self, e) : open_tcp(self, e)) != 0) {
		modbus_end_close(&self->words);
		return -1;
	}
	modbus_set_response_timeout(self->context, (uint32_t)(self->patience / NANOS_PER_S),
		(uint32_t)(self->patience % NANOS_PER_S / 1000));
	modbus_set_byte_timeout(self->context, (uint32_t)(byte / NANOS_PER_S), (uint32_t)(byte % NANOS_PER_S / 1000));
	*out = &self->words;
	return 0;
}
