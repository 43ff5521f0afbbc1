#include "tests/accuracy/lab_logs.h"

#include "daq/base/error.h"
#include "daq/base/text.h"
#include "daq/store/run.h"
#include "fixtures/lab/instrument_outdoor.h"
#include "fixtures/lab/lab_noise.h"
#include "fixtures/lab/plant_heat_meter.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LATEST = 8, MOST_COLUMNS = 24, CIC_COLUMNS = 10 };

struct column {
	const char *name, *role, *quantity, *unit, *kind;
};

/* The CiC's first: they come late. */
static const struct column electric_columns[] = {
	{"ac_voltage", "ac_voltage", "voltage", "V", "gauge"},
	{"ac_current", "ac_current", "current", "A", "gauge"},
	{"fan", "fan_speed", "fan speed", "rpm", "gauge"},
	{"pump_duty", "pump_duty", "power", "W", "gauge"},
	{"pump_relay", "pump_relay", "relay", "", "state"},
	{"plate_heater", "bottom_plate_heater", "heater", "", "state"},
	{"crankcase_heater", "crankcase_heater", "heater", "", "state"},
	{"mode", "working_mode", "mode", "", "state"},
	{"defrost", "defrost", "defrost", "", "state"},
	{"outside", "outside_temperature", "temperature", "degC", "gauge"},
	{"power", "electric_power", "active power", "W", "gauge"},
	{"energy", "electric_energy", "energy", "kWh", "counter"},
}, heat_columns[] = {
	{"water_in", "water_in_temperature", "temperature", "degC", "gauge"},
	{"water_out", "water_out_temperature", "temperature", "degC", "gauge"},
	{"unit_flow", "internal_flow", "volume flow", "l/h", "gauge"},
	{"estimated_power", "estimated_power", "power", "W", "gauge"},
	{"estimated_heat", "estimated_heat", "power", "W", "gauge"},
	{"heat", "heat_power", "heat power", "W", "gauge"},
	{"heat_energy", "heat_energy", "heat", "kWh", "counter"},
	{"flow", "flow", "volume flow", "l/h", "gauge"},
	{"supply", "supply_temperature", "temperature", "degC", "gauge"},
	{"return", "return_temperature", "temperature", "degC", "gauge"},
	{"volume", "volume", "volume", "m3", "counter"},
};
enum { ELECTRIC = sizeof(electric_columns) / sizeof(*electric_columns), HEAT = sizeof(heat_columns) / sizeof(*heat_columns),
	HEAT_OF_CIC = 5 };

struct logs {
	const struct lab_logs *want;
	struct lab_truth *truth;
	struct run *run;
	struct plant_cics plant;
	struct outdoor odu[LAB_PUMPS];
	struct plant_heat_meter heat[LAB_PUMPS];
	double energy_kwh[LAB_PUMPS];			       /* registers */
	double shown[LAB_PUMPS][LATEST][MOST_COLUMNS];	       /* by the CiC, of the latest seconds */
	int columns;
};

static double spread(const struct logs *l, int pump, uint32_t what, double width)
{
	return width * (2 * lab_noise_uniform(l->want->seed, 7000 + (uint32_t)pump, what, 0) - 1);
}

static void draw(struct logs *l)
{
	struct lab_truth *t = l->truth;

	for (int i = 0; i < LAB_PUMPS; i++) {
		t->meter_gain[i] = spread(l, i, 1, 0.006);
		t->meter_offset[i] = spread(l, i, 2, 0.2);
		t->flow_gain[i] = spread(l, i, 3, 0.01);
		t->current_gain[i] = 0.875 + spread(l, i, 4, 0.025);
		t->skew[i] = (int)floor(3.5 + spread(l, i, 5, 3.5));
	}
}

static void make_plant(struct logs *l)
{
	struct plant_cics_config config = {.seed = l->want->seed, .utc_zero = l->want->start * NANOS_PER_S};

	plant_cics_draw(&config);
	plant_cics_init(&l->plant, &config);
	for (int i = 0; i < LAB_PUMPS; i++) {
		l->odu[i] = (struct outdoor){.heatpump = &l->plant.heatpump[i],
			.weather = &l->plant.weather,
			.errors = {.current_gain = l->truth->current_gain[i], .current_noise = 0.02, .flow_noise = 0.003}};
		l->odu[i].base.id = (uint32_t)i + 1;
		l->odu[i].base.seed = l->want->seed;
		outdoor_init(&l->odu[i], 3, 7);
		l->heat[i] = (struct plant_heat_meter){.turn = 4 * NANOS_PER_S,
			.errors = {.flow = l->truth->flow_gain[i], .start_lph = 3, .permanent_lph = 1500},
			.energy_kwh = 1000 * (i + 1),
			.volume_m3 = 100 * (i + 1)};
		l->energy_kwh[i] = 500 * (i + 1);
	}
}

