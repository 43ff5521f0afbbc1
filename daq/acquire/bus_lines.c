/*
 * bus_lines.c - buses of lines: relays, PWM outputs, pulse inputs, PWM feedback of pumps.
 *
 * A board of lines is requested whole and answers at once, so there is nothing to keep in step: a line that the
 * kernel refuses is reported, and the board is opened again after retry_after, as a port would be.
 */
#include "daq/acquire/bus_private.h"

#include "daq/device/line_device.h"
#include "daq/device/pulse.h"
#include "daq/device/pump_profile.h"
#include "daq/device/pwm_feedback.h"
#include "daq/wire/lines_record.h"

#include <math.h>
#include <stdlib.h>

/* Without a pulse for so long a meter stands still: 1200 pulses a litre make one every 5 s at 0.6 l/h. */
#define ZERO_AFTER (5 * NANOS_PER_S)

enum { EDGES_AT_ONCE = 1024 };

struct line_input {
	struct pulse pulse;
	struct pwm_feedback feedback;
	const struct pump_profile *profile; /* NULL: duty and frequency alone */
	struct pump_scale scale;
};

struct bus_lines {
	struct lines *board; /* NULL: gone */
	struct line_input input[BENCH_DEVICES];
};

struct line_point {
	double value;
	enum quality quality;
};

/* Inputs start from what the line is now. */
static int begin_inputs(struct bus *bus, struct error *e)
{
	const struct bench *bench = bus->setup.bench;

	for (int d = 0; d < bench->devices; d++) {
		const struct bench_line_device *on = &bench->device[d].on_line;
		struct line_input *input = &bus->lines->input[d];
		const struct pulse_config config = {.width_min = on->min_width, .zero_after = ZERO_AFTER};
		struct line_state state = {.edges = 0};

		if (bench->device[d].bus != bus->setup.number)
			continue;
		if (on->kind == LINE_DEVICE_PULSES || on->kind == LINE_DEVICE_FEEDBACK)
			lines_get(bus->lines->board, on->line, &state);
		pulse_init(&input->pulse, &config, state.level, bus_now(bus));
		pwm_feedback_init(&input->feedback, state.level, bus_now(bus));
		input->scale.carries = isnan(on->flow_max) ? PUMP_POWER : PUMP_FLOW;
		input->scale.full = isnan(on->flow_max) ? on->power_max : on->flow_max;
		input->scale.offset = isnan(on->power_offset) ? 0 : on->power_offset;
		if (on->kind == LINE_DEVICE_FEEDBACK && on->profile[0] &&
			pump_profile_find(on->profile, &input->profile, e) != 0)
			return -1;
	}
	return 0;
}

/* The real end, with a recorder in front where one is wanted. */
static int open_board(struct bus *bus, struct error *e)
{
	const struct lines_config *config = &bus->config->lines;
	struct lines *board = NULL, *recorder = NULL;
	char path[512];

	if (lines_open(&board, config, bus->seat, e) != 0)
		return -1;
	if (bus_record_path(bus, path, sizeof(path)) &&
		lines_record_open(&recorder, board, path, config, bus->seat, e) != 0) {
		lines_close(board);
		return -1;
	}
	bus->lines->board = recorder ? recorder : board;
	return 0;
}

static int lines_kind_open(struct bus *bus, struct error *e)
{
	bus->lines = calloc(1, sizeof(*bus->lines));
	if (!bus->lines)
		return error_set(e, ERROR_SYSTEM, "no memory for %s", bus->source);
	if (open_board(bus, e) != 0)
		return -1;
	return begin_inputs(bus, e);
}

static void lines_kind_use_seat(struct bus *bus, struct clock_seat *seat)
{
	if (bus->lines->board)
		lines_use_seat(bus->lines->board, seat);
}

/* Lines cannot say who they are. */
static int lines_kind_identify(struct bus *bus, int device, struct bus_identity *out, struct error *e)
{
	(void)bus;
	(void)device;
	(void)e;
	*out = (struct bus_identity){0};
	return 0;
}

static void board_is_gone(struct bus *bus)
{
	journal_event(bus->setup.journal, LOG_ERROR, bus->source, "the lines are gone (%s); trying again every %.0f s",
		lines_detail(bus->lines->board), (double)bus->config->retry_after / 1e9);
	lines_close(bus->lines->board);
	bus->lines->board = NULL;
	bus->reopen_at = bus_now(bus) + bus->config->retry_after;
	for (int d = 0; d < bus->setup.bench->devices; d++)
		if (bus->setup.bench->device[d].bus == bus->setup.number)
			bus_device_was_away(bus, d);
}

static bool have_board(struct bus *bus)
{
	struct error e = ERROR_INIT;

	if (bus->lines->board)
		return true;
	if (bus_now(bus) < bus->reopen_at)
		return false;
	if (open_board(bus, &e) != 0) {
		bus->reopen_at = bus_now(bus) + bus->config->retry_after;
		return false;
	}
	journal_event(bus->setup.journal, LOG_INFO, bus->source, "the lines are back");
	begin_inputs(bus, NULL);
	return true;
}

static int lines_kind_write(struct bus *bus, int channel, double value, bool *good, struct error *e)
{
	const struct bench_channel *c = &bus->setup.bench->channel[channel];
	const struct bench_device *device = &bus->setup.bench->device[c->device];
	enum line_status status;

	if (!have_board(bus))
		return error_set(e, ERROR_DEVICE, "%s: the lines of bus %s are gone", device->name,
			bus->config->words.name);
	if (device->on_line.kind == LINE_DEVICE_PWM)
		status = lines_set_duty(bus->lines->board, device->on_line.line, value / 1000);
	else
		status = lines_set(bus->lines->board, device->on_line.line, value >= 0.5);
	pthread_mutex_lock(&bus->lock);
	bus->health.transactions++;
	bus->health.exceptions += status == LINE_REFUSED;
	pthread_mutex_unlock(&bus->lock);
	*good = status == LINE_OK;
	if (status == LINE_OK)
		return 0;
	error_set(e, ERROR_DEVICE, "%s on bus %s: %s", device->name, bus->config->words.name,
		lines_detail(bus->lines->board));
	if (status == LINE_GONE)
		board_is_gone(bus);
	return -1;
}

