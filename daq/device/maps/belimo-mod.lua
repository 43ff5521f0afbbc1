-- Belimo actuators of the -MOD series (Modbus RTU on board).
-- The rows are printed for the VAV-Compact; that ball-valve actuators begin with the same registers is not
-- proved by a frame from one: the map is listed as unverified.

local percent = { }
function percent.row(row)
	row.type, row.unit, row.scale, row.min, row.max = "u16", "%", 0.01, 0, 100
	return row
end

return register_map{
	name = "belimo-mod",
	title = "Belimo -MOD actuator",
	manual = "Belimo VAV-Compact Modbus Register, 2019-03, p. 4-5",
	word_order = "high-first",
	read_function = 3,
	max_words = 100,
	max_gap = 4,
	identity = { serial_1 = "series_1", serial_2 = "series_2", serial_4 = "series_4", firmware = "firmware" },
	check = "series_2",

	registers = {
		percent.row{ name = "set_point", address = 0, kind = "setpoint", writable = true, page = 4,
			quantity = "valve position", nominal = 100, help = "between Min (105) and Max (106)" },
		{ name = "override", address = 1, type = "u16", kind = "setpoint", writable = true, page = 4,
			min = 0, max = 5, help = "0 none, 1 open, 2 close, 3 min, 4 mid, 5 max" },
		{ name = "actuator_type", address = 3, type = "u16", kind = "state", page = 4, help = "0: not connected" },
		percent.row{ name = "position", address = 4, page = 4, quantity = "valve position", nominal = 100 },
		{ name = "series_1", address = 100, type = "u16", kind = "state", page = 5,
			help = "first part of the serial number 00839-31324-064-008" },
		{ name = "series_2", address = 101, type = "u16", kind = "state", page = 5, help = "second part" },
		{ name = "series_4", address = 102, type = "u16", kind = "state", page = 5,
			help = "fourth part; the third is not told" },
		{ name = "firmware", address = 103, type = "u16", scale = 0.01, kind = "state", page = 5, help = "302 is 3.02" },
		{ name = "malfunction", address = 104, type = "u16", kind = "state", page = 5,
			help = "bits: 1 travel increased, 2 cannot move, 8 busy, 9 gear disengaged, 10 watchdog" },
	},
}
