-- Gravimetric test, standing start: the outlet leads to the tank, nothing runs; then the pump is started, and stopped again, and
-- what came is weighed at rest. For meters that count (pulses, volume); start and end are part of what they count, so collect
-- much. `argument`: duties of the pump in per mille iPWM1 (1000 is standstill), like "400" or "250 550".
local duties = {}
for duty in (argument or "400"):gmatch("%S+") do
	duties[#duties + 1] = assert(tonumber(duty), "argument: expected duties in per mille, like \"250 550\"")
end
local repeats = 3
local seconds = 80 -- of one collection
local rest = 20    -- s until the water stands still
local names = bench.roles

local function empty_tank()
	set(names.drain, 1)
	if not bench.dry then
		for _ = 1, 60 do
			local kg = read(names.weight)
			if kg and kg < 1 then
				break
			end
			hold(5)
		end
	end
	set(names.drain, 0)
	hold(5)
end

-- What runs at this duty, roughly: the set point that the collections are filed under.
local function flow_at(duty)
	set(names.diverter, 0)
	set(names.duty, duty)
	hold(20)
	local m = measure{ duration = "20 s", name = "setting" }[names.reference]
	set(names.duty, 1000)
	hold(rest)
	set(names.diverter, 1)
	return math.floor((m.mean or 0) / 10 + 0.5) * 10
end

step{ "start" }
set(names.diverter, 0)
set(names.duty, 1000)
set(names.relay, 1)
set(names.valve, "60 %")
await{ names.valve_position, near = "60 %", within = "2 %", limit = "240 s" }

for _, duty in ipairs(duties) do
	step{ "setting " .. duty }
	local flow = flow_at(duty)
	for run = 1, repeats do
		step{ duty .. " drain " .. run }
		empty_tank()
		step{ duty .. " run " .. run, set_point = flow, unit = "l/h" }
		measure{ duration = "10 s", name = "empty" }
		set(names.duty, duty)
		measure{ duration = seconds .. " s", name = "collect" }
		set(names.duty, 1000)
		hold(rest)
		measure{ duration = "10 s", name = "full" }
	end
end

step{ "end" }
set(names.diverter, 0)
set(names.relay, 0)
empty_tank()
