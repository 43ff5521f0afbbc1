-- A relay board that has its relays as holding registers, as many eight-channel boards on Modbus do: 0 open, 1 closed.
-- A template: what is at 8 and above differs from board to board (here: two contacts).
local registers = {}
for n = 0, 7 do
	registers[#registers + 1] = { name = "relay_" .. n, address = n, type = "u16", kind = "setpoint", writable = true,
		quantity = "relay", resolution = 1, nominal = 0, min = 0, max = 1 }
end
for n = 0, 1 do
	registers[#registers + 1] = { name = "contact_" .. n, address = 8 + n, type = "u16", kind = "state",
		quantity = "contact", nominal = 0, min = 0, max = 2 }
end
return register_map{
	name = "relay-8",
	title = "Eight relays on Modbus",
	manual = "template: the board's own sheet says which registers it has",
	word_order = "high-first",
	read_function = 3,
	max_words = 8,
	baud_hint = "9600 8N1, unit 1",
	registers = registers,
}
