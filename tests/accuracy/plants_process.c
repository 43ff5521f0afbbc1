/*
 * plants_process.c - what one heat pump does, at random instants, and how its controller and its meter see it.
 */
#include "tests/accuracy/plants.h"

#include <math.h>
#include <string.h>

#define MINUTE 60.0
#define NEVER 1e18

/* The coefficients of the shipped model "electricity": what the controller reckons with. */
#define VA 1.1240096401010435
#define FAN -0.04858859969715763
#define HEATER 150.06430841218332
#define CRANKCASE 40.0
#define CONSTANT 5.150232354845286

/* Everything that changes at an instant and stays until the next. */
struct state {
	double level; /* VA; 0: stands */
	double fan, duty;
	bool relay, heater, crankcase, defrost;
};

struct process {
	uint64_t random;
	struct state now, late; /* late: as the controller sees it, `skew` ago */
	double stop, start, change, frost, crank; /* instants of what comes next */
	double ripple, ripple_before, volts;
	double keep, kick; /* of the ripple, a first-order process of 60 s */
};

uint64_t plant_bits(uint64_t *state)
{
	uint64_t x = *state += UINT64_C(0x9e3779b97f4a7c15);

	x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
	return x ^ (x >> 31);
}

double plant_uniform(uint64_t *state)
{
	return (double)(plant_bits(state) >> 11) * 0x1p-53;
}

/* Four sixteenths of one draw and eight of two more. */
double plant_normal(uint64_t *state)
{
	double sum = 0;

	for (int word = 0; word < 3; word++) {
		uint64_t h = plant_bits(state);

		sum += (double)((h & 0xffff) + (h >> 16 & 0xffff) + (h >> 32 & 0xffff) + (h >> 48)) + 2;
	}
	return sum / 65536 - 6;
}

/* Of variance 1 from one draw, nothing beyond 3.5: what ripples sample by sample. */
static double quick(uint64_t *state)
{
	uint64_t h = plant_bits(state);

	return ((double)((h & 0xffff) + (h >> 16 & 0xffff) + (h >> 32 & 0xffff) + (h >> 48)) / 65536 - 2) * 1.7320508075688772;
}

static double after(struct process *p, double mean)
{
	return -mean * log(1 - plant_uniform(&p->random));
}

static double load(struct process *p, double outside)
{
	double level = round(6 - 0.28 * outside + 1.2 * plant_normal(&p->random));

	return 250 + 140 * fmin(fmax(level, 1), 10);
}

static void begin(struct process *p, double at, double outside)
{
	double cold = fmin(fmax((14 - outside) / 10, 0.2), 2);

	p->now = (struct state){.level = load(p, outside), .fan = 600, .duty = 43, .relay = true, .heater = outside < 4};
	p->stop = at + 15 * MINUTE + after(p, 75 * MINUTE * cold);
	p->change = at + after(p, 9 * MINUTE);
	p->frost = outside < 5 ? at + 40 * MINUTE + after(p, 30 * MINUTE) : NEVER;
	p->start = p->crank = NEVER;
}

static void end(struct process *p, double at, double outside)
{
	p->now = (struct state){.duty = 4};
	p->start = at + 10 * MINUTE + after(p, 30 * MINUTE);
	p->crank = outside < 4.5 ? at + 10 * MINUTE : NEVER;
	p->stop = p->change = p->frost = NEVER;
}

/* A defrost is a change of level like others, of four minutes. */
static void change(struct process *p, double at, double outside)
{
	p->now.defrost = p->frost <= at;
	p->now.level = p->now.defrost ? 700 : load(p, outside);
	p->now.fan = p->now.defrost ? 0 : 500 + (p->now.level - 250) / 4;
	p->change = at + (p->now.defrost ? 4 * MINUTE : after(p, 9 * MINUTE));
	if (p->now.defrost)
		p->frost = p->change + 40 * MINUTE + after(p, 30 * MINUTE);
}

static double next(const struct process *p)
{
	return fmin(fmin(fmin(p->stop, p->start), fmin(p->change, p->frost)), p->crank);
}

/* All that happens until `t`. */
static void happen(struct process *p, double t, double outside)
{
	for (double at = next(p); at <= t; at = next(p)) {
		if (at == p->stop) {
			end(p, at, outside);
		} else if (at == p->start) {
			begin(p, at, outside);
		} else if (at == p->crank) {
			p->now.crankcase = true;
			p->crank = NEVER;
		} else {
			change(p, at, outside);
		}
	}
}

static double tenth(double v)
{
	return rint(10 * v) / 10;
}

