-- Pump sweep: each pump of the bench over its speed range, with the valve open and then throttled.
--
-- Set points are duties of the iPWM1 input in permille: the lower, the harder the pump works; 1000 stops it.
-- Needs of each pump the channels duty and relay; records whatever else the bench has. A bench whose channel
-- `valve` is an output moves its valve itself, on any other the operator is asked to.

local duties = { 100, 250, 400, 550, 700, 850 }
local samples = 30 -- of one second each; the evaluation finds the settled part
local rest = "10 s"
local standby = "8 s" -- with power and told to stop, before it starts: without it a pump that shows no flow at a few watts may be either
local stopped = 1000

local positions = {
	{ name = "open", percent = 100, please = "Open the valve fully, then press Enter." },
	{ name = "throttled", percent = 30, please = "Throttle the valve to 30 %, then press Enter." },
}

local pumps = {}
for _, dut in ipairs(bench.duts) do
	if dut.kind == "pump" then
		assert(dut.duty and dut.relay, "pump " .. dut.name .. " needs channels with the roles duty and relay")
		pumps[#pumps + 1] = dut
	end
end
assert(#pumps > 0, "bench " .. bench.name .. " has no dut of kind pump")

local valve = bench.roles.valve
local driven = valve and bench.channels[valve].output

local function move_valve(position)
	if not driven then
		ask(position.please)
		return
	end
	set(valve, position.percent .. " %")
	if bench.roles.valve_position then
		await{ bench.roles.valve_position, near = position.percent .. " %", within = "2 %", limit = "240 s" }
	else
		hold("180 s") -- a motor valve's running time is 90 to 150 s
	end
end

local function sweep(pump, position)
	set(pump.duty, stopped) -- so that the relay closes on a pump that stands still
	set(pump.relay, 1)
	hold(standby)
	for _, duty in ipairs(duties) do
		step{ pump.name .. " " .. position.name .. " " .. duty, dut = pump.name, valve = position.name,
			set_point = duty, unit = "permille" }
		set(pump.duty, duty)
		measure{ samples = samples, name = pump.name .. " " .. position.name .. " " .. duty }
	end
	step{ pump.name .. " " .. position.name .. " rest" }
	set(pump.duty, stopped)
	set(pump.relay, 0)
	hold(rest)
end

for _, position in ipairs(positions) do
	step{ "valve " .. position.name }
	move_valve(position)
	for _, pump in ipairs(pumps) do
		sweep(pump, position)
	end
end
