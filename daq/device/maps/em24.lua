-- Carlo Gavazzi EM24-DIN with RS-485 (PFA, PFB, X). The one with Ethernet has the EM340's registers.
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

-- Of the serial number's 13 letters each of these holds four, as ASCII.
local function letters(address, name, help)
	return { name = name, address = address, type = "u32", word_order = "high-first", kind = "state", page = 13, help = help }
end

local registers = {
	s32(0x0028, "power", "W", "electric power", 0.1, 75, -70000, 70000),
	s16(0x0035, "power_factor", "1", "power factor", 0.001, 0.7, -1, 1),
	s16(0x0037, "frequency", "Hz", "frequency", 0.1, 50, 40, 70, { 49, 51 }),
	energy(0x0042, "import"),
	energy(0x005C, "export"),
	{ name = "model_code", address = 0x000B, type = "u16", kind = "state", alone = true,
		help = "identification code, where the family's other manuals have it" },
	letters(0x1300, "serial_1", "letters 1 to 4, as ASCII"),
	letters(0x1302, "serial_2", "letters 5 to 8"),
	letters(0x1304, "serial_3", "letters 9 to 12"),
}

for phase = 1, 3 do
	local at, name = 2 * (phase - 1), "_" .. phase

	-- All three lines are expected to be wired; one that is not reads 0 V and gets a remark.
	table.insert(registers, s32(at, "voltage" .. name, "V", "voltage", 0.1, 230, 0, 320, { 200, 260 }))
	table.insert(registers, s32(0x0C + at, "current" .. name, "A", "electric current", 0.001, 0.2, -120, 120))
	table.insert(registers, s32(0x12 + at, "power" .. name, "W", "electric power", 0.1, 25, -30000, 30000))
	table.insert(registers, energy(0x46 + at, "import" .. name))
end

return register_map{
	name = "em24",
	title = "Carlo Gavazzi EM24-DIN (RS-485) electricity meter",
	manual = "Carlo Gavazzi EM24-DIN PFA, PFB & X models, communication protocol; addresses as in volkszaehler/mbmd",
	word_order = "low-first",
	read_function = 3, -- 4 gives the same
	max_words = 11, -- as the manual of the EM26 allows; more is not known to work in every build
	max_gap = 4,
	baud_hint = "9600 8N1, unit 1",
	identity = { serial_1 = "serial_1", serial_2 = "serial_2", serial_3 = "serial_3" },
	check = "serial_3",

	registers = registers,
}
