-- A template for a transmitter that gives one floating-point number: copy it to maps/ beside your bench file, under
-- the name of your instrument, and change what is marked. docs/instruments.md goes through it step by step.
-- As it stands it reads address 0 of a device that does not exist: it is listed as unverified.

local address = 0        -- <- protocol address, counted from 0: register 30001 or 40001 is 0
local unit = "bar"       -- <- "1" for a pure number
local quantity = "pressure"
local low, high = 0, 10  -- <- measuring range: readings outside are marked

return register_map{
	name = "generic-float",        -- <- the file's name without .lua
	title = "Transmitter with one float (template)",
	manual = "none: a template",   -- <- manual and page
	word_order = "high-first",     -- <- or "low-first": `heatbench device dump` shows which
	read_function = 3,             -- <- 4: input registers
	max_words = 2,
	max_gap = 0,

	registers = {
		{ name = "value", address = address, type = "f32", unit = unit, quantity = quantity, min = low, max = high },
	},
}
