/*
 * bench_interlock.c - constructor of what ends a run by itself: a channel that must stay within bounds.
 */
#include "daq/script/bench_reader.h"

#include "daq/base/error.h"
#include "daq/base/text.h"

#include <math.h>
#include <string.h>

/* clang-format off */
#define FORM(field) offsetof(struct interlock_form, field)
static const struct setting rows[] = {
	{"channel", SETTING_TEXT, FORM(channel), 48, .help = "what is watched"},
	{"min", SETTING_TEXT, FORM(min), QUANTITY_TEXT, .fallback = "", .help = "below this the run ends, with unit", .placeholder = "quantity"},
	{"max", SETTING_TEXT, FORM(max), QUANTITY_TEXT, .fallback = "", .help = "above this the run ends, with unit", .placeholder = "quantity"},
	{"blind", SETTING_DURATION, FORM(interlock.blind), .min = 0, .max = 86400, .fallback = "0 s", .help = "without a good value for longer than this the run ends as well; 0: it may be blind"},
	{"because", SETTING_TEXT, FORM(interlock.because), 96, .fallback = "", .help = "what it means, for the message: \"the tank is full\""},
	SETTING_END
};
/* clang-format on */

const struct shape bench_shape_interlock = {"interlock",
	"Ends the run through the safe state as soon as a channel leaves its bounds. At least one of `min` and `max`.", rows, NULL};

int bench_build_interlock(lua_State *L, void *self, const char *source, struct error *e)
{
	struct bench_reader *reader = self;
	struct interlock_form *form = &reader->interlock[reader->interlocks];

	if (bench_check_room(reader->interlocks, BENCH_INTERLOCKS, "interlocks", source, e) != 0)
		return -1;
	memset(form, 0, sizeof(*form));
	if (settings_from_lua(L, 1, &bench_shape_interlock, form, source, "interlock", e) != 0)
		return -1;
	if (!form->min[0] && !form->max[0])
		return error_set(e, ERROR_CONFIG, "%s: interlock: expected min, max or both", source);
	text_copy(form->interlock.source, sizeof(form->interlock.source), source);
	reader->interlocks++;
	return 0;
}

static int resolve(struct bench *bench, struct interlock_form *f, struct error *e)
{
	struct bench_interlock *i = &f->interlock;
	const struct bench_channel *c;
	const char *near;

	i->channel = bench_find_channel(bench, f->channel);
	if (i->channel < 0) {
		near = bench_nearest_channel(bench, f->channel);
		return error_set(e, ERROR_CONFIG, "%s: interlock.channel: no channel is called '%s'%s%s%s", i->source, f->channel,
			near ? " (did you mean '" : "", near ? near : "", near ? "'?)" : "");
	}
	c = &bench->channel[i->channel];
	if (c->output)
		return error_set(e, ERROR_CONFIG, "%s: interlock.channel: '%s' is an output: what is commanded proves nothing",
			i->source, c->name);
	i->min = -INFINITY;
	i->max = INFINITY;
	if (bench_quantity(f->min, c->unit, &i->min, i->source, "interlock.min", e) != 0 ||
		bench_quantity(f->max, c->unit, &i->max, i->source, "interlock.max", e) != 0)
		return -1;
	if (i->min >= i->max)
		return error_set(e, ERROR_CONFIG, "%s: interlock: min %g is not below max %g %s", i->source, i->min, i->max, c->unit);
	bench->interlock[bench->interlocks++] = *i;
	return 0;
}

int bench_resolve_interlocks(struct bench_reader *reader, struct bench *bench, struct error *e)
{
	for (int i = 0; i < reader->interlocks; i++)
		if (resolve(bench, &reader->interlock[i], e) != 0)
			return -1;
	return 0;
}
