-- Flow-meter rig: a pump on a loop, the meters in series, a diverter and a weighing tank.
--
-- The outdoor unit drives the pump and has the CiC's own flow reading, which is one of the devices under test; two pulse
-- meters are the others. References: the scale, and a flow meter on Modbus. With --virtual all buses end in the virtual lab.

local odu = modbus_rtu{ name = "odu", port = "/dev/serial/by-id/usb-FTDI_USB-RS485_Cable_FLOWRIG-if00-port0",
	baud = 19200, parity = "E", response_timeout = "300 ms" }
local meter = modbus_tcp{ name = "meter", host = "192.0.2.21", response_timeout = "500 ms" }
local line = serial{ name = "scale", port = "/dev/serial/by-id/usb-Prolific_Technology_Inc._USB-Serial_Controller-if00-port0",
	baud = 9600 }
local io = lines{ name = "lines" }

local unit = device{ name = "unit", bus = odu, unit = 1, map = "quatt-odu" }
local reference = device{ name = "reference", bus = meter, unit = 1, map = "kamstrup-403" }
local actuator = device{ name = "valve", bus = meter, unit = 2, map = "belimo-mod" }
local board = device{ name = "board", bus = meter, unit = 3, map = "relay-8" }
local balance = scale{ name = "balance", bus = line, protocol = "mt-sics" }
local pulse_a = pulse_input{ name = "pulse_a", bus = io, chip = "gpiochip0", line = 22, pulses = "1200 imp/l", pull = "up" }
local pulse_b = pulse_input{ name = "pulse_b", bus = io, chip = "gpiochip0", line = 23, pulses = "100 imp/l", pull = "up" }

dut{ name = "cic", kind = "flow_meter", firmware_from = unit }
dut{ name = "pulse_a", kind = "flow_meter" }
dut{ name = "pulse_b", kind = "flow_meter" }

channel{ name = "cic_flow", from = unit.flow, dut = "cic", role = "flow" }
for name, pulses in pairs{ pulse_a = pulse_a, pulse_b = pulse_b } do
	channel{ name = name .. "_flow", from = pulses.flow, dut = name, role = "flow" }
	channel{ name = name .. "_count", from = pulses.count, dut = name, role = "count" }
	channel{ name = name .. "_volume", from = pulses.volume, dut = name, role = "volume" }
	channel{ name = name .. "_last_edge", from = pulses.last_edge, dut = name, role = "last_edge" }
end

channel{ name = "weight", from = balance.weight, role = "weight", resolution = "1 g" }
channel{ name = "weight_state", from = balance.state, role = "weight_state" }
channel{ name = "reference", from = reference.flow, role = "reference" }
channel{ name = "reference_volume", from = reference.volume, role = "reference_volume", unit = "l" }
channel{ name = "water_temperature", from = reference.t1, role = "water_temperature", uncertainty = "0.2 K" }

channel{ name = "duty", from = unit.pump_speed, role = "duty", output = true, min = "0 permille", max = "1000 permille" }
channel{ name = "pump", from = unit.pump_relay, role = "relay", output = true }
channel{ name = "valve", from = actuator.set_point, role = "valve", output = true }
channel{ name = "valve_position", from = actuator.position, role = "valve_position" }
channel{ name = "diverter", from = board.relay_0, role = "diverter", output = true }
channel{ name = "drain", from = board.relay_1, role = "drain", output = true }
channel{ name = "diverter_state", from = board.contact_0, role = "diverter_state" }
channel{ name = "overflow", from = board.contact_1, role = "overflow" }

-- What the evaluation must know of the rig. The meters are held against class 2 of ISO 4064.
evaluation{
	scale_uncertainty = "2 g", scale_k = 2, -- of a difference, from the scale's certificate
	splash = "1 g",                         -- of one collection, either way
	diverter_uncertainty = "30 ms",
	edge_uncertainty = "1 ms",
	standard = "iso4064", class = 2, q3 = "1.6 m3/h", ratio = 80,
	reference_uncertainty = "1 %",          -- of the reference meter, for comparisons
}

-- The water goes back to the loop before anything else, the pump stops, and the tank drains.
safe{ channel = "diverter", value = 0 }
safe{ channel = "duty", value = "1000 permille", pause = "500 ms" }
safe{ channel = "pump", value = 0 }
safe{ channel = "drain", value = 1 }

-- Nobody may be there when the tank runs over.
interlock{ channel = "overflow", max = 0.5, because = "the tank is full" }

return bench{ name = "flow", title = "Flow meters against a weighing tank", tick = "1 s" }
