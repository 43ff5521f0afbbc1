#include "benches/meters/meters_report.h"

#include "daq/base/error.h"
#include "daq/base/text.h"

#include <math.h>
#include <stdio.h>

static const char *const sources[QUANTITIES] = {"electric_register_kwh", "electric_power_kwh", "heat_register_kwh", "heat_power_kwh",
	"heat_flow_dt_k_kwh", "volume_register_m3", "volume_flow_m3", "electric_vipf_kwh", "estimated_electric_kwh", "estimated_heat_kwh"};

static void number(struct text *t, double value)
{
	if (isnan(value))
		text_add(t, ",");
	else
		text_add(t, ",%.15g", value);
}

static void line(struct text *t, const struct meters_evaluation *ev, const struct meters_period *d)
{
	char name[16];

	text_add(t, "%s,%s", ev->walk.pump[d->pump].name, meters_day_name(name, d->day));
	number(t, d->electric_covered);
	number(t, d->heat_covered);
	number(t, d->electric_gap);
	number(t, d->heat_gap);
	number(t, d->electric.value);
	number(t, d->electric.U);
	number(t, d->heat.value);
	number(t, d->heat.U);
	number(t, d->cop.value);
	number(t, d->cop.U);
	text_add(t, ",%d", d->decided);
	for (int q = 0; q < QUANTITIES; q++)
		number(t, d->amount[q]);
	text_add(t, "\n");
}

int meters_days_csv(const struct meters_evaluation *ev, const char *folder, struct error *e)
{
	struct text t = TEXT_INIT;
	char path[4608];
	int result;

	text_add(&t, "dut,day,electric_covered_percent,heat_covered_percent,electric_longest_gap_s,heat_longest_gap_s,electric_kwh,"
		     "electric_U_kwh,heat_kwh,heat_U_kwh,cop,cop_U,decided");
	for (int q = 0; q < QUANTITIES; q++)
		text_add(&t, ",%s", sources[q]);
	text_add(&t, "\n");
	for (int i = 0; i < ev->days; i++)
		line(&t, ev, &ev->day[i]);
	snprintf(path, sizeof(path), "%s/days.csv", folder);
	result = t.failed ? error_set(e, ERROR_SYSTEM, "out of memory while writing %s", path)
			  : text_write_file(path, t.data, t.length, e);
	text_free(&t);
	return result;
}
