-- Carlo Gavazzi EM111, EM112, ET112: single-phase electricity meters.

local overflow = { 0x7FFFFFFF }

local function s32(address, name, unit, quantity, scale, nominal, min, max, expect)
	return { name = name, address = address, type = "s32", unit = unit, quantity = quantity, scale = scale,
		nominal = nominal, min = min, max = max, refused = overflow, expect = expect }
end

local function energy(address, name, help)
	return { name = name, address = address, type = "s32", unit = "kWh", quantity = "electric energy", scale = 0.1,
		kind = "counter", nominal = 100, refused = overflow, help = help }
end

return register_map{
	name = "em111",
	title = "Carlo Gavazzi EM111 (EM112, ET112) electricity meter",
	manual = "Carlo Gavazzi EM111_EM112_ET112_CP.pdf, p. 8 (energies); others as in victronenergy/dbus-modbus-client, carlo_gavazzi.py",
	word_order = "low-first",
	read_function = 3, -- 4 gives the same
	max_words = 50,
	max_gap = 8,
	baud_hint = "9600 8N1, unit 1",
	identity = { model = "model_code", firmware = "firmware" },
	check = "hardware",

	registers = {
		s32(0x0000, "voltage", "V", "voltage", 0.1, 230, 0, 320, { 200, 260 }),
		s32(0x0002, "current", "A", "electric current", 0.001, 0.2, -120, 120),
		s32(0x0004, "power", "W", "electric power", 0.1, 25, -30000, 30000),
		{ name = "power_factor", address = 0x000E, type = "s16", scale = 0.001, quantity = "power factor",
			nominal = 0.7, min = -1, max = 1 },
		{ name = "frequency", address = 0x000F, type = "s16", scale = 0.1, unit = "Hz", quantity = "frequency",
			nominal = 50, min = 40, max = 70, expect = { 49, 51 } },
		energy(0x0010, "import"),
		energy(0x0020, "export", "counts downwards from 0 where the reading mode is B"),
		-- Inside a longer read these words belong to something else.
		{ name = "model_code", address = 0x000B, type = "u16", kind = "state", alone = true,
			help = "120, 121: ET112" },
		{ name = "hardware", address = 0x0302, type = "u16", kind = "state" },
		{ name = "firmware", address = 0x0303, type = "u16", kind = "state" },
	},

	examples = {
		{ frame = "01 03 04 09 1B 00 00 89 A8", address = 0x0000, name = "voltage", value = 233.1, tolerance = 0.0001,
			source = "an ET112 read by Wingsofcourage, ioBroker/ioBroker.modbus issue 286, 2022-11-28" },
	},
}
