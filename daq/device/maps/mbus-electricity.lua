-- An electricity meter on M-Bus that sends the usual records of EN 13757-3. Meters of three phases send each phase under VIFEs of
-- their maker: `heatbench device decode --mbus` shows them, and a map of its own names them (key = "power vife=7F01").

local nzr = "68 32 32 68 08 05 72 08 06 10 30 52 3B 01 02 01 00 00 00 04 03 FA 04 00 00 04 83 7F FA 04 00 00 02 FD 48 44 09 02 " ..
	"FD 5B 00 00 02 2B 00 00 0C 78 08 06 10 30 0F 0E 71 16"
local function shows(name, value)
	return { frame = nzr, name = name, value = value, tolerance = 1e-9,
		source = "answer of an NZR DHZ 5/63, among the test frames of libmbus" }
end

return mbus_map{
	name = "mbus-electricity",
	title = "electricity meter on M-Bus, usual records",
	manual = "EN 13757-3; record sets of three electricity meters",
	baud_hint = "2400 8E1, address 0 or printed on the meter",
	points = {
		{ name = "energy", key = "energy", unit = "kWh", kind = "counter", quantity = "electric energy", nominal = 100, min = 0, max = 1e8 },
		{ name = "energy_tariff_1", key = "energy tariff=1", unit = "kWh", kind = "counter", quantity = "electric energy", nominal = 100, min = 0, max = 1e8 },
		{ name = "energy_tariff_2", key = "energy tariff=2", unit = "kWh", kind = "counter", quantity = "electric energy", nominal = 100, min = 0, max = 1e8 },
		{ name = "power", key = "power", unit = "W", quantity = "electric power", nominal = 1000, min = -50000, max = 50000 },
		{ name = "voltage", key = "voltage", unit = "V", quantity = "voltage", nominal = 230, min = 0, max = 500 },
		{ name = "current", key = "current", unit = "A", quantity = "electric current", nominal = 4, min = -100, max = 100 },
		{ name = "frequency", key = "frequency", unit = "Hz", quantity = "frequency", nominal = 50, min = 40, max = 70 },
		{ name = "reactive_power", key = "reactive_power", unit = "var", quantity = "reactive power", nominal = 0, min = -50000, max = 50000 },
		{ name = "error_flags", key = "error_flags", kind = "state", quantity = "error flags", nominal = 0 },
		{ name = "status", key = "status", kind = "state", quantity = "meter status", nominal = 0 },
	},
	telegrams = { shows("energy", 1.274), shows("voltage", 237.2), shows("current", 0), shows("power", 0), shows("status", 0) },
}