static void read_pulses(struct bus *bus, int device, struct line_point *point)
{
	const struct bench_line_device *on = &bus->setup.bench->device[device].on_line;
	struct pulse *pulse = &bus->lines->input[device].pulse;
	struct edge edges[EDGES_AT_ONCE];
	struct pulse_reading r;
	struct line_state state;
	int n;

	while ((n = lines_take(bus->lines->board, on->line, edges, EDGES_AT_ONCE)) > 0)
		pulse_feed(pulse, edges, n);
	if (lines_get(bus->lines->board, on->line, &state) != LINE_OK)
		return;
	pulse_lost(pulse, state.lost_edges);
	pulse_read(pulse, bus_now(bus), &r);
	point[PULSES_FREQUENCY] = (struct line_point){r.rate, r.rate_quality};
	point[PULSES_COUNT] = (struct line_point){(double)r.total, r.total_quality};
	point[PULSES_FLOW] = (struct line_point){r.rate / on->pulses_per_litre * 3600, r.rate_quality};
	if (r.total > 0)
		point[PULSES_LAST_EDGE] = (struct line_point){
			(double)(r.last - board_zero(bus->setup.board)) / 1e9, r.total_quality};
	point[PULSES_VOLUME] = (struct line_point){(double)r.total / on->pulses_per_litre, r.total_quality};
}

/* What the duty means, by the vendor's codes. */
static void decode_feedback(const struct line_input *input, double duty, struct line_point *point)
{
	struct pump_feedback f;

	pump_profile_decode(input->profile, &input->scale, duty, &f);
	point[FEEDBACK_STATE] = (struct line_point){f.condition,
		f.condition == PUMP_UNKNOWN ? QUALITY_RANGE : QUALITY_GOOD};
	if (!f.has_value || isnan(f.value))
		return;
	point[input->scale.carries == PUMP_FLOW ? FEEDBACK_FLOW : FEEDBACK_POWER] =
		(struct line_point){f.value, QUALITY_GOOD};
}

static void read_feedback(struct bus *bus, int device, struct line_point *point)
{
	const struct bench_line_device *on = &bus->setup.bench->device[device].on_line;
	struct line_input *input = &bus->lines->input[device];
	struct pwm_feedback_reading r;
	struct edge edges[EDGES_AT_ONCE];
	int n;

	while ((n = lines_take(bus->lines->board, on->line, edges, EDGES_AT_ONCE)) > 0)
		pwm_feedback_feed(&input->feedback, edges, n);
	pwm_feedback_read(&input->feedback, bus_now(bus), &r);
	for (int i = 0; i < FEEDBACK_POINTS; i++)
		point[i].quality = r.quality == QUALITY_GOOD ? QUALITY_GAP : r.quality;
	point[FEEDBACK_DUTY] = (struct line_point){r.duty * 1000, r.quality};
	point[FEEDBACK_FREQUENCY] = (struct line_point){r.frequency, isnan(r.frequency) ? r.quality : QUALITY_GOOD};
	if (r.state == PWM_FEEDBACK_OK && input->profile)
		decode_feedback(input, r.duty, point);
}

static void lines_kind_poll(struct bus *bus, int number, int64_t tick)
{
	const struct bench *bench = bus->setup.bench;
	const struct plan_poll *poll = &bus->setup.plan->poll[number];
	struct line_point point[LINE_POINTS];
	double values[PLAN_POLL_CHANNELS];
	uint8_t qualities[PLAN_POLL_CHANNELS];

	for (int i = 0; i < LINE_POINTS; i++)
		point[i] = (struct line_point){NAN, QUALITY_GAP};
	if (have_board(bus) && bench->device[poll->device].on_line.kind == LINE_DEVICE_PULSES)
		read_pulses(bus, poll->device, point);
	else if (bus->lines->board && bench->device[poll->device].on_line.kind == LINE_DEVICE_FEEDBACK)
		read_feedback(bus, poll->device, point);
	for (int i = 0; i < poll->channels; i++) {
		const struct bench_channel *c = &bench->channel[poll->channel[i]];

		values[i] = bench_reading(bus->setup.bench, c, point[c->reg].value);
		qualities[i] = (uint8_t)point[c->reg].quality;
		if (qualities[i] == QUALITY_GOOD && !(values[i] >= c->min && values[i] <= c->max))
			qualities[i] = isnan(values[i]) ? QUALITY_GAP : QUALITY_RANGE;
		if (qualities[i] == QUALITY_GOOD)
			qualities[i] = (uint8_t)bus_judge_history(bus, poll->channel[i], values[i]);
	}
	board_publish(bus->setup.board, poll, tick, bus_now(bus), values, qualities);
}

static void lines_kind_close(struct bus *bus)
{
	if (!bus->lines)
		return;
	lines_close(bus->lines->board);
	free(bus->lines);
}

const struct bus_kind bus_kind_lines = {
	.open = lines_kind_open,
	.use_seat = lines_kind_use_seat,
	.identify = lines_kind_identify,
	.poll = lines_kind_poll,
	.write = lines_kind_write,
	.close = lines_kind_close,
};
