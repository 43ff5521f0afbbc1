/*
 * mbus_meters.h - meters on an M-Bus in memory, written after EN 13757-2: they acknowledge, obey the frame count bit, are
 * selected by their secondary address, and can misbehave. A meter counts its answers in its energy, so that an answer says
 * which request it is of.
 */
#ifndef HEATBENCH_TESTS_DEVICE_MBUS_METERS_H
#define HEATBENCH_TESTS_DEVICE_MBUS_METERS_H

#include "tests/device/mbus_frames.h"

#include "daq/base/lockstep.h"
#include "daq/device/mbus_master.h"
#include "daq/wire/bytes_faulty.h"

#include <math.h>

#define MS NANOS_PER_MS

enum { METERS = 4, FIRST_ENERGY = 1000 };

struct meter {
	int address;	   /* -1: there is none */
	uint8_t id[8];	   /* as in its header */
	int telegrams;	   /* of one reading; 0: one */
	int status, mode;  /* mode: of encryption, which its header claims */
	bool mute, only_ack, selected;
	int says_address;  /* in its answers instead of its own; 0: its own */
	int fcb;	   /* last seen; -1: none */
	int at;		   /* telegram that comes next */
	int energy;	   /* kWh: one more with each new answer */
};

struct meters {
	struct meter meter[METERS];
	const char *before; /* said before each answer, in hex */
	bool echo;
	char heard[400];    /* C fields and CI fields of all requests, in hex */
	int last_reset;	    /* subcode; -1: none */
};

static inline int answer_data(struct meter *m, uint8_t *out)
{
	char text[900];
	int n = 0;

	for (int i = 0; i < 8; i++)
		n += snprintf(text + n, sizeof(text) - (size_t)n, "%02X ", m->id[i]);
	n += snprintf(text + n, sizeof(text) - (size_t)n, "%02X %02X 00 %02X ", m->energy & 0xFF, (unsigned)m->status, (unsigned)m->mode);
	if (m->at == 0)
		n += snprintf(text + n, sizeof(text) - (size_t)n, "04 06 %02X %02X 00 00 02 59 AC 0D", m->energy & 0xFF, m->energy >> 8);
	else
		n += snprintf(text + n, sizeof(text) - (size_t)n, "84 10 06 %02X %02X 00 00", m->energy & 0xFF, m->energy >> 8);
	if (m->at + 1 < m->telegrams)
		snprintf(text + n, sizeof(text) - (size_t)n, " 1F");
	return seal(out, m->says_address ? m->says_address : m->address, 0x72, text);
}

static inline int meter_answer(struct meters *bus, struct meter *m, const uint8_t *request, size_t size, uint8_t *out)
{
	int c = request[0] == 0x10 ? request[1] : request[4], fcb = c >> 5 & 1;

	if (c == MBUS_SND_NKE) {
		m->fcb = -1;
		m->at = 0;
	}
	if (request[0] == 0x68 && request[6] == 0x50)
		bus->last_reset = size > 9 ? request[7] : 0;
	if (c != (MBUS_REQ_UD2 | fcb << 5)) {
		out[0] = 0xE5;
		return 1;
	}
	if (m->only_ack) {
		out[0] = 0xE5;
		return 1;
	}
	if (m->fcb >= 0 && fcb != m->fcb) {
		m->energy++;
		m->at = m->telegrams > 1 ? (m->at + 1) % m->telegrams : 0;
	} else if (m->fcb < 0) {
		m->energy++;
	}
	m->fcb = fcb;
	return answer_data(m, out);
}

static inline bool selects(const uint8_t *select, const uint8_t *id)
{
	for (int i = 0; i < 8; i++)
		if (select[i] != id[i] && select[i] != 0xFF)
			return false;
	return true;
}

static inline int meters_answer(void *self, const char *data, size_t size, char *reply, size_t room)
{
	struct meters *bus = self;
	const uint8_t *request = (const uint8_t *)data;
	uint8_t *out = (uint8_t *)reply;
	int a = request[0] == 0x10 ? request[2] : request[5], n = 0, answers = 0;
	bool select = request[0] == 0x68 && request[6] == 0x52;
	size_t have = strlen(bus->heard);

	(void)room;
	snprintf(bus->heard + have, sizeof(bus->heard) - have, "%02X ", request[0] == 0x10 ? request[1] : request[6]);
	if (bus->echo) {
		memcpy(out, request, size);
		n = (int)size;
	}
	if (bus->before)
		n += hex_bytes(bus->before, out + n);
	for (int i = 0; i < METERS; i++) {
		struct meter *m = &bus->meter[i];

		if (m->address < 0)
			continue;
		if (select) {
			m->selected = selects(request + 7, m->id);
			m->fcb = -1;
			m->at = 0;
		}
		if (m->mute || (a == MBUS_SELECTED ? !m->selected : a != m->address))
			continue;
		answers++;
		n += select ? (out[n] = 0xE5, 1) : meter_answer(bus, m, request, size, out + n);
	}
	return answers || bus->echo ? n : 0;
}

static struct clock *clock_;
static struct clock_seat *seat;

/* One meter at address 5, number 12345678 of KAM. */
static inline void meters_init(struct meters *bus)
{
	static const uint8_t id[8] = {0x78, 0x56, 0x34, 0x12, 0x2D, 0x2C, 0x35, 0x04};

	memset(bus, 0, sizeof(*bus));
	bus->last_reset = -1;
	for (int i = 0; i < METERS; i++) {
		bus->meter[i].address = i == 0 ? 5 : -1;
		bus->meter[i].fcb = -1;
		bus->meter[i].energy = FIRST_ENERGY;
		memcpy(bus->meter[i].id, id, sizeof(id));
		bus->meter[i].id[0] = (uint8_t)(id[0] + i);
	}
}

/* The wire to them, behind a faulty end. */
static inline struct bytes *meters_wire(struct meters *bus, const struct bytes_fault *faults, int count, nanos duration,
	struct clock_seat *of)
{
	const struct bytes_memory memory = {.answer = meters_answer, .self = bus, .duration = duration};
	struct bytes *inner = NULL, *wire = NULL;
	struct error e = ERROR_INIT;

	must(bytes_memory_open(&inner, &memory, of, &e));
	must(bytes_faulty_open(&wire, inner, faults, count, &e));
	return wire;
}

static inline int open_clock(void **state)
{
	struct error e = ERROR_INIT;

	(void)state;
	must(lockstep_open_alone(&clock_, 0, &e));
	seat = clock_join(clock_, "test");
	return 0;
}

static inline int close_clock(void **state)
{
	(void)state;
	clock_leave(seat);
	clock_close(clock_);
	return 0;
}

#endif
