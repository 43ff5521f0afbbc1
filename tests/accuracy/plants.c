#include "tests/accuracy/plants.h"

#include "daq/base/error.h"
#include "daq/base/text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ZERO 1704067200.0 /* 2024-01-01, a Monday */
#define DAY 86400.0

static const struct {
	enum meters_role role;
	const char *unit;
} shown[] = {{ROLE_AC_VOLTAGE, "V"}, {ROLE_AC_CURRENT, "A"}, {ROLE_FAN_SPEED, "rpm"}, {ROLE_PUMP_DUTY, "W"}, {ROLE_PUMP_RELAY, "1"},
	{ROLE_BOTTOM_PLATE_HEATER, "1"}, {ROLE_CRANKCASE_HEATER, "1"}, {ROLE_WORKING_MODE, "1"}, {ROLE_DEFROST, "1"}, {ROLE_OUTSIDE, "degC"}};
enum { SHOWN = sizeof(shown) / sizeof(shown[0]) };

struct plant_rules plant_rules_default(void)
{
	return (struct plant_rules){.seed = 1,
		.pumps = PLANT_PUMPS,
		.days = 27,
		.dt = 15,
		.memory = 0.3,
		.unit_sd = 0.02,
		.skew = {1, 2, 3, 4, 5, 6},
		.meter_sd = 0.003,
		.missing = 0.001};
}

static int make_pump(struct plant *plant, int number, int64_t rows, struct error *e)
{
	struct study_pump *p = &plant->study.pump[number];
	size_t n = (size_t)rows;

	snprintf(p->name, sizeof(p->name), "hp%d", number + 1);
	p->rows = rows;
	p->spacing = p->electric.spacing = plant->rules.dt;
	p->electric_register.spacing = p->heat.spacing = p->heat_register.spacing = NAN;
	p->settings = &plant->settings;
	p->time = malloc(n * sizeof(*p->time));
	p->step = malloc(n * sizeof(*p->step));
	p->excluded = calloc(n, 1);
	p->run = calloc(n, 1);
	p->electric.t = malloc(n * sizeof(double));
	p->electric.v = malloc(n * sizeof(double));
	for (int i = 0; i < SHOWN; i++) {
		text_copy(p->unit[shown[i].role], sizeof(p->unit[0]), shown[i].unit);
		if (!(p->column[shown[i].role] = malloc(n * sizeof(double))))
			return error_set(e, ERROR_SYSTEM, "no memory for a plant");
	}
	if (!p->time || !p->step || !p->excluded || !p->run || !p->electric.t || !p->electric.v)
		return error_set(e, ERROR_SYSTEM, "no memory for a plant");
	for (int64_t i = 0; i < rows; i++) {
		p->time[i] = ZERO + plant->rules.dt * (double)i;
		p->step[i] = plant->rules.dt;
	}
	return 0;
}

int plant_make(struct plant *out, const struct plant_rules *rules, struct error *e)
{
	struct plant *p = out;
	int64_t rows = (int64_t)(rules->days * DAY / rules->dt);

	*p = (struct plant){.rules = *rules, .settings = meters_settings_default()};
	p->settings.electric_class = METERS_ELECTRIC_B;
	p->study.runs = 1;
	p->study.pumps = rules->pumps;
	p->study.run = calloc(1, sizeof(*p->study.run));
	p->study.pump = calloc((size_t)rules->pumps, sizeof(*p->study.pump));
	p->outside = malloc((size_t)rows * sizeof(double));
	for (int q = PLANT_ESTIMATE; q < PLANT_Z; q++)
		p->z[q] = malloc((size_t)rows * sizeof(double));
	if (!p->study.run || !p->study.pump || !p->outside || !p->z[PLANT_NOISE] ||
		calendar_make(&p->study.calendar, "UTC", ZERO, ZERO + rules->days * DAY - rules->dt, e) < 0)
		goto fail;
	text_copy(p->study.run->label, sizeof(p->study.run->label), "plant");
	p->study.run->settings = p->settings;
	p->study.run->origin = ORIGIN_SIMULATED;
	p->study.run->from = ZERO;
	p->study.run->to = ZERO + rules->days * DAY;
	p->study.run->rows = rows;
	p->study.scans = rows * rules->pumps;
	for (int i = 0; i < rules->pumps; i++)
		if (make_pump(p, i, rows, e) < 0)
			goto fail;
	return 0;
fail:
	plant_free(p);
	return e->code ? -1 : error_set(e, ERROR_SYSTEM, "no memory for a plant");
}

/* Days that remember the day before, a daily wave, straight lines between the middles of the days. */
static void draw_weather(struct plant *plant)
{
	int days = plant->rules.days;
	uint64_t random = plant->rules.seed * 64 + 63;
	double memory = plant->rules.memory, level, next, dt = plant->rules.dt;
	int64_t at = 0, day = (int64_t)(DAY / dt);

	plant_bits(&random);
	level = plant_normal(&random);
	for (int d = 0; d < days; d++, level = next) {
		next = memory * level + sqrt(1 - memory * memory) * plant_normal(&random);
		for (int64_t i = 0; i < day; i++, at++) {
			double u = (double)i / (double)day;

			plant->outside[at] = rint(10 * (4 + 3.5 * (level + u * (next - level)) + 3 * cos(6.283185307179586 * (u - 0.6)))) / 10;
		}
	}
}

static void draw_unit(struct plant *plant, int i)
{
	const struct plant_rules *r = &plant->rules;
	uint64_t random = r->seed * 64 + 32 + (uint64_t)i;
	double sd = r->unit_sd;

	plant_bits(&random);
	plant->unit[i] = (struct plant_unit){.gain = 1 + sd * plant_normal(&random),
		.offset = 5.15 + 100 * sd * plant_normal(&random),
		.heater = 150 * (1 + 3 * sd * plant_normal(&random)),
		.crankcase = 40 * (1 + 3 * sd * plant_normal(&random)),
		.skew = r->skew[i],
		.meter_gain = r->meter_sd * plant_normal(&random),
		.meter_offset = r->meter_sd > 0 ? 0.2 * plant_normal(&random) : 0,
		.meter_noise = 0.3};
}

void plant_draw(struct plant *plant, uint64_t seed)
{
	plant->rules.seed = seed;
	memset(plant->moments, 0, sizeof(plant->moments));
	draw_weather(plant);
	for (int i = 0; i < plant->rules.pumps; i++) {
		draw_unit(plant, i);
		plant_process(plant, i);
		plant_moments_add(plant, i);
	}
}

void plant_free(struct plant *plant)
{
	for (int i = 0; plant->study.pump && i < plant->rules.pumps; i++) {
		struct study_pump *p = &plant->study.pump[i];

		for (int r = 0; r < ROLES; r++)
			free(p->column[r]);
		free(p->time);
		free(p->step);
		free(p->excluded);
		free(p->run);
		free(p->electric.t);
		free(p->electric.v);
	}
	for (int q = 0; q < PLANT_Z; q++)
		free(plant->z[q]);
	free(plant->outside);
	free(plant->study.pump);
	free(plant->study.run);
	calendar_free(&plant->study.calendar);
	*plant = (struct plant){.rules = {.pumps = 0}};
}
