-- Shelly Pro 3EM: three-phase energy meter with Modbus TCP (to be switched on by Modbus.SetConfig). Not MID approved.
-- Which word of its floats comes first is told in both ways: low first by the vendor's own examples (modbus_cli -B
-- mixed) and by users, high first by an emulator. `heatbench device read` says which one fits; a bench file overrides
-- it with word_order. No frame from one is at hand: the map is listed as unverified.
-- A number of the vendor's list less 30000 is the address.

local function float(address, name, unit, quantity, nominal, min, max, expect)
	return { name = name, address = address, type = "f32", unit = unit, quantity = quantity,
		nominal = nominal, min = min, max = max, expect = expect }
end

-- Single precision: steps of 1 Wh from 10 MWh on, 8 Wh at 100 MWh.
local function energy(address, name)
	return { name = name, address = address, type = "f32", unit = "Wh", quantity = "electric energy", kind = "counter",
		nominal = 1e5, min = 0, max = 1e10 }
end

local function letters(address, name, help)
	return { name = name, address = address, type = "u32", word_order = "high-first", kind = "state", help = help }
end

local registers = {
	letters(0, "mac_1", "MAC address, characters 1 to 4"),
	letters(2, "mac_2", "characters 5 to 8"),
	letters(4, "mac_3", "characters 9 to 12"),
	float(1007, "neutral_current", "A", "electric current", 0, 0, 200),
	float(1011, "current", "A", "electric current", 1, 0, 400),
	float(1013, "power", "W", "electric power", 75, -100000, 100000),
	float(1015, "apparent_power", "VA", "apparent power", 120, -100000, 100000),
	energy(1162, "import"),
	energy(1164, "export"),
}

for phase = 1, 3 do
	local at, data, name = 1000 + 20 * phase, 1150 + 20 * phase, "_" .. phase

	-- All three lines are expected to be wired; one that is not reads 0 V and gets a remark.
	table.insert(registers, float(at, "voltage" .. name, "V", "voltage", 230, 0, 320, { 200, 260 }))
	table.insert(registers, float(at + 2, "current" .. name, "A", "electric current", 0.2, 0, 400))
	table.insert(registers, float(at + 4, "power" .. name, "W", "electric power", 25, -100000, 100000))
	table.insert(registers, float(at + 6, "apparent_power" .. name, "VA", "apparent power", 40, -100000, 100000))
	table.insert(registers, float(at + 8, "power_factor" .. name, "1", "power factor", 0.7, -1, 1))
	table.insert(registers, float(at + 13, "frequency" .. name, "Hz", "frequency", 50, 40, 70, { 49, 51 }))
	table.insert(registers, energy(data + 12, "import" .. name))
	table.insert(registers, energy(data + 14, "export" .. name))
end

return register_map{
	name = "shelly-pro-3em",
	title = "Shelly Pro 3EM energy meter",
	manual = "shelly-api-docs.shelly.cloud: Modbus, EM, EMData (registers 31000 on and 31160 on)",
	word_order = "low-first",
	read_function = 4,
	max_words = 100,
	max_gap = 0, -- whether it answers for numbers that are not in its list is not known
	baud_hint = "Modbus TCP, port 502",
	identity = { mac_1 = "mac_1", mac_2 = "mac_2", mac_3 = "mac_3" },
	check = "mac_3",

	registers = registers,
}
