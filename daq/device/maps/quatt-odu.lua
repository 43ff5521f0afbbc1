-- Quatt outdoor unit, as its controller (CiC) speaks to it.
-- No frame from a real unit is at hand: the map is listed as unverified.

-- Temperatures come as (raw - 3000) * 0.01 degC.
local function temperature(address, name, help, nominal)
	return { name = name, address = address, type = "u16", scale = 0.01, offset = -30, unit = "degC",
		quantity = "temperature", nominal = nominal, min = -60, max = 160, help = help }
end

local function bit(number, name, help)
	return { name = name, address = 2108, type = "bit", bit = number, kind = "state", min = 0, max = 1, help = help }
end

return register_map{
	name = "quatt-odu",
	title = "Quatt outdoor unit",
	manual = "OpenQuatt, commit d574118: openquatt/oq_HP_io.yaml, oq_flow_control.yaml, docs/hcq-io-overzicht.md",
	word_order = "high-first",
	read_function = 3,
	max_words = 40, -- 2099 to 2138 are read in one go by the CiC; nothing longer is known to work
	max_gap = 3,    -- reserved words inside that block are; others (2011 to 2014) may be refused
	baud_hint = "19200 8E1",
	identity = { firmware = "firmware" },
	check = "firmware",

	registers = {
		-- what can be set
		{ name = "compressor_level", address = 1999, type = "u16", kind = "setpoint", writable = true,
			min = 0, max = 10, help = "heating 30 39 49 55 61 67 72 79 85 90 Hz for 1 to 10" },
		{ name = "silent", address = 2006, type = "u16", kind = "setpoint", writable = true, min = 0, max = 1 },
		{ name = "pump_relay", address = 2010, type = "u16", scale = 1 / 4096, kind = "setpoint", writable = true,
			quantity = "pump relay", resolution = 1, nominal = 1, min = 0, max = 1, help = "raw 0 off, 4096 on" },
		{ name = "pump_speed", address = 2015, type = "u16", unit = "permille", kind = "setpoint", writable = true,
			quantity = "pump duty", nominal = 400, min = 0, max = 1000,
			help = "iPWM1 duty: 50 to 850 running, lower is harder, 1000 stops" },
		{ name = "mode", address = 3999, type = "u16", kind = "setpoint", writable = true, min = 0, max = 2,
			help = "0 standby, 1 cooling, 2 heating" },

		-- what it says
		{ name = "working_mode", address = 2099, type = "u16", kind = "state", min = 0, max = 2 },
		{ name = "ac_voltage", address = 2100, type = "u16", unit = "V", quantity = "voltage",
			nominal = 230, min = 0, max = 300, expect = { 200, 260 } },
		{ name = "ac_current", address = 2101, type = "u16", scale = 0.1, unit = "A", quantity = "electric current",
			nominal = 2, min = 0, max = 40 },
		{ name = "compressor_demand", address = 2102, type = "u16", unit = "Hz", quantity = "frequency",
			nominal = 0, min = 0, max = 120 },
		{ name = "compressor_frequency", address = 2103, type = "u16", unit = "Hz", quantity = "frequency",
			nominal = 0, min = 0, max = 120 },
		{ name = "fan_limit", address = 2104, type = "u16", unit = "rpm", quantity = "rotational speed",
			nominal = 0, min = 0, max = 1500 },
		{ name = "fan_speed", address = 2105, type = "u16", unit = "rpm", quantity = "rotational speed",
			nominal = 0, min = 0, max = 1500 },
		{ name = "expansion_valve", address = 2107, type = "u16", min = 0, max = 1000, help = "steps" },

		bit(0, "fan_low"),
		bit(2, "bottom_plate_heater"),
		bit(3, "crankcase_heater"),
		bit(4, "fan_defrost"),
		bit(5, "fan_high"),
		bit(6, "four_way_valve"),
		bit(11, "pump_relay_state", "the relay as the unit drives it"),

		temperature(2110, "outside_temperature", nil, 7),
		temperature(2111, "evaporator_coil_temperature", nil, 5),
		temperature(2112, "discharge_temperature", nil, 20),
		temperature(2113, "suction_temperature", nil, 7),
		{ name = "evaporating_pressure", address = 2116, type = "u16", scale = 0.1, unit = "bar",
			quantity = "pressure", nominal = 9, min = 0, max = 60 },
		{ name = "condensing_pressure", address = 2117, type = "u16", scale = 0.1, unit = "bar",
			quantity = "pressure", nominal = 15, min = 0, max = 60 },
		{ name = "defrosting", address = 2118, type = "u16", kind = "state", min = 0, max = 1 },
		{ name = "protection", address = 2119, type = "u16", kind = "state", help = "bits" },
		{ name = "failure_1", address = 2120, type = "u16", kind = "state", help = "bits" },
		{ name = "failure_2", address = 2121, type = "u16", kind = "state",
			help = "bits: 9, 10 water temperature sensors, 13 water pump" },
		{ name = "pump_failure", address = 2121, type = "bit", bit = 13, kind = "state", min = 0, max = 1 },
		{ name = "firmware", address = 2122, type = "u16", kind = "state",
			help = "of the board: high byte . low byte (258 is 1.2)" },

		temperature(2131, "condensing_temperature", nil, 25),
		temperature(2132, "evaporating_temperature", nil, 2),
		temperature(2133, "water_in_temperature", nil, 25),
		temperature(2134, "water_out_temperature", nil, 25),
		temperature(2135, "inner_coil_temperature", nil, 25),
		{ name = "pump_power", address = 2137, type = "u16", scale = 0.1, unit = "W", quantity = "feedback power",
			nominal = 25, min = 0, max = 500,
			help = "as the pump says (the CiC calls it duty cycle); status codes just after a start" },
		{ name = "flow", address = 2138, type = "u16", scale = 0.618, unit = "l/h", quantity = "volume flow",
			nominal = 700, min = 0, max = 5000 },
	},
}
