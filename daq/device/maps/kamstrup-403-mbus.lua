-- Kamstrup Multical 403/603 with an M-Bus module: the standard telegram. It gives 1 kWh, 10 l and 100 W, which is coarse for a
-- heat pump of a few kW: take energy over hours, or the Modbus module. No frame of a 403 is at hand; the proof is one of a
-- Multical 601, which sends the same records (its temperatures in four bytes, the 403's in two).

local multical601 = "68F7F768081172175885062D2C0804040000000C78175885060406E791000004142CDB00000422D90300000459B927000004" ..
	"5D081200000461B1150000042D5B010000142DC0010000043B1F020000143B74020000841006000000008420060000000084" ..
	"401400000000848040140000000084C0400600000000046D1A2F65114406518200004414B2C30000542D26020000543B0304" ..
	"0000C4100600000000C4200600000000C4401400000000C480401400000000C4C0400600000000426C5F1C0F00000000E7E4" ..
	"0000636600000000000000000000000000005BC9A50234530000E0B20300899C680000000000010001070709010300000000" ..
	"009816"
local function shows(name, value)
	return { frame = multical601, name = name, value = value, tolerance = 1e-9,
		source = "answer of a Multical 601, among the test frames of libmbus" }
end

return mbus_map{
	name = "kamstrup-403-mbus",
	title = "Kamstrup Multical 403/603 heat meter, M-Bus",
	manual = "Kamstrup Multical 403 technical description FILE100000166_B; record set of a public slave simulator",
	baud_hint = "2400 8E1, address: last digits of the customer number",
	points = {
		{ name = "energy", key = "energy", unit = "kWh", kind = "counter", quantity = "heat", resolution = 1, nominal = 1000, min = 0, max = 1e8 },
		{ name = "volume", key = "volume", unit = "m3", kind = "counter", quantity = "volume", resolution = 0.01, nominal = 100, min = 0, max = 1e7 },
		{ name = "power", key = "power", unit = "W", quantity = "heat power", resolution = 100, nominal = 4000, min = -1e6, max = 1e6 },
		{ name = "flow", key = "flow", unit = "l/h", quantity = "volume flow", resolution = 1, nominal = 800, min = -100, max = 20000 },
		{ name = "t1", key = "flow_temperature", unit = "degC", quantity = "temperature", resolution = 0.01, nominal = 35, min = -40, max = 200, help = "hot" },
		{ name = "t2", key = "return_temperature", unit = "degC", quantity = "temperature", resolution = 0.01, nominal = 30, min = -40, max = 200, help = "cold" },
		{ name = "dt", key = "temperature_difference", unit = "K", quantity = "temperature difference", resolution = 0.01, nominal = 5, min = -200, max = 200 },
		{ name = "hours", key = "on_time", unit = "h", kind = "counter", quantity = "time", resolution = 1, nominal = 1000 },
		{ name = "cooling", key = "energy vife=3C", unit = "kWh", kind = "counter", quantity = "heat", resolution = 1, nominal = 0, help = "E3, where the meter sends it" },
		{ name = "e8", key = "makers vife=07", kind = "counter", quantity = "volume times temperature", nominal = 3500, help = "m3 x degC at t1: its growth over the volume's is the mean temperature" },
		{ name = "e9", key = "makers vife=08", kind = "counter", quantity = "volume times temperature", nominal = 3000, help = "the same at t2" },
		{ name = "status", key = "status", kind = "state", quantity = "meter status", nominal = 0 },
	},
	telegrams = {
		shows("energy", 37351), shows("volume", 561.08), shows("power", 34700), shows("flow", 543), shows("t1", 101.69),
		shows("t2", 46.16), shows("dt", 55.53), shows("hours", 985), shows("status", 0),
	},
}
