-- Carlo Gavazzi EM330, EM340, ET330, ET340, and the EM24 with Ethernet.
-- No frame from one is at hand: the map is listed as unverified.

local overflow = { 0x7FFFFFFF }

local function s32(address, name, unit, quantity, scale, nominal, min, max, expect)
	return { name = name, address = address, type = "s32", unit = unit, quantity = quantity, scale = scale,
		nominal = nominal, min = min, max = max, refused = overflow, expect = expect }
end

local function s16(address, name, unit, quantity, scale, nominal, min, max, expect)
	return { name = name, address = address, type = "s16", unit = unit, quantity = quantity, scale = scale,
		nominal = nominal, min = min, max = max, expect = expect }
end

local function energy(address, name)
	return { name = name, address = address, type = "s32", unit = "kWh", quantity = "electric energy", scale = 0.1,
		kind = "counter", nominal = 100, min = 0, refused = overflow }
end

local registers = {
	s32(0x0028, "power", "W", "electric power", 0.1, 75, -70000, 70000),
	s16(0x0031, "power_factor", "1", "power factor", 0.001, 0.7, -1, 1),
	s16(0x0033, "frequency", "Hz", "frequency", 0.1, 50, 40, 70, { 49, 51 }),
	energy(0x0034, "import"),
	energy(0x004E, "export"),
	{ name = "model_code", address = 0x000B, type = "u16", kind = "state", alone = true,
		help = "identification code, where the family's other manuals have it; 1648 to 1653: EM24 Ethernet" },
}

for phase = 1, 3 do
	local at, name = 2 * (phase - 1), "_" .. phase

	-- All three lines are expected to be wired; one that is not reads 0 V and gets a remark.
	table.insert(registers, s32(at, "voltage" .. name, "V", "voltage", 0.1, 230, 0, 320, { 200, 260 }))
	table.insert(registers, s32(0x0C + at, "current" .. name, "A", "electric current", 0.001, 0.2, -120, 120))
	table.insert(registers, s32(0x12 + at, "power" .. name, "W", "electric power", 0.1, 25, -30000, 30000))
	table.insert(registers, s16(0x2E + phase - 1, "power_factor" .. name, "1", "power factor", 0.001, 0.7, -1, 1))
	table.insert(registers, energy(0x40 + at, "import" .. name))
end

return register_map{
	name = "em340",
	title = "Carlo Gavazzi EM340 (EM330, EM24 Ethernet) electricity meter",
	manual = "Carlo Gavazzi EM330_EM340_ET330_ET340_CP.pdf; addresses as in volkszaehler/mbmd and jenicek001/em340d",
	word_order = "low-first",
	read_function = 3, -- 4 gives the same
	max_words = 50,
	max_gap = 8,
	baud_hint = "9600 8N1, unit 1",

	-- No register of the RS-485 builds is known to be there and constant, so there is neither identity nor check.
	registers = registers,
}
