-- An analog or PWM output module that drives pumps: eight outputs as holding registers, 0 to 10000 for 0 to 100 %.
-- A template: which registers a module has, and what full scale is, stands in its own sheet. An inverting driver stage behind
-- an output is told in the bench file: channel{ ..., gain = -1, offset = "1000 permille" }.
local registers = {}
for n = 1, 8 do
	registers[n] = { name = "output_" .. n, address = n - 1, type = "u16", scale = 0.1, unit = "permille", kind = "setpoint",
		writable = true, quantity = "pump duty", nominal = 400, min = 0, max = 1000 }
end
return register_map{
	name = "analog-8",
	title = "Eight analog or PWM outputs on Modbus",
	manual = "template: the module's own sheet says which registers it has",
	word_order = "high-first",
	read_function = 3,
	max_words = 8,
	baud_hint = "9600 8N1, unit 1",
	registers = registers,
}
