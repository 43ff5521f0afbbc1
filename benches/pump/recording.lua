-- The columns of the pump test's recordings: one file for each valve position, so the position is said on the
-- command line (--recording FILE.csv,valve=open).

return recording{
	title = "Pump comparison, CSV",
	source = "written by the lab's scripts of 2023: once a second, one file for each valve position",

	time = { column = "time", unit = "s" },
	dut = {
		column = "pump_name", kind = "pump", profile = "wilo-ipwm1",
		names = { ["AWMT"] = "awmt", ["Wilo"] = "wilo", ["WILO"] = "wilo" },
	},
	set_point = "duty",

	columns = {
		{ column = "set_pump_duty_cycle", channel = "duty", unit = "permille", quantity = "pump duty",
			kind = "setpoint", resolution = 1 },
		{ column = "pump_feedback", channel = "feedback", unit = "W", quantity = "feedback power" },
		{ column = "measured_flow", channel = "flow", unit = "l/h", quantity = "volume flow" },
	},
}
