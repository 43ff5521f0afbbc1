-- Comparison with a reference flow meter, as the lab ran it in 2023: at each duty of the pump 36 samples every 5 s, of which
-- the last 24 count; the whole `argument` times (2 without one).
local runs = tonumber(argument or 2)
assert(runs and runs >= 1, "argument: expected how many runs")
local duties = { 100, 250, 400, 550, 700, 850 }
local names = bench.roles

step{ "start" }
set(names.diverter, 0)
set(names.valve, "100 %")
await{ names.valve_position, near = "100 %", within = "2 %", limit = "240 s" }
set(names.duty, 1000)
set(names.relay, 1)
for run = 1, runs do
	for _, duty in ipairs(duties) do
		step{ duty .. " run " .. run, set_point = duty, unit = "permille" }
		set(names.duty, duty)
		measure{ duration = "180 s", name = "comparison" }
	end
end
step{ "end" }
set(names.duty, 1000)
set(names.relay, 0)
