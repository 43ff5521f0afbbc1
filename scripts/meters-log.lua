-- Logs for a while and drives nothing: `argument` says how long ("28 d", "6 h", "90 min"; a day without one). Ctrl-C ends it
-- before; what was recorded stays, and closed days can be evaluated at any time.
local units = { s = 1, min = 60, h = 3600, d = 86400 }
local number, unit = (argument or "1 d"):match("^%s*([%d.]+)%s*(%a+)%s*$")
local seconds = number and units[unit] and tonumber(number) * units[unit]
assert(seconds and seconds > 0, "argument: expected how long to log, like \"28 d\", \"6 h\" or \"90 min\"")

step{ "log" }
hold(seconds)
