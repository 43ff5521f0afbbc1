-- Pump curve: each pump of the bench over a grid of duty and valve position, each point once the flow has come
-- to rest. Where a channel with role `dp` measures the pressure over the pump, the evaluation makes head, power
-- and efficiency over flow of it; without one, flow and power.
--
-- Needs of each pump the channels duty, relay and flow. A bench whose channel `valve` is an output moves its
-- valve itself, on any other the operator is asked to.

local duties = { 100, 250, 400, 550, 700 } -- permille, iPWM1: the lower, the harder the pump works
local positions = { 100, 65, 45, 30, 20 } -- percent open
local names = { [100] = "open", [30] = "throttled" } -- as other tests call them
local quiet = { within = "30 l/h", window = "12 s", limit = "90 s" }
local samples = 30 -- of one second each
local stopped = 1000

local pumps = {}
for _, dut in ipairs(bench.duts) do
	if dut.kind == "pump" then
		assert(dut.duty and dut.relay and dut.flow,
			"pump " .. dut.name .. " needs channels with the roles duty, relay and flow")
		pumps[#pumps + 1] = dut
	end
end
assert(#pumps > 0, "bench " .. bench.name .. " has no dut of kind pump")

local valve = bench.roles.valve
local driven = valve and bench.channels[valve].output

local function move_valve(percent)
	if not driven then
		ask(("Set the valve to %d %% open, then press Enter."):format(percent))
		return
	end
	set(valve, percent .. " %")
	if bench.roles.valve_position then
		await{ bench.roles.valve_position, near = percent .. " %", within = "2 %", limit = "240 s" }
	else
		hold("180 s") -- a motor valve's running time is 90 to 150 s
	end
end

-- A flow that does not come to rest is measured nevertheless: the evaluation sees it and says so.
local function wait_until_quiet(pump, what)
	local ok, why = pcall(settle, { pump.flow, within = quiet.within, window = quiet.window, limit = quiet.limit })

	if not ok then
		note(what .. ": " .. tostring(why))
	end
end

local function curve(pump, percent)
	local position = names[percent] or percent .. " %"

	set(pump.duty, stopped) -- so that the relay closes on a pump that stands still
	set(pump.relay, 1)
	for _, duty in ipairs(duties) do
		local what = pump.name .. " " .. position .. " " .. duty

		step{ what, dut = pump.name, valve = position, set_point = duty, unit = "permille" }
		set(pump.duty, duty)
		hold("5 s") -- a pump's dead time: before it the old flow is as quiet as any
		wait_until_quiet(pump, what)
		measure{ samples = samples, name = what }
	end
	step{ pump.name .. " " .. position .. " rest" }
	set(pump.duty, stopped)
	set(pump.relay, 0)
	hold("10 s")
end

for _, percent in ipairs(positions) do
	step{ "valve " .. (names[percent] or percent .. " %") }
	move_valve(percent)
	for _, pump in ipairs(pumps) do
		curve(pump, percent)
	end
end
