-- The columns of the flow-meter comparison's recordings: one file for each run, all of one controller whose own flow
-- reading is held against a reference meter. Several files make one run of several trials:
--	heatbench flow --recording first.csv --recording second.csv

return recording{
	title = "Flow-meter comparison, CSV",
	source = "written by the lab's scripts of 2023: every 5 s, one file for each run; the reference is refreshed about once a minute",

	time = { column = "time", unit = "s" },
	dut = { name = "internal", kind = "flow_meter" },
	set_point = "duty",

	columns = {
		{ column = "set_pump_duty_cycle", channel = "duty", unit = "permille", quantity = "pump duty", kind = "setpoint",
			resolution = 1, shared = true },
		{ column = "get_pump_duty_cycle", channel = "duty_feedback", unit = "permille", quantity = "pump duty",
			shared = true, required = false },
		{ column = "internal_flow", channel = "flow", unit = "l/h", quantity = "volume flow" },
		{ column = "external_flow", channel = "reference", unit = "l/h", quantity = "volume flow", shared = true },
	},
}
