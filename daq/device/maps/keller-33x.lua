-- Keller Series 30 (PR-33X, PD-33X, 35X, 36X): pressure transmitters with Modbus.
-- No frame from one is at hand (the manual's printed ones are of Keller's own protocol): listed as unverified.

local function float(address, name, unit, quantity, page, nominal, min, max, help)
	return { name = name, address = address, type = "f32", unit = unit, quantity = quantity, page = page,
		nominal = nominal, min = min, max = max, help = help }
end

return register_map{
	name = "keller-33x",
	title = "Keller 33X (Series 30) pressure transmitter",
	manual = "Keller, Communication protocol Series 30 and 40 (class.group 5.20), 4.9 MODBUS register map, p. 13-15",
	word_order = "high-first",
	read_function = 3,
	max_words = 16, -- nothing longer is known to work
	max_gap = 0,
	baud_hint = "9600 8N1, unit 1 (250 answers too, if it is alone on the bus)",
	identity = { serial = "serial_number" },
	check = "serial_number",

	registers = {
		-- P1 and TOB1 lie side by side here: one short read (firmware 5.20-10 and later).
		float(0x0100, "pressure", "bar", "pressure", 13, 1, -1, 1000, "P1; of a PD-33X the differential pressure"),
		float(0x0102, "temperature", "degC", "temperature", 13, 20, -55, 150, "TOB1, in the pressure sensor"),
		-- The same where the firmware is older.
		float(0x0002, "pressure_p1", "bar", "pressure", 13, 1, -1, 1000, "P1, any firmware"),
		float(0x0008, "temperature_tob1", "degC", "temperature", 13, 20, -55, 150, "TOB1, any firmware"),
		{ name = "serial_number", address = 0x0202, type = "u32", kind = "state", page = 14 },
	},
}
