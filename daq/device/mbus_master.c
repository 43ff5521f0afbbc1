#include "daq/device/mbus_master.h"

#include "daq/base/error.h"
#include "daq/base/text.h"
#include "daq/device/mbus_exchange.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define GARBAGE_QUIET (100 * NANOS_PER_MS)
/* A line that babbles must not teach the master to wait for ever. */
#define LATE_MOST (10 * NANOS_PER_S)
#define LATE_USUAL NANOS_PER_S
#define PROBATION_LEAST (10 * NANOS_PER_S)

enum { CI_SELECT = 0x52, CI_RESET = 0x50, ID_DIGITS = 8, ADDRESS_DIGITS = 16, BITS = 11 };

static nanos now_of(const struct mbus_master *m)
{
	return clock_now(bytes_seat(m->wire)->clock);
}

static int refuse_address(const char *text, const char *why, struct error *e)
{
	return error_set(e, ERROR_CONFIG, "secondary address '%s': %s: expected the 8 digits of the meter's number, or those and 8 "
		"hex characters for manufacturer, version and medium, F for any", text, why);
}

int mbus_address_parse(const char *text, struct mbus_address *out, struct error *e)
{
	struct mbus_address address = {.primary = MBUS_SELECTED};
	char digits[ADDRESS_DIGITS + 1] = "FFFFFFFFFFFFFFFF";
	size_t length = strlen(text);

	if (length != ID_DIGITS && length != ADDRESS_DIGITS)
		return refuse_address(text, "wrong length", e);
	if (strspn(text, "0123456789") < ID_DIGITS)
		return refuse_address(text, "the number has other characters than digits", e);
	if (strspn(text, "0123456789ABCDEFabcdef") != length)
		return refuse_address(text, "a character that is no hex digit", e);
	memcpy(digits, text, length);
	for (int i = 0; i < ADDRESS_DIGITS / 2; i++) {
		const char pair[3] = {digits[2 * i], digits[2 * i + 1], '\0'};

		address.select[i < 4 ? 3 - i : i] = (uint8_t)strtol(pair, NULL, 16);
	}
	*out = address;
	return 0;
}

nanos mbus_response_time(int baud, bool gateway)
{
	return 330 * NANOS_PER_S / baud + 200 * NANOS_PER_MS + (gateway ? 500 * NANOS_PER_MS : 0);
}

nanos mbus_reading_time(int baud, int bytes)
{
	return (nanos)(5 + bytes) * BITS * NANOS_PER_S / baud + 330 * NANOS_PER_S / baud / 2 + 50 * NANOS_PER_MS;
}

void mbus_slave_forget(struct mbus_slave *slave)
{
	slave->ready = false;
}

void mbus_master_use(struct mbus_master *m, struct bytes *wire)
{
	m->wire = wire;
	m->reader.have = 0;
	m->recovery.owed = false;
}

void mbus_master_init(struct mbus_master *m, const struct mbus_master_config *config, struct bytes *wire)
{
	memset(m, 0, sizeof(*m));
	m->config = *config;
	if (m->config.response_timeout == 0)
		m->config.response_timeout = mbus_response_time(config->baud, config->gateway);
	mbus_master_use(m, wire);
}

/* From now on an old answer may be under way. */
static void distrust(struct mbus_master *m, struct mbus_slave *slave)
{
	nanos length = 5 * slave->late_max > PROBATION_LEAST ? 5 * slave->late_max : PROBATION_LEAST;

	slave->probation_until = now_of(m) + length;
}

static void owe_recovery(struct mbus_master *m, struct mbus_slave *slave, nanos quiet)
{
	m->recovery.owed = true;
	m->recovery.quiet = quiet;
	m->recovery.since = now_of(m);
	m->recovery.slave = slave;
}

/* Throws away what comes until it is quiet, in slices, to know when the last of it came; 0: nothing came. */
static nanos listen_out(struct mbus_master *m, nanos quiet)
{
	nanos slice = quiet / 50 > NANOS_PER_MS ? quiet / 50 : NANOS_PER_MS, latest = 0;
	nanos until = now_of(m) + quiet, give_up = until + 3 * quiet;

	m->reader.have = 0;
	while (now_of(m) < until && now_of(m) < give_up) {
		if (bytes_drain(m->wire, slice) == 0)
			continue;
		latest = now_of(m) - slice / 2;
		until = latest + quiet;
	}
	return latest;
}

bool mbus_master_recover(struct mbus_master *m)
{
	struct mbus_slave *slave = m->recovery.slave;
	nanos latest, learnt;

	if (!m->recovery.owed)
		return false;
	m->recovery.owed = false;
	latest = listen_out(m, m->recovery.quiet);
	learnt = latest ? (latest - m->recovery.since) * 3 / 2 : 0;
	if (learnt > LATE_MOST)
		learnt = LATE_MOST;
	if (learnt > slave->late_max)
		slave->late_max = learnt;
	distrust(m, slave);
	return latest > 0;
}

/* What nobody asked for is no answer to what comes now. */
static void make_quiet(struct mbus_master *m, struct mbus_slave *slave, struct mbus_reading *r)
{
	mbus_master_recover(m);
	if (bytes_drain(m->wire, 0) == 0 && m->reader.have == 0)
		return;
	r->wrong++;
	owe_recovery(m, slave, slave->late_max);
	mbus_master_recover(m);
}

static bool worth_repeating(enum wire_status status)
{
	return status == WIRE_TIMEOUT || status == WIRE_CHECKSUM;
}

/* One request until it is answered, or has been repeated often enough. Between attempts the wire is quiet for 33 bit times
 * (EN 13757-2, 5.5.2) and 50 ms. */
