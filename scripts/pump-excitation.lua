-- Pump excitation: each pump of the bench follows a random set point for 120 s, so that its answer can be
-- modelled (static line, dynamics). Uniform random duties of 100 to 850 permille behind a first-order low-pass,
-- a new one each second.
--
-- The numbers come from a generator of its own, begun with the seed in `argument` (a whole number) or with a
-- fixed one: the same seed gives the same set points. Needs of each pump the channels duty and relay.

local samples = 120 -- of one second each
local lowest, highest = 100, 850
local time_constant = 3 -- s, of the low-pass: a pump's dead time
local stopped = 1000
local fixed_seed = 20240117

local seed = argument and tonumber(argument) or fixed_seed
assert(seed and seed == math.floor(seed) and seed > 0 and seed < 2147483647,
	"the argument is the seed: a whole number from 1 to 2147483646")

-- Park and Miller's minimal standard (Comm. ACM 31 (1988) 1192): the same on every machine.
local function uniform()
	seed = seed * 16807 % 2147483647
	return seed / 2147483647
end

local share = 1 - math.exp(-bench.tick / time_constant)

local valve = bench.roles.valve
local position = valve and bench.channels[valve].output and "open" or nil -- else nobody here knows it

local function excite(pump)
	local level = (lowest + highest) / 2

	step{ pump.name .. " warm-up" }
	set(pump.duty, stopped) -- so that the relay closes on a pump that stands still
	set(pump.relay, 1)
	set(pump.duty, math.floor(level + 0.5))
	hold("30 s") -- behind the start's codes and ramp
	step{ pump.name .. " excitation", dut = pump.name, valve = position }
	for _ = 1, samples do
		level = level + share * (lowest + (highest - lowest) * uniform() - level)
		set(pump.duty, math.floor(level + 0.5))
		measure{ samples = 1 }
	end
	step{ pump.name .. " rest" }
	set(pump.duty, stopped)
	set(pump.relay, 0)
	hold("10 s")
end

if position then
	step{ "valve open" }
	set(valve, "100 %")
	if bench.roles.valve_position then
		await{ bench.roles.valve_position, near = "100 %", within = "2 %", limit = "240 s" }
	else
		hold("180 s")
	end
end

local pumps = 0
for _, pump in ipairs(bench.duts) do
	if pump.kind == "pump" then
		assert(pump.duty and pump.relay, "pump " .. pump.name .. " needs channels with the roles duty and relay")
		excite(pump)
		pumps = pumps + 1
	end
end
assert(pumps > 0, "bench " .. bench.name .. " has no dut of kind pump")
