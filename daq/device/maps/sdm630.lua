-- Eastron SDM630: three-phase electricity meter.

local function float(address, name, unit, quantity, nominal, min, max, expect)
	return { name = name, address = address, type = "f32", unit = unit, quantity = quantity,
		nominal = nominal, min = min, max = max, expect = expect }
end

local function energy(address, name, unit, quantity)
	return { name = name, address = address, type = "f32", unit = unit, quantity = quantity, kind = "counter",
		resolution = 0.001, nominal = 100, min = 0, max = 1e7 }
end

local registers = {
	float(0x0034, "power", "W", "electric power", 75, -70000, 70000),
	float(0x0038, "apparent_power", "VA", "apparent power", 120, -70000, 70000),
	float(0x003C, "reactive_power", "var", "reactive power", 60, -70000, 70000),
	float(0x003E, "power_factor", "1", "power factor", 0.7, -1, 1),
	float(0x0046, "frequency", "Hz", "frequency", 50, 40, 70, { 49, 51 }),
	energy(0x0048, "import", "kWh", "electric energy"),
	energy(0x004A, "export", "kWh", "electric energy"),
	float(0x0054, "power_demand", "W", "electric power", 75, -70000, 70000),
	energy(0x0156, "total", "kWh", "electric energy"),
}

for phase = 1, 3 do
	local at, name = 2 * (phase - 1), "_" .. phase

	-- All three lines are expected to be wired; one that is not reads 0 V and gets a remark.
	table.insert(registers, float(at, "voltage" .. name, "V", "voltage", 230, 0, 320, { 200, 260 }))
	table.insert(registers, float(0x06 + at, "current" .. name, "A", "electric current", 0.2, 0, 120))
	table.insert(registers, float(0x0C + at, "power" .. name, "W", "electric power", 25, -30000, 30000))
	table.insert(registers, energy(0x015A + at, "import" .. name, "kWh", "electric energy"))
	table.insert(registers, energy(0x0166 + at, "total" .. name, "kWh", "electric energy"))
end

return register_map{
	name = "sdm630",
	title = "Eastron SDM630 three-phase electricity meter",
	manual = "Eastron SDM630 registers as in volkszaehler/mbmd, commit fb8f9c2, meters/rs485, and lamaplc.com",
	word_order = "high-first",
	read_function = 4,
	max_words = 80, -- 40 parameters (lamaplc.com, Eastron SDM Modbus)
	max_gap = 8,
	baud_hint = "9600 8N1 (some builds 8E1), unit 1",

	registers = registers,

	examples = {
		{ frame = "01 04 04 43 66 33 34 1B 38", address = 0x0000, name = "voltage_1", value = 230.2, tolerance = 0.0001,
			source = "SDM630Register.pdf of B+G E-Tech, as quoted on wiki.marcluerssen.de (Modbus Meter)" },
	},
}