static bool ask(struct mbus_master *m, struct mbus_slave *slave, struct mbus_exchange *x, struct mbus_reading *r)
{
	int attempts = 1 + (slave->silent ? 0 : m->config.retries);

	for (int i = 0; i < attempts; i++) {
		mbus_exchange_run(m, x, r);
		if (!worth_repeating(r->status))
			break;
		distrust(m, slave);
		if (i + 1 < attempts)
			bytes_drain(m->wire, 33 * NANOS_PER_S / m->config.baud + 50 * NANOS_PER_MS);
	}
	return r->status == WIRE_OK;
}

static bool link_primary(struct mbus_master *m, struct mbus_slave *slave, struct mbus_reading *r)
{
	struct mbus_exchange x = {.what = "initialisation (SND_NKE)", .slave = slave, .wants = MBUS_ACK};

	if (slave->ready && !slave->many)
		return true;
	x.size = mbus_frame_short(x.request, MBUS_SND_NKE, slave->address.primary);
	return ask(m, slave, &x, r);
}

/* The selected meter is known by its frame count starting again. */
static bool link_secondary(struct mbus_master *m, struct mbus_slave *slave, struct mbus_reading *r)
{
	struct mbus_exchange x = {.what = "selection of its secondary address", .slave = slave, .wants = MBUS_ACK};

	x.size = mbus_frame_long(x.request, MBUS_SND_UD, MBUS_SELECTED, CI_SELECT, slave->address.select, 8);
	return ask(m, slave, &x, r);
}

static bool reset_application(struct mbus_master *m, struct mbus_slave *slave, struct mbus_reading *r)
{
	struct mbus_exchange x = {.what = "application reset", .slave = slave, .wants = MBUS_ACK};
	uint8_t subcode = (uint8_t)slave->reset;

	if (slave->reset < 0 || slave->ready)
		return true;
	x.size = mbus_frame_long(x.request, MBUS_SND_UD | (slave->fcb ? MBUS_FCB : 0), slave->address.primary, CI_RESET, &subcode, 1);
	if (!ask(m, slave, &x, r))
		return false;
	slave->fcb = !slave->fcb;
	return true;
}

static bool link_up(struct mbus_master *m, struct mbus_slave *slave, struct mbus_reading *r)
{
	bool secondary = slave->address.primary == MBUS_SELECTED, afresh = secondary || !slave->ready || slave->many;

	if (!(secondary ? link_secondary(m, slave, r) : link_primary(m, slave, r)))
		return false;
	if (afresh)
		slave->fcb = true;
	return reset_application(m, slave, r);
}

/* The telegrams of one reading, each asked for with the other frame count bit. */
static bool read_telegrams(struct mbus_master *m, struct mbus_slave *slave, struct mbus_reading *r)
{
	do {
		struct mbus_exchange x = {.what = "request for data (REQ_UD2)", .slave = slave, .wants = MBUS_LONG};

		if (r->telegram.frames == MBUS_TELEGRAMS) {
			snprintf(r->detail, sizeof(r->detail), "more than %d telegrams", MBUS_TELEGRAMS);
			r->status = WIRE_MISMATCH;
			return false;
		}
		x.size = mbus_frame_short(x.request, MBUS_REQ_UD2 | (slave->fcb ? MBUS_FCB : 0), slave->address.primary);
		if (!ask(m, slave, &x, r))
			return false;
		slave->fcb = !slave->fcb;
	} while (r->telegram.more);
	slave->many = r->telegram.frames > 1;
	slave->ready = true;
	return true;
}

/* Whether nothing else is under way: then what was taken was the answer. */
static bool prove(struct mbus_master *m, struct mbus_slave *slave)
{
	bool secondary = slave->address.primary == MBUS_SELECTED;
	struct mbus_reading proof = {.status = WIRE_OK};

	slave->ready = false;
	if (!(secondary ? link_secondary(m, slave, &proof) : link_primary(m, slave, &proof)) || proof.wrong)
		return false;
	slave->ready = slave->fcb = true;
	return true;
}

/* Between the last of the request and the first of the answer, in the meter. */
static void set_instant(const struct mbus_master *m, struct mbus_reading *r)
{
	nanos reply = (nanos)r->size * BITS * NANOS_PER_S / m->config.baud, turnaround = r->last - reply - r->after;

	if (turnaround < 0)
		turnaround = 0;
	r->half_width = turnaround / 2;
	r->at = r->after + turnaround / 2;
}

void mbus_master_read(struct mbus_master *m, struct mbus_slave *slave, struct mbus_reading *r)
{
	mbus_telegram_clear(&r->telegram);
	r->size = 0;
	r->wrong = r->checksums = 0;
	r->detail[0] = '\0';
	r->status = WIRE_OK;
	r->unproved = false;
	r->before = r->after = r->last = 0;
	if (slave->late_max == 0)
		slave->late_max = LATE_USUAL;
	make_quiet(m, slave, r);
	if (link_up(m, slave, r) && read_telegrams(m, slave, r)) {
		slave->silent = 0;
		set_instant(m, r);
		r->unproved = now_of(m) < slave->probation_until && !prove(m, slave);
		if (!r->unproved)
			return;
		snprintf(r->detail, sizeof(r->detail), "not known to be the answer to this request");
		owe_recovery(m, slave, slave->late_max);
		return;
	}
	slave->ready = false;
	slave->silent = r->status == WIRE_TIMEOUT ? slave->silent + 1 : 0;
	if (r->after == 0)
		r->after = r->before;
	r->at = r->last;
	r->half_width = 0;
	if (r->status != WIRE_GONE)
		owe_recovery(m, slave, r->status == WIRE_CHECKSUM ? GARBAGE_QUIET : slave->late_max);
}
