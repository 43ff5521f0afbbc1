-- Reference meters beside a heat pump: an electricity meter and a heat meter on Modbus.

local electricity = modbus_rtu{ name = "electricity", port = "/dev/serial/by-id/usb-FTDI_USB-RS485_Cable_METERS01-if00-port0",
	baud = 9600, parity = "N", response_timeout = "300 ms" }
local heat = modbus_rtu{ name = "heat", port = "/dev/serial/by-id/usb-FTDI_USB-RS485_Cable_METERS02-if00-port0", baud = 19200,
	parity = "E", response_timeout = "300 ms" }

local sdm = device{ name = "hp1_electricity", bus = electricity, unit = 1, map = "sdm120" }
local kamstrup = device{ name = "hp1_heat", bus = heat, unit = 1, map = "kamstrup-403" }

dut{ name = "hp1", kind = "heat_pump" }

channel{ name = "hp1_electric_power", from = sdm.power, dut = "hp1", role = "electric_power" }
channel{ name = "hp1_electric_energy", from = sdm.import, dut = "hp1", role = "electric_energy" }
channel{ name = "hp1_heat_power", from = kamstrup.power, dut = "hp1", role = "heat_power" }
channel{ name = "hp1_heat_energy", from = kamstrup.energy, dut = "hp1", role = "heat_energy" }
channel{ name = "hp1_flow", from = kamstrup.flow, dut = "hp1", role = "flow" }
channel{ name = "hp1_supply", from = kamstrup.t1, dut = "hp1", role = "supply_temperature" }
channel{ name = "hp1_return", from = kamstrup.t2, dut = "hp1", role = "return_temperature" }
channel{ name = "hp1_volume", from = kamstrup.volume, dut = "hp1", role = "volume" }

evaluation{ electric_class = "B", heat_class = 2, qp = "1.5 m3/h", flow_sensor = "return" }

return bench{ name = "meters", title = "Reference meters beside a heat pump", tick = "1 s" }
