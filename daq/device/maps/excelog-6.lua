-- Calex Excelog-6: six RTD or thermocouple inputs with a display. No frame from one is at hand, and the order of its
-- words is not told where the addresses are: the map is listed as unverified. `heatbench device read` shows by the
-- temperatures whether word_order must be overridden.

local registers = {}

for channel = 1, 6 do
	table.insert(registers, { name = "temperature_" .. channel, address = 0x1000 + 2 * (channel - 1), type = "s32",
		scale = 0.1, unit = "degC", quantity = "temperature", nominal = 20, min = -270, max = 1850, expect = { -50, 400 },
		help = "an input without a sensor is outside of what is expected" })
end

return register_map{
	name = "excelog-6",
	title = "Calex Excelog-6 temperature logger",
	manual = "Calex Excelog-6 manual, Modbus; addresses as in nobrega8/mbmap-library",
	word_order = "high-first",
	read_function = 3,
	max_words = 12,
	max_gap = 0,
	baud_hint = "57600 8N2, unit 1",

	registers = registers,
}
