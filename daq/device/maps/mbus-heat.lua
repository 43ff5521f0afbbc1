-- A heat meter on M-Bus that sends the usual records of EN 13757-3, whatever their units are: they come with the values. See
-- what a meter sends with `heatbench device decode --mbus`, and write a map of its own where it sends something else.

local pollustat = "68 71 71 68 08 04 72 88 17 01 00 AE 4C 06 0D 3E 00 00 00 04 6D 3B 0E E7 14 34 6D 00 00 01 01 34 FD 17 " ..
	"00 00 00 04 04 20 92 22 F1 00 04 24 A4 1A E7 00 04 86 3B 97 9B 00 00 04 13 BE 09 5E 00 05 2E B1 D1 2E BE 05 3E F5 B8 " ..
	"4E 40 05 5B B8 2D F9 41 05 5F 78 8B F9 41 05 63 00 80 3B BD 04 BE 50 71 BB B0 00 04 BE 58 F4 02 00 00 0C 78 88 17 01 " ..
	"00 02 7F 10 B5 5D 16"
local ultraheat = "68F8F86808647254008101A73202040F1000000974040970040C06699901000C14189264020B2E0000000B3B0000000A5B00" ..
	"000A5F00000A6200004C14189264024C06699901000C7854001165891071609B102D160300DB102D1603009B103B2088009A105B44009A105F" ..
	"40000C22670007003C22091605007C2217780400426C01018C2006000000008C3006000000008C80100600000000CC200600000000CC3006" ..
	"00000000CC801006000000009A115B36009A115F40009B113B0000009B112D000000BC0122651405008C0106699901008C210600000000" ..
	"8C3106000000008C811006000000008C011418926402046D260087160F03020000234616"
local function floats(name, value, tolerance)
	return { frame = pollustat, name = name, value = value, tolerance = tolerance,
		source = "answer of a Sensus PolluStat, among the test frames of libmbus" }
end
local function digits(name, value)
	return { frame = ultraheat, name = name, value = value, tolerance = 1e-6,
		source = "answer of a Metrona Ultraheat XS, among the test frames of libmbus" }
end

return mbus_map{
	name = "mbus-heat",
	title = "heat meter on M-Bus, usual records",
	manual = "EN 13757-3; record sets of six heat meters",
	baud_hint = "2400 8E1, address 0 or printed on the meter",
	points = {
		{ name = "energy", key = "energy", unit = "kWh", kind = "counter", quantity = "heat", nominal = 1000, min = 0, max = 1e8 },
		{ name = "volume", key = "volume", unit = "m3", kind = "counter", quantity = "volume", nominal = 100, min = 0, max = 1e7 },
		{ name = "power", key = "power", unit = "W", quantity = "heat power", nominal = 4000, min = -1e6, max = 1e6 },
		{ name = "flow", key = "flow", unit = "l/h", quantity = "volume flow", nominal = 800, min = -100, max = 20000 },
		{ name = "supply_temperature", key = "flow_temperature", unit = "degC", quantity = "temperature", nominal = 35, min = -40, max = 200 },
		{ name = "return_temperature", key = "return_temperature", unit = "degC", quantity = "temperature", nominal = 30, min = -40, max = 200 },
		{ name = "temperature_difference", key = "temperature_difference", unit = "K", quantity = "temperature difference", nominal = 5, min = -200, max = 200 },
		{ name = "operating_time", key = "operating_time", unit = "h", kind = "counter", quantity = "time", nominal = 1000 },
		{ name = "on_time", key = "on_time", unit = "h", kind = "counter", quantity = "time", nominal = 1000 },
		{ name = "error_flags", key = "error_flags", kind = "state", quantity = "error flags", nominal = 0 },
		{ name = "meter_clock", key = "date_time", unit = "s", quantity = "time", nominal = 1.7e9, help = "since 1970 in the meter's own time" },
		{ name = "status", key = "status", kind = "state", quantity = "meter status", nominal = 0 },
	},
	telegrams = {
		floats("volume", 6162.878, 1e-6), floats("power", -170.7, 0.1), floats("flow", 3230.04, 0.01),
		floats("supply_temperature", 31.1473, 1e-4), floats("return_temperature", 31.1931, 1e-4),
		floats("temperature_difference", -0.045776, 1e-6),
		digits("energy", 19969), digits("volume", 26492.18), digits("on_time", 70067), digits("status", 16),
	},
}