static int define_column(struct logs *l, int pump, const struct column *column, struct error *e)
{
	struct run_channel c = {.group = "scan", .device = -1, .origin = ORIGIN_SIMULATED, .certificate = -1, .resolution = NAN,
		.uncertainty = NAN};

	snprintf(c.name, sizeof(c.name), "hp%d_%s", pump + 1, column->name);
	snprintf(c.dut, sizeof(c.dut), "hp%d", pump + 1);
	text_copy(c.role, sizeof(c.role), column->role);
	text_copy(c.quantity, sizeof(c.quantity), column->quantity);
	text_copy(c.unit, sizeof(c.unit), column->unit);
	text_copy(c.kind, sizeof(c.kind), column->kind);
	return run_define_channel(l->run, &c, e);
}

static int define(struct logs *l, struct error *e)
{
	static const char *const settings[][2] = {
		{"electric_class", "B"}, {"heat_class", "2"}, {"qp", "1.5 m3/h"}, {"flow_sensor", "return"}};

	for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++) {
		struct run_setting s = {.source = "lab_logs.c"};

		text_copy(s.name, sizeof(s.name), settings[i][0]);
		text_copy(s.value, sizeof(s.value), settings[i][1]);
		if (run_define_setting(l->run, &s, e) < 0)
			return -1;
	}
	for (int p = 0; p < l->want->pumps; p++) {
		struct run_dut dut = {.kind = "heat_pump", .firmware = "3.7", .firmware_origin = ORIGIN_SIMULATED};

		snprintf(dut.name, sizeof(dut.name), "hp%d", p + 1);
		if (run_define_dut(l->run, &dut, e) < 0)
			return -1;
	}
	for (int p = 0; p < l->want->pumps; p++) {
		for (int c = 0; c < ELECTRIC; c++)
			if (define_column(l, p, &electric_columns[c], e) < 0)
				return -1;
		for (int c = 0; l->want->heat && c < HEAT; c++)
			if (define_column(l, p, &heat_columns[c], e) < 0)
				return -1;
	}
	return run_define_group(l->run, "scan", 1, e);
}

static int create(struct logs *l, const char *folder, struct error *e)
{
	struct run_about about = {.bench = "meters", .label = "lab log", .procedure = "none", .operator= "test", .host = "here",
		.software = "test", .command = "make_run", .origin = ORIGIN_SIMULATED, .seed = (int64_t)l->want->seed,
		.utc = l->want->start * NANOS_PER_S, .period = l->want->interval * NANOS_PER_S};
	struct run_segment segment = {.boot_id = "boot", .utc = about.utc};

	text_copy(about.time_zone, sizeof(about.time_zone), l->want->zone ? l->want->zone : "UTC");
	memset(segment.bench_digest, 'a', 64);
	if (run_create(&l->run, folder, &about, 0, e) < 0 || (l->want->daily && run_in_days(l->run, e) < 0) || define(l, e) < 0)
		return -1;
	return run_begin_segment(l->run, &segment, e);
}

/* What the CiC says of a heat pump in this second. */
static void show(const struct logs *l, int pump, double *v)
{
	const struct outdoor *o = &l->odu[pump];
	int bits = (int)outdoor_read(o, BITS);
	double power, lph = outdoor_read(o, FLOW), in = outdoor_read(o, WATER_IN), out = outdoor_read(o, WATER_OUT);

	v[0] = outdoor_read(o, VOLTAGE);
	v[1] = outdoor_read(o, CURRENT);
	v[2] = outdoor_read(o, FAN);
	v[3] = outdoor_read(o, PUMP_POWER);
	v[4] = bits & ODU_BIT_PUMP_RELAY ? 1 : 0;
	v[5] = bits & ODU_BIT_BOTTOM ? 1 : 0;
	v[6] = bits & ODU_BIT_CRANKCASE ? 1 : 0;
	v[7] = outdoor_read(o, WORKING_MODE);
	v[8] = outdoor_read(o, DEFROST);
	v[9] = outdoor_read(o, OUTSIDE);
	power = 5.150232354845286 + 1.1240096401010435 * v[0] * v[1] - 0.04858859969715763 * v[2] + 150.06430841218332 * v[5] +
		v[3] * v[4] + 40 * v[6];
	v[10] = in;
	v[11] = out;
	v[12] = round(lph);
	v[13] = round(fmax(power, 0));
	v[14] = round(lph / 3.6e6 * 997 * 4182 * (out - in));
}

