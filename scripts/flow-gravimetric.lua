-- Gravimetric test, flying start: for each verification flow the water is sent into the weighing tank for a while by the
-- diverter, and weighed before and after. Flows as of ISO 4064: Q1, Q2, 0.35 Q3, 0.7 Q3, Q3, Q4; `argument` may be Q3 in
-- l/h (1600 without one) and Q3/Q1 (80), like "1600 80".
local q3, ratio = 1600, 80
if argument then
	q3, ratio = argument:match("^(%d+)%s*(%d*)$")
	assert(q3, "argument: expected Q3 in l/h, like \"1600\" or \"1600 80\"")
	q3, ratio = tonumber(q3), tonumber(ratio) or 80
end

local flows = {
	{ "Q1", q3 / ratio }, { "Q2", 1.6 * q3 / ratio }, { "0.35 Q3", 0.35 * q3 }, { "0.7 Q3", 0.7 * q3 },
	{ "Q3", q3 }, { "Q4", 1.25 * q3 },
}
local repeats = 3
local least, most = 3, 30    -- kg in the tank
local longest = 1800         -- s of one collection
local names = bench.roles

local function limit(value, low, high)
	return math.max(low, math.min(high, value))
end

-- What the reference meter shows, averaged: it holds its value for some seconds.
local function flow_now()
	local m = measure{ duration = "20 s", name = "setting" }[names.reference]
	return m.mean or 0
end

-- The flow is proportional to the way from full stop to full speed, nearly: a few steps of regula falsi come close enough.
-- Low flows are set by the valve, since no pump runs that slowly.
local function set_flow(target)
	local opening = limit(100 * target / q3 * 1.2, 4, 100)
	set(names.valve, opening .. " %")
	await{ names.valve_position, near = opening .. " %", within = "2 %", limit = "240 s" }
	local duty = 400
	for _ = 1, 7 do
		set(names.duty, duty)
		hold(20)
		local is = flow_now()
		if math.abs(is - target) < 0.05 * target then
			return
		end
		if is < 1 then
			duty = limit(duty - 150, 60, 840)
		else
			duty = limit(850 - (850 - duty) * limit(target / is, 0.5, 2), 60, 840)
		end
		if bench.dry then
			return
		end
	end
end

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

local function collect(flow)
	local seconds = math.floor(limit(limit(flow / 60, least, most) / flow * 3600, 30, longest))
	measure{ duration = "10 s", name = "empty" }
	set(names.diverter, 1)
	measure{ duration = seconds .. " s", name = "collect" }
	set(names.diverter, 0)
	hold(8)
	measure{ duration = "10 s", name = "full" }
end

step{ "start" }
set(names.diverter, 0)
set(names.duty, 1000)
set(names.relay, 1)

for _, f in ipairs(flows) do
	local name, flow = f[1], f[2]
	step{ "setting " .. name }
	set_flow(flow)
	for run = 1, repeats do
		step{ name .. " drain " .. run }
		empty_tank()
		step{ name .. " run " .. run, set_point = flow, unit = "l/h" }
		collect(flow)
	end
end

step{ "end" }
set(names.duty, 1000)
set(names.relay, 0)
empty_tank()