/* What the controller says at t, as it was `skew` before. */
static void show(struct plant *plant, struct study_pump *pump, const struct process *p, int64_t i, double skew, double outside)
{
	const struct state *s = &p->late;
	double u = skew / plant->rules.dt, ripple = (1 - u) * p->ripple + u * p->ripple_before;
	double volts = rint(p->volts), amps = tenth(s->level * (1 + 0.012 * ripple) / p->volts);

	pump->column[ROLE_AC_VOLTAGE][i] = volts;
	pump->column[ROLE_AC_CURRENT][i] = amps;
	pump->column[ROLE_FAN_SPEED][i] = s->fan;
	pump->column[ROLE_PUMP_DUTY][i] = s->duty;
	pump->column[ROLE_PUMP_RELAY][i] = s->relay;
	pump->column[ROLE_BOTTOM_PLATE_HEATER][i] = s->heater;
	pump->column[ROLE_CRANKCASE_HEATER][i] = s->crankcase;
	pump->column[ROLE_WORKING_MODE][i] = s->relay ? 2 : 0;
	pump->column[ROLE_DEFROST][i] = s->defrost;
	pump->column[ROLE_OUTSIDE][i] = outside;
	plant->z[PLANT_ESTIMATE][i] = CONSTANT + VA * volts * amps + FAN * s->fan + HEATER * s->heater + CRANKCASE * s->crankcase +
				      s->duty * s->relay;
}

/* The step's end as it is. */
static void hold(struct plant *plant, const struct process *p, int64_t i, double noise)
{
	const struct state *s = &p->now;

	plant->z[PLANT_LOAD][i] = VA * s->level * (1 + 0.012 * p->ripple) + FAN * s->fan;
	plant->z[PLANT_HEATER][i] = s->heater;
	plant->z[PLANT_CRANKCASE][i] = s->crankcase;
	plant->z[PLANT_PUMP][i] = s->duty * s->relay;
	plant->z[PLANT_NOISE][i] = noise;
}

static double meter(const struct plant *plant, const struct plant_unit *u, int64_t i)
{
	double power = u->offset + u->gain * plant->z[PLANT_LOAD][i] + u->heater * plant->z[PLANT_HEATER][i] +
		       u->crankcase * plant->z[PLANT_CRANKCASE][i] + plant->z[PLANT_PUMP][i];

	return power * (1 + u->meter_gain) + u->meter_offset + u->meter_noise * plant->z[PLANT_NOISE][i];
}

/* Rows without a current, and instants at which the meter said nothing. */
static void lose(struct plant *plant, struct study_pump *pump, uint64_t *random)
{
	struct study_series *s = &pump->electric;
	int64_t kept = 0;

	if (!(plant->rules.missing > 0))
		return;
	pump->missing[ROLE_AC_CURRENT] = 0;
	for (int64_t i = 0; i < pump->rows; i++) {
		if (plant_uniform(random) < plant->rules.missing) {
			pump->column[ROLE_AC_CURRENT][i] = NAN;
			pump->missing[ROLE_AC_CURRENT]++;
		}
		if (plant_uniform(random) < plant->rules.missing)
			continue;
		s->t[kept] = s->t[i];
		s->v[kept++] = s->v[i];
	}
	s->n = kept;
}

void plant_process(struct plant *plant, int number)
{
	struct study_pump *pump = &plant->study.pump[number];
	const struct plant_unit *unit = &plant->unit[number];
	double dt = plant->rules.dt, zero = pump->time[0];
	struct process p = {.random = plant->rules.seed * 64 + (uint64_t)number, .volts = 230, .keep = exp(-dt / MINUTE)};

	plant_bits(&p.random);
	p.random = plant_bits(&p.random);
	p.kick = sqrt(1 - p.keep * p.keep);
	end(&p, 0, plant->outside[0]);
	for (int64_t i = 0; i < pump->rows; i++) {
		double t = pump->time[i] - zero, outside = plant->outside[i];

		happen(&p, t - unit->skew, outside);
		p.late = p.now;
		happen(&p, t, outside);
		p.ripple_before = p.ripple;
		p.ripple = p.keep * p.ripple + p.kick * quick(&p.random);
		p.volts = 231 + 0.995 * (p.volts - 231) + 0.2 * quick(&p.random);
		show(plant, pump, &p, i, unit->skew, outside);
		hold(plant, &p, i, quick(&p.random));
		pump->electric.t[i] = pump->time[i];
		pump->electric.v[i] = meter(plant, unit, i);
	}
	pump->electric.n = pump->rows;
	lose(plant, pump, &p.random);
}
