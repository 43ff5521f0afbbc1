-- Kamstrup Multical 403/603 with the Modbus module HC-003-67, datagram xx-yy-300.
-- Register n of the manual is address n - 1. Values are floats here; the same stand as s32 at other addresses. Units can be
-- configured in the meter: read its unit registers before a value is believed. No frame from a real meter is at hand.
return register_map{
	name = "kamstrup-403",
	title = "Kamstrup Multical 403/603 heat meter",
	manual = "Kamstrup data sheet 58101758_B1, Modbus register mapping; emonhub configuration for the Multical 403",
	word_order = "high-first",
	read_function = 4,
	max_words = 32,
	max_gap = 2,
	baud_hint = "19200 8E1, unit: last three digits of the customer number",
	registers = {
		{ name = "flow", address = 0, type = "f32", unit = "l/h", quantity = "volume flow", nominal = 800, min = -100, max = 20000 },
		{ name = "power", address = 4, type = "f32", unit = "kW", quantity = "heat power", nominal = 4, min = -1000, max = 1000 },
		{ name = "t1", address = 6, type = "f32", unit = "degC", quantity = "temperature", nominal = 35, min = -40, max = 200, help = "hot" },
		{ name = "t2", address = 8, type = "f32", unit = "degC", quantity = "temperature", nominal = 30, min = -40, max = 200, help = "cold" },
		{ name = "energy", address = 20, type = "f32", unit = "kWh", kind = "counter", quantity = "heat" },
		{ name = "volume", address = 52, type = "f32", unit = "m3", kind = "counter", quantity = "volume" },
	},
}
