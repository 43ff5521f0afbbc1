-- Eastron SDM120: single-phase electricity meter.

local function float(address, name, unit, quantity, nominal, min, max, expect)
	return { name = name, address = address, type = "f32", unit = unit, quantity = quantity,
		nominal = nominal, min = min, max = max, expect = expect }
end

local function energy(address, name, unit, quantity)
	return { name = name, address = address, type = "f32", unit = unit, quantity = quantity, kind = "counter",
		resolution = 0.001, nominal = 100, min = 0, max = 1e7 }
end

return register_map{
	name = "sdm120",
	title = "Eastron SDM120 electricity meter",
	manual = "Eastron SDM120 Modbus protocol; addresses as in volkszaehler/mbmd, commit fb8f9c2, meters/rs485",
	word_order = "high-first",
	read_function = 4,
	max_words = 80,
	max_gap = 8, -- 0x0000 to 0x004F can be read in one go (ESPHome sdm_meter does)
	baud_hint = "2400 8N1, unit 1",
	identity = { serial = "serial_number" },
	check = "serial_number",

	registers = {
		float(0x0000, "voltage", "V", "voltage", 230, 0, 320, { 200, 260 }),
		float(0x0006, "current", "A", "electric current", 0.2, 0, 60),
		float(0x000C, "power", "W", "electric power", 25, -15000, 15000),
		float(0x0012, "apparent_power", "VA", "apparent power", 40, -15000, 15000),
		float(0x0018, "reactive_power", "var", "reactive power", 20, -15000, 15000),
		float(0x001E, "power_factor", "1", "power factor", 0.7, -1, 1),
		float(0x0046, "frequency", "Hz", "frequency", 50, 40, 70, { 49, 51 }),
		energy(0x0048, "import", "kWh", "electric energy"),
		energy(0x004A, "export", "kWh", "electric energy"),
		energy(0x004C, "reactive_import", "kvarh", "reactive energy"),
		energy(0x004E, "reactive_export", "kvarh", "reactive energy"),
		-- the SDM320Y manual (2018-06, p. 42) asks for it with 01 04 01 56 00 02 90 27
		energy(0x0156, "total", "kWh", "electric energy"),
		energy(0x0158, "reactive_total", "kvarh", "reactive energy"),
		{ name = "serial_number", address = 0xFC00, type = "u32", read_function = 3, kind = "state",
			help = "as printed on the meter (address from the SDM320Y manual, 2018-06, p. 41)" },
	},

	examples = {
		{ frame = "01 04 04 43 66 33 34 1B 38", address = 0x0000, name = "voltage", value = 230.2, tolerance = 0.0001,
			source = "comment in the SDM120 driver of the Tasmota firmware" },
	},
}
