#include "daq/acquire/bus_documents.h"

#include "daq/base/text.h"

#include <math.h>
#include <string.h>

static const struct bench_device *config_of(struct bus *bus, int device)
{
	return &bus->setup.bench->device[device];
}

enum quality documents_judge_fetch(struct bus *bus, int device)
{
	static const enum quality qualities[] = {[WIRE_OK] = QUALITY_GOOD, [WIRE_TIMEOUT] = QUALITY_TIMEOUT,
		[WIRE_CHECKSUM] = QUALITY_CHECKSUM, [WIRE_MISMATCH] = QUALITY_CHECKSUM, [WIRE_EXCEPTION] = QUALITY_EXCEPTION,
		[WIRE_GONE] = QUALITY_TIMEOUT};
	struct bus_documents *d = bus->documents;
	struct bus_device *state = &bus->device[device];
	const struct documents_reply *r = &d->reply;
	bool silent = r->status == WIRE_TIMEOUT || r->status == WIRE_GONE;

	state->silent = silent ? state->silent + 1 : 0;
	if (r->status != d->said && r->status != WIRE_OK)
		journal_event(bus->setup.journal, LOG_WARNING, config_of(bus, device)->name, "no document: %s", r->detail);
	if (r->status != d->said && r->status == WIRE_OK)
		journal_event(bus->setup.journal, LOG_INFO, config_of(bus, device)->name, "gives documents again");
	d->said = r->status;
	if (silent && state->silent >= DOCUMENTS_SILENT_IS_OUT) {
		state->retry_at = bus_now(bus) + bus->config->retry_after;
		if (!state->out)
			journal_event(bus->setup.journal, LOG_WARNING, config_of(bus, device)->name,
				"does not answer; asked again every %.0f s", (double)bus->config->retry_after / 1e9);
		if (!state->out)
			bus_device_was_away(bus, device);
	}
	state->out = silent && state->silent >= DOCUMENTS_SILENT_IS_OUT;
	return qualities[r->status];
}

bool documents_read_identity(struct bus *bus, int device, struct bus_identity *out, const char **missing)
{
	const struct register_map *map = config_of(bus, device)->map;

	memset(out, 0, sizeof(*out));
	for (int i = 0; i < map->identities; i++) {
		*missing = map->row[map->identity[i]].key;
		text_copy(out->what[i], sizeof(out->what[i]), map->identity_name[i]);
		if (!document_text(bus->documents->document, *missing, out->value[i], sizeof(out->value[i])))
			return false;
		out->count++;
	}
	return true;
}

/* Every document says whose it is: another CiC behind the same address is no good value. */
enum quality documents_judge_identity(struct bus *bus, int device)
{
	struct bus_device *state = &bus->device[device];
	struct bus_documents *d = bus->documents;
	struct bus_identity now;
	const char *missing = "";
	bool same, was = state->stranger;

	if (!documents_read_identity(bus, device, &now, &missing)) {
		if (!d->told_identity)
			journal_event(bus->setup.journal, LOG_WARNING, config_of(bus, device)->name,
				"the document does not say whose it is (%s): its values are suspect", missing);
		d->told_identity = true;
		return QUALITY_SUSPECT;
	}
	d->told_identity = false;
	same = memcmp(now.value, state->identity.value, sizeof(now.value)) == 0;
	state->stranger = !same;
	state->unproven = false;
	if (!same && !was)
		journal_event(bus->setup.journal, LOG_ERROR, config_of(bus, device)->name,
			"another device answers in its place (%s %s): its values are suspect", now.what[0], now.value[0]);
	if (same && was)
		journal_event(bus->setup.journal, LOG_INFO, config_of(bus, device)->name, "it is the expected device again");
	return same ? QUALITY_GOOD : QUALITY_SUSPECT;
}

static void say_clock(struct bus *bus, int device, const struct document_clock *c)
{
	const char *name = config_of(bus, device)->name;

	switch (c->news) {
	case CLOCK_NO_NEWS:
		break;
	case CLOCK_WENT_BACK:
		journal_event(bus->setup.journal, LOG_WARNING, name, "its clock went back by %.1f s: this document is suspect; its "
			"clock is now %.1f s from ours", -c->jump, c->offset);
		break;
	case CLOCK_JUMPED:
		journal_event(bus->setup.journal, LOG_WARNING, name, "its clock jumped by %+.1f s and is now %.1f s from ours", c->jump,
			c->offset);
		break;
	case CLOCK_IS_FAR:
		journal_event(bus->setup.journal, LOG_WARNING, name, "its clock is %.1f s %s ours; values carry our time",
			fabs(c->offset), c->offset > 0 ? "ahead of" : "behind");
		break;
	case CLOCK_IS_NEAR:
		journal_event(bus->setup.journal, LOG_INFO, name, "its clock is near ours again (%.1f s)", c->offset);
		break;
	}
}

enum quality documents_judge_time(struct bus *bus, int device)
{
	struct bus_documents *d = bus->documents;
	const struct documents_reply *r = &d->reply;
	nanos mid = r->last - (r->last - r->before) / 2;
	enum document_found found;
	double stamp = NAN;

	if (!bus->config->time_key[0])
		return r->unchanged ? QUALITY_STALE : QUALITY_GOOD;
	found = document_number(d->document, bus->config->time_key, &stamp);
	if (found == DOCUMENT_VALUE && !document_clock_plausible(stamp))
		found = DOCUMENT_WRONG;
	if (found != DOCUMENT_VALUE) {
		document_clock_lost(&d->clock);
		if (!d->told_time)
			journal_event(bus->setup.journal, LOG_WARNING, config_of(bus, device)->name, "its time stamp %s is %s: whether "
				"its documents are new is not known, and they are suspect", bus->config->time_key,
				found == DOCUMENT_WRONG ? "no time in ms since 1970" : document_found_name(found));
		d->told_time = true;
		return QUALITY_SUSPECT;
	}
	d->told_time = false;
	document_clock_take(&d->clock, stamp, mid, clock_utc(bus->seat->clock, mid));
	say_clock(bus, device, &d->clock);
	return d->clock.stale ? QUALITY_STALE : d->clock.news == CLOCK_WENT_BACK ? QUALITY_SUSPECT : QUALITY_GOOD;
}
