-- Eastron SDM230: single-phase electricity meter, 100 A. The registers are the SDM120's.

local function float(address, name, unit, quantity, nominal, min, max, expect)
	return { name = name, address = address, type = "f32", unit = unit, quantity = quantity, page = 1,
		nominal = nominal, min = min, max = max, expect = expect }
end

local function energy(address, name, unit, quantity)
	return { name = name, address = address, type = "f32", unit = unit, quantity = quantity, kind = "counter",
		resolution = 0.001, nominal = 100, min = 0, max = 1e7, page = 1 }
end

return register_map{
	name = "sdm230",
	title = "Eastron SDM230 electricity meter",
	manual = "Eastron SDM230-LoRa Protocol V1.0 (2018-06), section 1; the same registers are read from SDM230-Modbus meters",
	word_order = "high-first",
	read_function = 4,
	max_words = 80, -- 40 parameters (lamaplc.com, Eastron SDM Modbus)
	max_gap = 8,
	baud_hint = "2400 8N1, unit 1",

	registers = {
		float(0x0000, "voltage", "V", "voltage", 230, 0, 320, { 200, 260 }),
		float(0x0006, "current", "A", "electric current", 0.2, 0, 120),
		float(0x000C, "power", "W", "electric power", 25, -30000, 30000),
		float(0x0012, "apparent_power", "VA", "apparent power", 40, -30000, 30000),
		float(0x0018, "reactive_power", "var", "reactive power", 20, -30000, 30000),
		float(0x001E, "power_factor", "1", "power factor", 0.7, -1, 1),
		float(0x0024, "phase_angle", "deg", "phase angle", 0, -360, 360),
		float(0x0046, "frequency", "Hz", "frequency", 50, 40, 70, { 49, 51 }),
		energy(0x0048, "import", "kWh", "electric energy"),
		energy(0x004A, "export", "kWh", "electric energy"),
		energy(0x004C, "reactive_import", "kvarh", "reactive energy"),
		energy(0x004E, "reactive_export", "kvarh", "reactive energy"),
		float(0x0054, "power_demand", "W", "electric power", 25, -30000, 30000),
		energy(0x0156, "total", "kWh", "electric energy"),
		energy(0x0158, "reactive_total", "kvarh", "reactive energy"),
	},

	examples = {
		{ frame = "01 04 04 46 2A 75 21 29 8C", address = 0x0048, name = "import", value = 10909.282, tolerance = 0.001,
			source = "bus of an SDM230 and its inverter, syssi/esphome-solax-x1-mini issue 20, rand12345, 2022-05-04" },
		{ frame = "01 04 04 45 8E 3C 35 5F B4", address = 0x000C, name = "power", value = 4551.526, tolerance = 0.001,
			source = "bus of an SDM230 and its inverter, syssi/esphome-solax-x1-mini issue 20, rand12345, 2022-05-04" },
	},
}
