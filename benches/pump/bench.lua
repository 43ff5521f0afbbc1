-- Pump bench: two circulators on one loop behind a motor valve.
--
-- Each pump is driven by a heat pump's outdoor unit (PWM in, feedback and flow out); a reference meter
-- measures the electric power of whichever runs. Change the port and the address below to those of the rig:
-- `ls /dev/serial/by-id/` shows what is plugged in. With --virtual both buses end in the virtual lab.

local odu = modbus_rtu{
	name = "odu",
	port = "/dev/serial/by-id/usb-FTDI_USB-RS485_Cable_PUMPBENCH-if00-port0",
	baud = 19200, parity = "E",
	response_timeout = "300 ms",
}
local meter = modbus_tcp{
	name = "meter",
	host = "192.0.2.20",
	response_timeout = "500 ms",
}

local units = {
	awmt = device{ name = "odu1", bus = odu, unit = 1, map = "quatt-odu" },
	wilo = device{ name = "odu2", bus = odu, unit = 2, map = "quatt-odu" },
}
local reference = device{ name = "reference", bus = meter, unit = 1, map = "sdm120" }
local actuator = device{ name = "valve", bus = meter, unit = 2, map = "belimo-mod" }

dut{ name = "awmt", kind = "pump", profile = "wilo-ipwm1" }
dut{ name = "wilo", kind = "pump", profile = "wilo-ipwm1" }

for pump, unit in pairs(units) do
	channel{ name = pump .. "_duty", from = unit.pump_speed, dut = pump, role = "duty", output = true,
		min = "0 permille", max = "1000 permille" }
	channel{ name = pump .. "_relay", from = unit.pump_relay, dut = pump, role = "relay", output = true }
	channel{ name = pump .. "_feedback", from = unit.pump_power, dut = pump, role = "feedback",
		uncertainty = "1 W" }
	channel{ name = pump .. "_flow", from = unit.flow, dut = pump, role = "flow", uncertainty = "15 l/h" }
end

channel{ name = "power", from = reference.power, role = "power", uncertainty = "0.5 W",
	max = "400 W", stale_after = "60 s" } -- circulators of this size take up to 215 W; what is beyond is no reading
channel{ name = "voltage", from = reference.voltage, role = "voltage", every = "10 s" }
channel{ name = "energy", from = reference.import, role = "energy", every = "10 s" }
channel{ name = "valve", from = actuator.set_point, role = "valve", output = true }
channel{ name = "valve_position", from = actuator.position, role = "valve_position" }

-- An iPWM1 pump runs at full speed below 5 % duty and without a signal: 100 % duty stops it, and only then
-- may its relay open. Both pumps are stopped before the first relay falls.
safe{ channel = "awmt_duty", value = "1000 permille" }
safe{ channel = "wilo_duty", value = "1000 permille", pause = "500 ms" }
safe{ channel = "awmt_relay", value = 0 }
safe{ channel = "wilo_relay", value = 0 }

-- Acceptance, around the medians of the 2023 comparison. A limit with a set point and a valve position counts
-- for that step alone; "guarded" shrinks it by the expanded uncertainty.
local function flow(pump, valve, set_point, low, high)
	limit{ dut = pump, quantity = "volume flow", valve = valve, set_point = set_point .. " permille",
		min = low .. " l/h", max = high .. " l/h", rule = "guarded" }
end

flow("awmt", "open", 100, 1130, 1300)
flow("awmt", "open", 400, 830, 970)
flow("awmt", "open", 700, 510, 620)
flow("awmt", "throttled", 100, 730, 850)
flow("awmt", "throttled", 400, 535, 630)
flow("wilo", "open", 100, 1040, 1200)
flow("wilo", "open", 400, 705, 835)
flow("wilo", "open", 700, 295, 380)
flow("wilo", "throttled", 100, 730, 850)
flow("wilo", "throttled", 400, 455, 555)

limit{ quantity = "feedback power", set_point = "100 permille", max = "60 W", rule = "guarded" }
limit{ quantity = "feedback power deviation", min = "-4 W", max = "4 W", rule = "guarded" }

return bench{ name = "pump", title = "Circulators on a loop with a motor valve", tick = "1 s" }
