/*
 * session_safe.c - the way to the safe state while the buses run.
 */
#include "daq/acquire/session_private.h"

#include "daq/acquire/safe.h"
#include "daq/base/error.h"

#include <string.h>

#define SAFE_PATIENCE (2 * NANOS_PER_S)

/* Whether nothing that is read from the device comes, and what it was set to is in doubt. (Its bus mates may have
 * nothing to read either, while the bus waits for it; but what they were set to stands.) */
static bool is_silent(struct session *session, const struct board_value *value, int device)
{
	int inputs = 0;

	for (int c = 0; c < session->bench->channels; c++) {
		bool output = session->bench->channel[c].output;

		if (session->bench->channel[c].device != device)
			continue;
		if (output ? value[c].quality == QUALITY_GOOD
			   : value[c].quality != QUALITY_TIMEOUT && value[c].quality != QUALITY_GAP)
			return false;
		inputs += !output;
	}
	return inputs > 0;
}

/* What one write may take: where answers may take longer than the usual patience, their time-out and a quiet moment. */
static nanos safe_patience(const struct session *session, int channel)
{
	const struct bench_device *device = &session->bench->device[session->bench->channel[channel].device];
	nanos honest = session->bench->bus[device->bus].words.response_timeout + 500 * NANOS_PER_MS;

	return honest > SAFE_PATIENCE ? honest : SAFE_PATIENCE;
}

/* One safe step through the bus that runs. */
static int safe_step(struct session *session, int number, struct error *e)
{
	const struct bench_safe *safe = &session->bench->safe[number];
	struct error why = ERROR_INIT;
	int result = 0;
	nanos until;

	if (session_write(session, safe->channel, safe->value, safe_patience(session, safe->channel), true, &why) != 0) {
		journal_event(&session->journal, LOG_ERROR, "safe state", "%s", why.text);
		result = error_set(e, ERROR_DEVICE, "the safe state was not confirmed: %s", why.text);
	}
	until = clock_now(session->setup.clock) + safe->pause;
	while (clock_now(session->setup.clock) < until)
		clock_wait(session->seat, until);
	return result;
}

/* Walks the safe steps; every step is tried, whatever became of the one before. Devices that do not answer come
 * last, so that they keep no other from being made safe in time. Returns how many failed. */
static int walk_safe(struct session *session, struct error *e)
{
	const struct bench *bench = session->bench;
	struct board_value value[BENCH_CHANNELS];
	bool silent[SAFE_GROUPS] = {false}, put_off[BENCH_SAFE] = {false};
	int failed = 0;

	board_snapshot(session->board, value);
	for (int s = 0; s < bench->safes; s++)
		silent[safe_group(bench, s)] |= is_silent(session, value, bench->channel[bench->safe[s].channel].device);
	for (int s = 0; s < bench->safes; s++) {
		int group = safe_group(bench, s);

		put_off[s] = silent[group];
		if (!put_off[s] && safe_step(session, s, e) != 0) {
			silent[group] = true;
			failed++;
		}
	}
	for (int s = 0; s < bench->safes; s++)
		if (put_off[s] && safe_step(session, s, e) != 0)
			failed++;
	return failed;
}

int session_reach_safe(struct session *session, struct error *e)
{
	session_doing(session, "going to the safe state");
	for (int b = 0; b < session->bench->buses; b++)
		bus_hurry(session->bus[b]);
	if (walk_safe(session, e) != 0)
		return -1;
	journal_event(&session->journal, LOG_INFO, "safe state", "reached: %d steps acknowledged", session->bench->safes);
	pthread_mutex_lock(&session->view_lock);
	session->safe = true;
	pthread_mutex_unlock(&session->view_lock);
	guard_disarm(session->setup.guard);
	return 0;
}
