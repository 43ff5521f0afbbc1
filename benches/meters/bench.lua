-- Reference meters beside the heat pumps of four CiCs, for weeks: cic1 has hp1 and hp2, cic2 has hp3 and hp4, cic3 hp5, cic4 hp6.
--
-- Each heat pump has an electricity meter and a heat meter of its own, on our buses. What the CiC thinks comes three ways: from its
-- local feed, from its registers in Redis, and from its outdoor units' bus, on which the CiC is the master and we only listen.
-- With --virtual everything ends in the virtual lab.

local electricity = modbus_rtu{ name = "electricity", port = "/dev/serial/by-id/usb-FTDI_USB-RS485_Cable_METERS-if00-port0",
	baud = 9600, parity = "N", response_timeout = "200 ms" }
local electricity_tcp = modbus_tcp{ name = "electricity_tcp", host = "192.0.2.31", response_timeout = "500 ms" }
local heat = modbus_rtu{ name = "heat", port = "/dev/serial/by-id/usb-FTDI_USB-RS485_Cable_HEAT-if00-port0",
	baud = 19200, parity = "E", response_timeout = "300 ms" }
local wired = mbus{ name = "mbus", port = "/dev/serial/by-id/usb-Relay_GmbH_MBUS-if00-port0", baud = 2400 }

local cics = { { "hp1", "hp2" }, { "hp3", "hp4" }, { "hp5" }, { "hp6" } }
local cic_of, place = {}, {}
local feed, registers, listened = {}, {}, {}

for c, pumps in ipairs(cics) do
	feed[c] = device{ name = "feed" .. c, map = "cic-feed",
		bus = http_feed{ name = "feed" .. c, url = "http://192.0.2." .. 40 + c .. ":8080/beta/feed/data.json" } }
	registers[c] = device{ name = "redis" .. c, map = "cic-redis", bus = redis{ name = "redis" .. c, host = "192.0.2." .. 40 + c } }
	listened[c] = modbus_rtu{ name = "odu" .. c, listen_only = true, baud = 19200, parity = "E",
		port = "/dev/serial/by-id/usb-FTDI_USB-RS485_Cable_CIC" .. c .. "-if00-port0" }
	for n, pump in ipairs(pumps) do
		cic_of[pump], place[pump] = c, n
	end
	channel{ name = "cic" .. c .. "_document_age", from = feed[c].document_age, every = "10 s" }
	channel{ name = "cic" .. c .. "_mode", from = feed[c].supervisory_mode, every = "10 s" }
	channel{ name = "cic" .. c .. "_flow", from = feed[c].flow, every = "10 s" }
	channel{ name = "cic" .. c .. "_alive", from = registers[c].alive, every = "5 s", stale_after = "1 min" }
end

for i = 1, 6 do
	local pump = "hp" .. i
	local c, n = cic_of[pump], place[pump]
	local meter = device{ name = pump .. "_electricity", bus = i <= 4 and electricity or electricity_tcp, unit = i, map = "sdm120" }
	local calorimeter = i <= 4 and device{ name = pump .. "_heat", bus = heat, unit = i, map = "kamstrup-403" }
		or device{ name = pump .. "_heat", bus = wired, unit = i, map = "kamstrup-403-mbus" }
	local unit = device{ name = pump .. "_unit", bus = listened[c], unit = n, map = "quatt-odu" }
	local slow = i <= 4 and "4 s" or "30 s" -- an M-Bus telegram takes half a second
	local cic, hp = feed[c], "hp" .. n

	dut{ name = pump, kind = "heat_pump", firmware_from = unit }
	local function add(what, from, role, every, more)
		local row = { name = pump .. "_" .. what, from = from, dut = pump, role = role, every = every }
		for k, v in pairs(more or {}) do row[k] = v end
		channel(row)
	end

	add("power", meter.power, "electric_power", nil, { min = "-100 W" })
	add("voltage", meter.voltage, "voltage", nil)
	add("current", meter.current, "current", nil)
	add("power_factor", meter.power_factor, "power_factor", "10 s")
	add("energy", meter.total, "electric_energy", "10 s")
	add("electric_serial", meter.serial_number, "electric_serial", "60 s")

	add("heat", calorimeter.power, "heat_power", slow)
	add("heat_energy", calorimeter.energy, "heat_energy", slow)
	add("flow", calorimeter.flow, "flow", slow)
	add("supply", calorimeter.t1, "supply_temperature", slow)
	add("return", calorimeter.t2, "return_temperature", slow)
	add("volume", calorimeter.volume, "volume", slow)

	add("ac_voltage", unit.ac_voltage, "ac_voltage", "2 s")
	add("ac_current", unit.ac_current, "ac_current", "2 s")
	add("fan", unit.fan_speed, "fan_speed", "2 s")
	add("pump_duty", unit.pump_power, "pump_duty", "2 s")
	add("pump_relay", unit.pump_relay_state, "pump_relay", "2 s")
	add("plate_heater", unit.bottom_plate_heater, "bottom_plate_heater", "2 s")
	add("crankcase_heater", unit.crankcase_heater, "crankcase_heater", "2 s")
	add("mode", unit.working_mode, "working_mode", "2 s")
	add("defrost", unit.defrosting, "defrost", "2 s")
	add("compressor", unit.compressor_frequency, "compressor_frequency", "2 s")
	add("outside", unit.outside_temperature, "outside_temperature", "2 s")
	add("water_in", unit.water_in_temperature, "water_in_temperature", "2 s")
	add("water_out", unit.water_out_temperature, "water_out_temperature", "2 s")
	add("unit_flow", unit.flow, "internal_flow", "2 s")

	if n == 1 then -- the clock of the CiC against ours, measured at every fetch
		add("clock_offset", cic.clock_offset, "clock_offset", "10 s")
	end
	add("supervisory_mode", cic.supervisory_mode, "supervisory_mode", "10 s")
	add("estimated_power", cic[hp .. "_power_input"], "estimated_power", "10 s")
	add("estimated_heat", cic[hp .. "_power"], "estimated_heat", "10 s")
end

-- What the evaluation must know. Class B (MID) and class 2 (EN 1434) meters, their flow sensors in the return pipe.
evaluation{ electric_class = "B", itr = "0.5 A", heat_class = 2, qp = "1.5 m3/h", dt_min = "3 K", flow_sensor = "return" }

return bench{ name = "meters", title = "Reference meters on four CiCs", tick = "1 s", daily = true }
