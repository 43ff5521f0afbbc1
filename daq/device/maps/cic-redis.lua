-- Registers of a Quatt CiC in its Redis server. No capture is at hand: the map is listed as unverified.
--
-- Only these registers are known by their numbers. What a model of the power needs besides (voltage, current, fan speed,
-- bottom-plate heater, crankcase heater, working mode, defrost flag, temperatures) the CiC has too, under numbers that are not
-- known: they are to be read off a CiC and added, not guessed. 1xx is the first heat pump of the CiC, 2xx the second.
local points = {
	{ name = "flow", key = "31", unit = "l/h", quantity = "volume flow", nominal = 800, min = -100, max = 20000 },
	{ name = "external_flow", key = "30012", unit = "l/h", quantity = "volume flow", nominal = 800, min = -100, max = 20000,
		help = "of the flow meter that a bench added" },
	{ name = "alive", key = "9008", kind = "state", help = "moves while the CiC's control runs" },
}

for number, hp in ipairs{ "hp1", "hp2" } do
	local function key(register)
		return tostring(number * 100 + register)
	end

	points[#points + 1] = { name = hp .. "_pump_relay", key = key(3), kind = "state", quantity = "pump relay" }
	points[#points + 1] = { name = hp .. "_pump_set", key = key(4), unit = "permille", quantity = "pump duty", nominal = 400,
		min = 0, max = 1000, help = "iPWM1 duty that is asked for: lower is harder" }
	points[#points + 1] = { name = hp .. "_pump_duty", key = key(86), unit = "W", quantity = "feedback power", nominal = 30,
		help = "called a duty cycle; it behaves as watts" }
end

return document_map{
	name = "cic-redis",
	title = "Quatt CiC, registers in Redis",
	manual = "register numbers as used by bench scripts: 31, 103/203, 104/204, 186/286, 30012, 9008",
	points = points,
}
