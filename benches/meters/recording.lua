-- The columns of exported logs of CiCs with reference meters beside them: one row for all heat pumps of a CiC, milliseconds since
-- 1970. A file may have any of these columns, under any of the names between the bars. What the second CiC calls hp1 is told to be
-- another heat pump on the command line:
--	heatbench meters --recording cic1.csv --recording cic2.csv,hp1=hp3,hp2=hp4

local columns = {}

local function add(channel, unit, quantity, kind, names, scale, besides)
	for n = 1, 2 do
		local all = { besides and besides:format(n) }
		for name in names:gmatch("[^|]+") do
			local first, rest = name:sub(1, 1), name:sub(2)
			all[#all + 1] = "hp" .. n .. "." .. name             -- hp1.getFanSpeed
			all[#all + 1] = "hp" .. n .. first:upper() .. rest   -- hp1GetFanSpeed
			all[#all + 1] = "qc.hp" .. n .. first:upper() .. rest
			if n == 1 then all[#all + 1] = name end              -- getFanSpeed: a log of one heat pump
		end
		columns[#columns + 1] = { column = table.concat(all, "|"), channel = channel, unit = unit, quantity = quantity,
			kind = kind, dut = "hp" .. n, required = false, scale = scale or 1 }
	end
end

add("power_input", "W", "V x I", "gauge", "powerInput")
add("ac_voltage", "V", "voltage", "gauge", "acInputVoltage")
add("ac_current", "A", "current", "gauge", "acInputCurrent")
add("fan_speed", "rpm", "fan speed", "gauge", "getFanSpeed|fanSpeed")
add("pump_duty", "W", "pump read-back", "gauge", "circulatingPumpDutyCycle|pumpDutyCycle")
add("pump_relay", "1", "pump relay", "state", "getCirculatingPumpRelay|circulatingPumpRelay")
add("bottom_plate_heater", "1", "bottom-plate heater", "state", "bottomPlateHeaterEnable")
add("crankcase_heater", "1", "crankcase heater", "state", "compressorCrankcaseHeaterEnable|compressorCrankCaseHeaterEnable")
add("working_mode", "1", "working mode", "state", "getMainWorkingMode|workingMode")
add("defrost", "1", "defrost", "state", "defrostFlag|defrost")
add("outside_temperature", "degC", "outside temperature", "gauge", "temperatureOutside")
add("water_in_temperature", "degC", "water in", "gauge", "temperatureWaterIn")
add("water_out_temperature", "degC", "water out", "gauge", "temperatureWaterOut")
add("internal_flow", "l/h", "internal flow", "gauge", "flowRate")
add("supervisory_mode", "1", "what the CiC does", "state", "supervisoryControlMode")
add("electric_counter", "Wh", "electricity by the CiC", "counter", "electricalEnergyCounter")
add("heat_counter", "Wh", "heat by the CiC", "counter", "thermalEnergyCounter")
add("estimated_power", "W", "estimated electric power", "gauge", "electricPower|estimatedPower")
add("estimated_heat", "W", "estimated heat power", "gauge", "powerOutput|estimatedHeat", nil, "hp%d.power")
add("electric_power", "W", "electric power", "gauge", "externalElectricityMeterPower|powerIn|PowerIn")
add("electric_energy", "kWh", "electric energy", "counter", "externalElectricityMeterEnergy")
add("heat_power", "W", "heat power", "gauge", "externalHeatMeterPower")
add("heat_energy", "kWh", "heat", "counter", "externalHeatMeterEnergy")
add("flow", "l/h", "volume flow", "gauge", "externalHeatMeterFlow|externalFlow")
add("supply_temperature", "degC", "supply temperature", "gauge", "externalHeatMeterSupplyTemperature")
add("return_temperature", "degC", "return temperature", "gauge", "externalHeatMeterReturnTemperature")
add("volume", "m3", "volume", "counter", "externalHeatMeterVolume")
add("electric_serial", "1", "number of the electricity meter", "state", "externalElectricityMeterSerial")
add("heat_serial", "1", "number of the heat meter", "state", "externalHeatMeterSerial")

return recording{
	title = "Logs of CiCs with reference meters, CSV",
	source = "exported: milliseconds since 1970, TRUE and FALSE, quoted headers",

	time = { column = "time.ts|time|timestamp|ts", unit = "ms", zone = "UTC", unique = true },
	dut = { kind = "heat_pump" },
	columns = columns,
}
