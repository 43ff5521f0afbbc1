-- ABB B21, B23, B24 (and A41 to A44, which have the same registers): electricity meters.

local none = { [16] = 0xFFFF, [32] = 0xFFFFFFFF, [64] = -1 } -- all bits set: nothing to say
local none_signed = { [16] = 0x7FFF, [32] = 0x7FFFFFFF }

local function unsigned(bits, address, name, unit, quantity, scale, nominal, min, max, expect)
	return { name = name, address = address, type = "u" .. bits, unit = unit, quantity = quantity, scale = scale,
		nominal = nominal, min = min, max = max, refused = { none[bits] }, expect = expect }
end

local function signed(bits, address, name, unit, quantity, scale, nominal, min, max)
	return { name = name, address = address, type = "s" .. bits, unit = unit, quantity = quantity, scale = scale,
		nominal = nominal, min = min, max = max, refused = { none_signed[bits] } }
end

local function energy(address, name)
	local row = unsigned(64, address, name, "kWh", "electric energy", 0.01, 100, 0, 1e8)

	row.kind = "counter"
	return row
end

local registers = {
	signed(32, 0x5B14, "power", "W", "electric power", 0.01, 75, -100000, 100000),
	unsigned(16, 0x5B2C, "frequency", "Hz", "frequency", 0.01, 50, 40, 70, { 49, 51 }),
	signed(16, 0x5B3A, "power_factor", "1", "power factor", 0.001, 0.7, -1, 1),
	energy(0x5000, "import"),
	energy(0x5004, "export"),
	{ name = "serial_number", address = 0x8900, type = "u32", kind = "state", page = 113 },
	{ name = "mapping_version", address = 0x8910, type = "u16", kind = "state", page = 113,
		help = "high byte major, low byte minor" },
	{ name = "type_letters", address = 0x8960, type = "u32", kind = "state", page = 113,
		help = "first four letters of the type as ASCII: 0x42323320 is \"B23 \"" },
}

for phase = 1, 3 do
	local at, name = 2 * (phase - 1), "_" .. phase

	table.insert(registers, unsigned(32, 0x5B00 + at, "voltage" .. name, "V", "voltage", 0.1, 230, 0, 500,
		phase == 1 and { 200, 260 } or nil)) -- single-phase types say 0xFFFFFFFF for the others
	table.insert(registers, unsigned(32, 0x5B0C + at, "current" .. name, "A", "electric current", 0.01, 0.2, 0, 120))
	table.insert(registers, signed(32, 0x5B16 + at, "power" .. name, "W", "electric power", 0.01, 25, -50000, 50000))
	table.insert(registers, signed(16, 0x5B3A + phase, "power_factor" .. name, "1", "power factor", 0.001, 0.7, -1, 1))
	table.insert(registers, energy(0x5460 + 4 * (phase - 1), "import" .. name))
	table.insert(registers, energy(0x546C + 4 * (phase - 1), "export" .. name))
end

local source = "ABB A43/A44 user manual 2CMC48001M0201 rev. C, p. %d (same registers as B23/B24)"

return register_map{
	name = "abb-b23",
	title = "ABB B23 (B21, B24, A43) electricity meter",
	manual = "ABB A43/A44 user manual 2CMC48001M0201 rev. C, p. 113, 168-170; B23/B24 user manual 2CMC485003M0201, p. 86 on",
	word_order = "high-first",
	read_function = 3,
	max_words = 125, -- B23/B24 manual p. 80
	max_gap = 16,
	baud_hint = "as set in its menu, 8E1 or 8N1, unit 1",
	identity = { serial = "serial_number" },
	check = "serial_number",

	registers = registers,

	examples = {
		{ frame = "05 03 04 00 00 09 05 79 A0", address = 0x5B00, name = "voltage_1", value = 230.9, tolerance = 1e-9,
			source = source:format(170) },
		{ frame = "05 03 48 00 00 00 00 00 0D 12 90 00 00 00 00 00 03 12 09 00 00 00 00 00 0A 00 86 " ..
			"00 00 00 00 00 04 17 05 00 00 00 00 00 01 2B 18 00 00 00 00 00 02 EB ED " ..
			"00 00 00 00 00 0E A7 FE 00 00 00 00 00 03 DB 92 00 00 00 00 00 0A CC 6C 2F 9F",
			address = 0x5000, name = "import", value = 8567.20, tolerance = 1e-9, source = source:format(168) },
		{ frame = "05 03 48 00 00 00 00 00 0D 12 90 00 00 00 00 00 03 12 09 00 00 00 00 00 0A 00 86 " ..
			"00 00 00 00 00 04 17 05 00 00 00 00 00 01 2B 18 00 00 00 00 00 02 EB ED " ..
			"00 00 00 00 00 0E A7 FE 00 00 00 00 00 03 DB 92 00 00 00 00 00 0A CC 6C 2F 9F",
			address = 0x5000, name = "export", value = 2012.25, tolerance = 1e-9, source = source:format(168) },
	},
}
