-- Pump bench without outdoor units: two circulators driven by this computer's own lines. PWM in, PWM feedback
-- out, a relay for each, one pulse flow meter in the loop; reference meter and motor valve on Modbus TCP.
--
-- Levels: a circulator's PWM input wants 4 to 24 V and about 4 mA, its feedback is an open collector with a
-- pull-up (docs/lines.md). An inverting driver stage is said here (inverted = true), never in a procedure.

local io = lines{ name = "lines" }
local meter = modbus_tcp{ name = "meter", host = "192.0.2.20", response_timeout = "500 ms" }

local reference = device{ name = "reference", bus = meter, unit = 1, map = "sdm120" }
local actuator = device{ name = "valve", bus = meter, unit = 2, map = "belimo-mod" }
local flow = pulse_input{ name = "flow", bus = io, chip = "gpiochip0", line = 22, pulses = "1200 imp/l", pull = "up" }

local wiring = {
	{ pump = "awmt", relay = 17, feedback = 23, pwm = 0 },
	{ pump = "wilo", relay = 27, feedback = 24, pwm = 1 },
}

for _, w in ipairs(wiring) do
	local pump = w.pump
	dut{ name = pump, kind = "pump", profile = "wilo-ipwm1" }
	local power = relay{ name = "relay_" .. pump, bus = io, chip = "gpiochip0", line = w.relay }
	local signal = pwm_output{ name = "pwm_" .. pump, bus = io, chip = "pwmchip0", channel = w.pwm, frequency = "1 kHz" }
	local feedback = pwm_feedback{ name = "fb_" .. pump, bus = io, chip = "gpiochip0", line = w.feedback, pull = "up",
		profile = "wilo-ipwm1", power_max = "70 W" }
	channel{ name = pump .. "_duty", from = signal.duty, dut = pump, role = "duty", output = true }
	channel{ name = pump .. "_relay", from = power.state, dut = pump, role = "relay", output = true }
	channel{ name = pump .. "_feedback", from = feedback.power, dut = pump, role = "feedback", uncertainty = "2 W" }
	channel{ name = pump .. "_state", from = feedback.state, dut = pump, role = "state" }
	channel{ name = pump .. "_signal", from = feedback.duty, dut = pump, role = "feedback_duty" }
end

channel{ name = "flow", from = flow.flow, role = "flow", uncertainty = "15 l/h" }
channel{ name = "pulses", from = flow.count, role = "pulses" }
channel{ name = "power", from = reference.power, role = "power", uncertainty = "0.5 W" }
channel{ name = "valve", from = actuator.set_point, role = "valve", output = true }
channel{ name = "valve_position", from = actuator.position, role = "valve_position" }

-- Full duty stops an iPWM1 pump; below 5 % and without a signal it runs at full speed. Then the relays.
safe{ channel = "awmt_duty", value = "1000 permille" }
safe{ channel = "wilo_duty", value = "1000 permille", pause = "500 ms" }
safe{ channel = "awmt_relay", value = 0 }
safe{ channel = "wilo_relay", value = 0 }

limit{ quantity = "feedback power", set_point = "100 permille", max = "60 W", rule = "guarded" }
limit{ quantity = "feedback power deviation", min = "-5 W", max = "5 W", rule = "guarded" }

return bench{ name = "pump", title = "Circulators on lines", tick = "1 s" }
