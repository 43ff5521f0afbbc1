-- Advantech ADAM-4015: six RTD inputs. It leaves the factory in its ASCII protocol: set it to Modbus first (INIT* and
-- the vendor's program). No frame from one is at hand: the map is listed as unverified.
-- A raw value of 0 to 65535 spans the range that the channel's type code says. The rows are for code 0x20: Pt100
-- (alpha 0.00385), -50 to 150 degC. For another range copy the map and change `low` and `high`.

local low, high = -50, 150
local registers = {
	{ name = "module_name", address = 210, type = "u16", kind = "state", help = "register 40211: 16405 is 4015 in hex" },
}

for channel = 0, 5 do
	table.insert(registers, { name = "temperature_" .. channel, address = channel, type = "u16", unit = "degC",
		quantity = "temperature", scale = (high - low) / 65535, offset = low, nominal = 20, min = low, max = high,
		help = "at either end of the range: sensor broken or beyond it" })
end

return register_map{
	name = "adam-4015",
	title = "Advantech ADAM-4015 RTD module (Pt100, -50 to 150 degC)",
	manual = "Advantech ADAM-4000 series, Modbus mapping table; type codes as in nobrega8/mbmap-library",
	word_order = "high-first",
	read_function = 3,
	max_words = 8,
	max_gap = 0,
	baud_hint = "9600 8N1, unit 1, after it was set to Modbus",

	registers = registers,
}
