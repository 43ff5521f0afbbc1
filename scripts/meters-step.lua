-- Makes steps of power for the skew between CiC and electricity meter, where a heat pump makes too few by itself and the bench has
-- an output that may switch: a relay or a heater. `argument` names it ("hp1_heater"), and how often, if not twelve times
-- ("hp1_heater 20"). Each step is recorded; the evaluation finds steps of its own accord, wherever they are.
--
-- A bench beside a CiC has no such output: there the CiC switches, we only read, and the heat pump's own steps have to do.
local name, times = (argument or ""):match("^%s*([%w_]+)%s*(%d*)%s*$")
times = tonumber(times) or 12

local outputs = {}
for channel, what in pairs(bench.channels) do
	if what.output then outputs[#outputs + 1] = channel end
end
assert(#outputs > 0, "this bench has no output: the skew comes from the heat pumps' own steps")
assert(name, "argument: expected the output that makes the step, one of " .. table.concat(outputs, ", "))
local output = bench.channels[name]
assert(output and output.output, name .. " is no output; expected one of " .. table.concat(outputs, ", "))
assert(times >= 3, "expected at least three times: fewer say nothing of how well the skew is known")

local off, on = output.min or 0, output.max or 1

-- No two pauses alike: each step then falls elsewhere between the CiC's readings, and together they tell its skew below
-- its sampling.
local function pause(i)
	return 60 + (i * 7.3) % 15
end

set(name, off)
step{ "rest" }
hold(pause(0))
for i = 1, times do
	step{ "on " .. i, set_point = on, unit = output.unit }
	set(name, on)
	hold(pause(2 * i - 1))
	step{ "off " .. i, set_point = off, unit = output.unit }
	set(name, off)
	hold(pause(2 * i))
end