static void second(struct logs *l)
{
	int64_t s;

	plant_cics_step(&l->plant);
	s = l->plant.now / NANOS_PER_S;
	for (int i = 0; i < l->want->pumps; i++) {
		const struct heatpump *hp = &l->plant.heatpump[i];
		double power = hp->power_w * (1 + l->truth->meter_gain[i]) + l->truth->meter_offset[i];

		l->odu[i].base.kind->step(&l->odu[i].base, l->plant.now);
		if (l->want->heat)
			plant_heat_meter_step(&l->heat[i], hp->kg_s, hp->water_out, hp->water_in, NANOS_PER_S, l->plant.now);
		l->energy_kwh[i] += power / 3.6e6;
		show(l, i, l->shown[i][s % LATEST]);
	}
}

static void take(const struct logs *l, int pump, double *v)
{
	const struct heatpump *hp = &l->plant.heatpump[pump];
	const struct plant_heat_meter *h = &l->heat[pump];
	int64_t s = l->plant.now / NANOS_PER_S, then = s - l->truth->skew[pump];
	const double *shown = l->shown[pump][(then > 0 ? then : s > 0 ? 1 : 0) % LATEST];
	double noise = 0.3 * lab_noise_normal(l->want->seed, 8000 + (uint32_t)pump, 0, s);

	memcpy(v, shown, CIC_COLUMNS * sizeof(*v));
	v[10] = round(10 * (hp->power_w * (1 + l->truth->meter_gain[pump]) + l->truth->meter_offset[pump] + noise)) / 10;
	v[11] = floor(100 * l->energy_kwh[pump]) / 100;
	if (!l->want->heat)
		return;
	memcpy(v + ELECTRIC, shown + CIC_COLUMNS, HEAT_OF_CIC * sizeof(*v));
	v += ELECTRIC + HEAT_OF_CIC;
	v[0] = round(h->power_w);
	v[1] = floor(10 * h->energy_kwh) / 10;
	v[2] = round(h->lph);
	v[3] = h->supply;
	v[4] = h->back;
	v[5] = floor(1000 * h->volume_m3) / 1000;
}

static int fill(struct logs *l, struct error *e)
{
	int64_t rows = (int64_t)l->want->days * 86400 / l->want->interval;
	double value[LAB_PUMPS * MOST_COLUMNS];
	uint8_t quality[LAB_PUMPS * MOST_COLUMNS] = {0};

	for (int64_t i = 0; i < rows; i++) {
		for (int s = 0; s < l->want->interval; s++)
			second(l);
		for (int p = 0; p < l->want->pumps; p++)
			take(l, p, value + (ptrdiff_t)p * l->columns);
		if (run_put_scan(l->run, 0, i, value, quality, l->want->pumps * l->columns, e) < 0 ||
			(i % 4000 == 0 && run_commit(l->run, e) < 0))
			return -1;
	}
	return run_commit(l->run, e);
}

int lab_logs_write(const struct lab_logs *want, const char *folder, struct lab_truth *truth, char *path, size_t size, struct error *e)
{
	struct logs *l = calloc(1, sizeof(*l));
	int result = -1;

	if (!l)
		return error_set(e, ERROR_SYSTEM, "no memory for a log");
	l->want = want;
	l->truth = truth;
	l->columns = ELECTRIC + (want->heat ? HEAT : 0);
	draw(l);
	make_plant(l);
	if (create(l, folder, e) < 0 || fill(l, e) < 0)
		goto out;
	text_copy(path, size, run_path(l->run));
	for (int i = 0; i < want->pumps; i++) {
		truth->energy_kwh[i] = l->plant.heatpump[i].energy_kwh;
		truth->heat_kwh[i] = l->plant.heatpump[i].heat_kwh;
	}
	result = 0;
	if (!want->open) {
		result = run_finish(l->run, (want->start + want->days * INT64_C(86400)) * NANOS_PER_S, "complete", "", e);
		l->run = NULL;
	}
out:
	run_abandon(l->run);
	free(l);
	return result;
}
