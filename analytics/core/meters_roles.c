#include "analytics/core/meters_roles.h"

#include "daq/base/error.h"
#include "daq/base/units.h"

#include <string.h>

#define ELECTRICITY "electricity meter"
#define HEAT "heat meter"
#define CIC "CiC"

/* clang-format off */
const struct meters_role_row meters_roles[ROLES] = {
	[ROLE_ELECTRIC_POWER] = {"electric_power", "W", ELECTRICITY, "active power"},
	[ROLE_ELECTRIC_ENERGY] = {"electric_energy", "kWh", ELECTRICITY, "energy register"},
	[ROLE_ELECTRIC_SERIAL] = {"electric_serial", "", ELECTRICITY, "its number: another one is another meter"},
	[ROLE_VOLTAGE] = {"voltage", "V", ELECTRICITY, "voltage"},
	[ROLE_CURRENT] = {"current", "A", ELECTRICITY, "current"},
	[ROLE_POWER_FACTOR] = {"power_factor", "", ELECTRICITY, "power factor"},
	[ROLE_HEAT_POWER] = {"heat_power", "W", HEAT, "heat power"},
	[ROLE_HEAT_ENERGY] = {"heat_energy", "kWh", HEAT, "heat register"},
	[ROLE_HEAT_SERIAL] = {"heat_serial", "", HEAT, "its number: another one is another meter"},
	[ROLE_FLOW] = {"flow", "l/h", HEAT, "volume flow"},
	[ROLE_SUPPLY] = {"supply_temperature", "degC", HEAT, "supply temperature"},
	[ROLE_RETURN] = {"return_temperature", "degC", HEAT, "return temperature"},
	[ROLE_VOLUME] = {"volume", "m3", HEAT, "volume register"},
	[ROLE_POWER_INPUT] = {"power_input", "", CIC, "V x I"},
	[ROLE_AC_VOLTAGE] = {"ac_voltage", "V", CIC, "voltage"},
	[ROLE_AC_CURRENT] = {"ac_current", "A", CIC, "current"},
	[ROLE_FAN_SPEED] = {"fan_speed", "", CIC, "fan speed"},
	[ROLE_PUMP_DUTY] = {"pump_duty", "", CIC, "pump's read-back, which behaves as watts"},
	[ROLE_PUMP_RELAY] = {"pump_relay", "", CIC, "pump relay"},
	[ROLE_BOTTOM_PLATE_HEATER] = {"bottom_plate_heater", "", CIC, "bottom-plate heater"},
	[ROLE_CRANKCASE_HEATER] = {"crankcase_heater", "", CIC, "crankcase heater"},
	[ROLE_WORKING_MODE] = {"working_mode", "", CIC, "working mode"},
	[ROLE_DEFROST] = {"defrost", "", CIC, "defrost"},
	[ROLE_OUTSIDE] = {"outside_temperature", "degC", CIC, "outside temperature"},
	[ROLE_WATER_IN] = {"water_in_temperature", "degC", CIC, "water in"},
	[ROLE_WATER_OUT] = {"water_out_temperature", "degC", CIC, "water out"},
	[ROLE_INTERNAL_FLOW] = {"internal_flow", "l/h", CIC, "its own flow reading"},
	[ROLE_ESTIMATED_POWER] = {"estimated_power", "W", CIC, "its estimate of electric power"},
	[ROLE_ESTIMATED_HEAT] = {"estimated_heat", "W", CIC, "its estimate of heat power"},
	[ROLE_SUPERVISORY_MODE] = {"supervisory_mode", "", CIC, "what the CiC is doing (2 heat pump, 3 with boiler ...)"},
	[ROLE_ELECTRIC_COUNTER] = {"electric_counter", "Wh", CIC, "its counter of electricity"},
	[ROLE_HEAT_COUNTER] = {"heat_counter", "Wh", CIC, "its counter of heat"},
};
/* clang-format on */

static int find(const struct stored_run *run, const char *dut, const char *role)
{
	for (int i = 0; i < run->channels; i++)
		if (strcmp(run->channel[i].dut, dut) == 0 && strcmp(run->channel[i].role, role) == 0)
			return i;
	return -1;
}

int meters_role_channel(const struct stored_run *run, const char *dut, enum meters_role role)
{
	int own = find(run, dut, meters_roles[role].name);

	return own < 0 && role == ROLE_OUTSIDE ? find(run, "", meters_roles[role].name) : own;
}

int meters_role_unit(const struct run_channel *c, enum meters_role role, double *scale, double *offset, struct error *e)
{
	const char *unit = meters_roles[role].unit;
	struct error why = ERROR_INIT;
	double one;

	*scale = 1;
	*offset = 0;
	if (!unit[0] || strcmp(c->unit, unit) == 0)
		return 0;
	if (unit_convert(0, c->unit, unit, offset, &why) != 0 || unit_convert(1, c->unit, unit, &one, &why) != 0)
		return error_set(e, ERROR_DATA, "channel %s plays %s, which must be in %s: %s", c->name, meters_roles[role].name,
			unit, why.text);
	*scale = one - *offset;
	return 0;
}
