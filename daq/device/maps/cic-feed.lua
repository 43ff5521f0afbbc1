-- The local feed of a Quatt CiC: http://<cic>:8080/beta/feed/data.json, fetched as a document.
-- No captured feed is at hand: the map is listed as unverified. Where a CiC has one heat pump, hp2 is missing.
--
-- The feed does not tell fan speed, pump duty, heaters, voltage and current: those stand on the outdoor unit's bus
-- (map quatt-odu, listen_only) or in the CiC's own registers (map cic-redis).

local points = {}

local function add(row)
	points[#points + 1] = row
end

local function temperature(name, key, help)
	add{ name = name, key = key, unit = "degC", quantity = "temperature", min = -60, max = 160, help = help }
end

local function switch(name, key, help)
	add{ name = name, key = key, kind = "state", min = 0, max = 1, help = help }
end

for _, hp in ipairs{ "hp1", "hp2" } do
	add{ name = hp .. "_slave_id", key = hp .. ".modbusSlaveId", kind = "state", min = 0, max = 247, help = "unit on the outdoor-unit bus" }
	add{ name = hp .. "_working_mode", key = hp .. ".getMainWorkingMode", kind = "state", min = 0, max = 2,
		help = "0 standby, 1 cooling, 2 heating; null is possible" }
	temperature(hp .. "_outside_temperature", hp .. ".temperatureOutside")
	temperature(hp .. "_water_in_temperature", hp .. ".temperatureWaterIn")
	temperature(hp .. "_water_out_temperature", hp .. ".temperatureWaterOut")
	add{ name = hp .. "_power_input", key = hp .. ".powerInput", unit = "W", quantity = "electric power", nominal = 1000,
		min = -100, max = 20000, help = "the CiC's own estimate" }
	add{ name = hp .. "_power", key = hp .. ".power", unit = "W", quantity = "heat power", nominal = 4000,
		min = -30000, max = 30000, help = "the CiC's own estimate; negative in defrost" }
	switch(hp .. "_silent", hp .. ".silentModeStatus")
	switch(hp .. "_limited_by_cop", hp .. ".limitedByCop")
end

add{ name = "supervisory_mode", key = "qc.supervisoryControlMode", kind = "state", min = 0, max = 999,
	help = "0 standby, 2 heat pump, 3 with boiler, 4 boiler, 6 cooling, 96..98 antifreeze, 99 fault" }
add{ name = "flow", key = "qc.flowRateFiltered", unit = "l/h", quantity = "volume flow", nominal = 800, min = -100, max = 20000,
	help = "since CiC firmware 2.10.0; before: flow_meter_flow" }
add{ name = "flow_meter_flow", key = "flowMeter.flowRate", unit = "l/h", quantity = "volume flow", nominal = 800, min = -100, max = 20000,
	help = "before CiC firmware 2.10.0" }
temperature("supply_temperature", "flowMeter.waterSupplyTemperature")
switch("sticky_pump_protection", "qc.stickyPumpProtectionEnabled")

switch("boiler_central_heating", "boiler.otFbChModeActive")
switch("boiler_hot_water", "boiler.otFbDhwActive")
switch("boiler_flame", "boiler.otFbFlameOn")
switch("boiler_asked", "boiler.otTbCH")
switch("boiler_on", "boiler.oTtbTurnOnOffBoilerOn")
temperature("boiler_inlet_temperature", "boiler.otFbSupplyInletTemperature")
temperature("boiler_outlet_temperature", "boiler.otFbSupplyOutletTemperature")
add{ name = "boiler_pressure", key = "boiler.otFbWaterPressure", unit = "bar", quantity = "pressure", min = -1, max = 10 }

switch("thermostat_heating", "thermostat.otFtChEnabled")
switch("thermostat_hot_water", "thermostat.otFtDhwEnabled")
switch("thermostat_cooling", "thermostat.otFtCoolingEnabled")
temperature("thermostat_control_setpoint", "thermostat.otFtControlSetpoint")
temperature("thermostat_room_setpoint", "thermostat.otFtRoomSetpoint")
temperature("thermostat_room_temperature", "thermostat.otFtRoomTemperature")

add{ name = "all_electric_mode", key = "qcAllE.allESupervisoryControlMode", kind = "state", min = 0, max = 999 }
switch("antilegionella", "qcAllE.isAntilegionellaActive")
temperature("tank_top_temperature", "hb.topTemperature")
add{ name = "charger_power", key = "hc.electricalPower", unit = "W", quantity = "electric power", min = -100, max = 20000 }
temperature("charger_inlet_temperature", "hc.chHeatExchangerInletTemperature")
temperature("charger_supply_temperature", "hc.distributionSystemSupplyTemperature")
add{ name = "charger_pressure", key = "hc.heatingSystemPressure", unit = "bar", quantity = "pressure", min = -1, max = 10 }

add{ name = "host_name", key = "system.hostName", kind = "state", help = "a text: which CiC it is" }

return document_map{
	name = "cic-feed",
	title = "Quatt CiC, local JSON feed",
	manual = "marcoboers/home-assistant-quatt, commit 4483c18 (units); io.quatt for Homey, type CicStats (types)",
	identity = { hostName = "host_name" },
	points = points,
}
