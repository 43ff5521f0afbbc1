-- The columns of an excitation recording: the set point changes every second, one stretch for each pump. The
-- integrated flow (the outdoor unit's own) may be empty.

return recording{
	title = "Pump excitation, CSV",
	source = "written by the lab's scripts of 2024: 120 samples of a second for each pump",

	time = { column = "time", unit = "s" },
	dut = {
		column = "pump_name", kind = "pump", profile = "wilo-ipwm1",
		names = { ["AWMT"] = "awmt", ["Wilo"] = "wilo", ["WILO"] = "wilo" },
	},
	set_point = "duty",

	columns = {
		{ column = "set_pump_duty_cycle", channel = "duty", unit = "permille", quantity = "pump duty",
			kind = "setpoint" },
		{ column = "pump_feedback", channel = "feedback", unit = "W", quantity = "feedback power" },
		-- one pulse a second is 3 l/h: the sensor gives 1200 pulses a litre and was read once a second
		{ column = "measured_flow_external", channel = "flow", unit = "l/h", quantity = "volume flow",
			resolution = 3 },
		{ column = "measured_flow_integrated", channel = "flow_integrated", unit = "l/h",
			quantity = "integrated volume flow", required = false },
	},
}
