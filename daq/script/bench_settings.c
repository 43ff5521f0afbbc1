#include "daq/script/bench_reader.h"

static const char *const parities[] = {"N", "E", "O", NULL};
static const char *const word_orders[] = {"map", "high-first", "low-first", NULL};
static const char *const keeps[] = {"auto", "always", "on_change", "never", NULL}; /* enum keep_raw */
static const char *const rules[] = {"simple", "guarded", NULL};

const char *const bench_parities = "NEO";
const char *const *const bench_rules = rules;

/* clang-format off */
#define BENCH(field) offsetof(struct bench, field)
const struct setting bench_rows[] = {
	{"name", SETTING_TEXT, BENCH(name), 32, .help = "letters, digits, _ and -: part of a run's name"},
	{"title", SETTING_TEXT, BENCH(title), 96, .fallback = "", .help = "the bench in words"},
	{"tick", SETTING_DURATION, BENCH(tick), .min = 0.001, .max = 3600, .fallback = "1 s", .help = "heartbeat of the bench: channels are read every so many ticks"},
	{"daily", SETTING_SWITCH, offsetof(struct bench, daily), .fallback = "false", .help = "for runs of weeks: values in one database for each UTC day, closed for good when the day is over"},
	SETTING_END
};

#define BUS(field) offsetof(struct bus_form, bus.field)
#define BUS_COMMON(timeout) \
	{"name", SETTING_TEXT, BUS(words.name), 32, .help = "letters, digits, _ and -"}, \
	{"response_timeout", SETTING_DURATION, BUS(words.response_timeout), .min = 0.005, .max = 60, .fallback = timeout, .help = "how long to wait for the first byte of an answer"}, \
	{"retry_after", SETTING_DURATION, BUS(retry_after), .min = 0.1, .max = 3600, .fallback = "5 s", .help = "how long a silent device is left alone"}
const struct setting rtu_rows[] = {
	BUS_COMMON("300 ms"),
	{"listen_only", SETTING_SWITCH, BUS(listen_only), .fallback = "false", .help = "somebody else is master of this bus: what both say is listened to, and nothing is ever sent"},
	{"port", SETTING_TEXT, BUS(words.port), 128, .help = "device file; a name below /dev/serial/by-id/ stays the same when adapters are plugged in another order"},
	{"baud", SETTING_INTEGER, BUS(words.baud), .min = 300, .max = 1000000, .help = "bits per second"},
	{"parity", SETTING_CHOICE, offsetof(struct bus_form, parity), .choices = parities, .help = "none, even, odd"},
	{"data_bits", SETTING_INTEGER, BUS(words.data_bits), .min = 8, .max = 8, .fallback = "8", .help = "of a character; RTU has 8"},
	{"stop_bits", SETTING_INTEGER, BUS(words.stop_bits), .min = 1, .max = 2, .fallback = "1", .help = "of a character"},
	SETTING_END
};
const struct setting tcp_rows[] = {
	BUS_COMMON("500 ms"),
	{"host", SETTING_TEXT, BUS(words.host), 128, .help = "address or name of the device or gateway"},
	{"tcp_port", SETTING_INTEGER, BUS(words.tcp_port), .min = 1, .max = 65535, .fallback = "502", .help = "TCP port"},
	SETTING_END
};

#define DEVICE(field) offsetof(struct device_form, device.field)
const struct setting device_rows[] = {
	{"name", SETTING_TEXT, DEVICE(name), 32, .help = "letters, digits, _ and -"},
	{"unit", SETTING_INTEGER, DEVICE(unit), .min = -1, .max = 255, .fallback = "-1", .help = "Modbus unit: 1 to 247 on RTU; M-Bus: primary address, 0 to 250; -1: none"},
	{"secondary", SETTING_TEXT, DEVICE(on_mbus.secondary), 20, .fallback = "", .help = "M-Bus: the meter's number, 8 digits, instead of a unit; 8 hex characters behind it say manufacturer, version, medium (F: any)"},
	{"application_reset", SETTING_INTEGER, DEVICE(on_mbus.reset), .min = -1, .max = 255, .fallback = "-1", .help = "M-Bus: subcode that chooses the meter's telegram, sent before its first reading; -1: none"},
	{"late_max", SETTING_DURATION, DEVICE(late_max), .min = 0.01, .max = 60, .fallback = "1 s", .help = "how late an answer may come after its time-out; so long the bus stays quiet then"},
	{"word_order", SETTING_CHOICE, offsetof(struct device_form, word_order), .choices = word_orders, .fallback = "map", .help = "for devices that have it as a setting; `heatbench device read` says which one fits"},
	{"keep_raw", SETTING_CHOICE, offsetof(struct device_form, keep_raw), .choices = keeps, .fallback = "auto", .help = "whether raw answers are stored; auto: always, up to a day"},
	SETTING_END
};

#define CHANNEL(field) offsetof(struct channel_form, channel.field)
#define CHANNEL_TEXT(field) offsetof(struct channel_form, field), QUANTITY_TEXT
const struct setting channel_rows[] = {
	{"name", SETTING_TEXT, CHANNEL(name), 48, .help = "column in the run: letters, digits and _"},
	{"unit", SETTING_TEXT, CHANNEL(unit), 16, .fallback = "", .help = "what it is stored in; by default the map's"},
	{"quantity", SETTING_TEXT, CHANNEL(quantity), 48, .fallback = "", .help = "what it is; by default as the map says"},
	{"role", SETTING_TEXT, CHANNEL(role), 24, .fallback = "", .help = "what it does for its device under test: duty, relay, feedback, flow, power, valve ..."},
	{"dut", SETTING_TEXT, offsetof(struct channel_form, dut), 32, .fallback = "", .help = "device under test; none: of the whole bench"},
	{"output", SETTING_SWITCH, CHANNEL(output), .fallback = "false", .help = "procedures may set it (the map must call it writable)"},
	{"every", SETTING_DURATION, offsetof(struct channel_form, every), .min = 0, .max = 86400, .fallback = "0 s", .help = "how often it is read: a multiple of the tick; by default each tick"},
	{"stale_after", SETTING_DURATION, CHANNEL(stale_after), .min = 0, .max = 86400, .fallback = "0 s", .help = "for readings that are never still: not changed for so long, they are stale; 0: they may stand still"},
	{"min", SETTING_TEXT, CHANNEL_TEXT(min), .fallback = "", .help = "lowest plausible value, with unit; a set point below is refused", .placeholder = "quantity"},
	{"max", SETTING_TEXT, CHANNEL_TEXT(max), .fallback = "", .help = "highest plausible value, with unit", .placeholder = "quantity"},
	{"nominal", SETTING_TEXT, CHANNEL_TEXT(nominal), .fallback = "", .help = "typical value, with unit, for dry runs", .placeholder = "quantity"},
	{"gain", SETTING_NUMBER, offsetof(struct channel_form, gain), .fallback = "1", .help = "calibration: value = gain * reading + offset"},
	{"offset", SETTING_TEXT, CHANNEL_TEXT(offset), .fallback = "", .help = "calibration, with unit (K for temperatures)", .placeholder = "quantity"},
	{"resolution", SETTING_TEXT, CHANNEL_TEXT(resolution), .fallback = "", .help = "smallest step, with unit; by default the map's", .placeholder = "quantity"},
	{"uncertainty", SETTING_TEXT, CHANNEL_TEXT(uncertainty), .fallback = "", .help = "expanded, k = 2, with unit", .placeholder = "quantity"},
	{"certificate", SETTING_TEXT, offsetof(struct channel_form, certificate), 64, .fallback = "", .help = "id of the certificate that covers it"},
	SETTING_END
};

#define DUT(field) offsetof(struct dut_form, dut.field)
const struct setting dut_rows[] = {
	{"name", SETTING_TEXT, DUT(name), 32, .help = "letters, digits, _ and -"},
	{"kind", SETTING_TEXT, DUT(kind), 32, .help = "what it is: pump, flow_meter, heat_meter ..."},
	{"profile", SETTING_TEXT, DUT(profile), 32, .fallback = "", .help = "how it speaks: wilo-ipwm1 ..."},
	{"serial", SETTING_TEXT, DUT(serial), 64, .fallback = "", .help = "as expected; with serial_from a mismatch refuses to start"},
	{"firmware", SETTING_TEXT, DUT(firmware), 64, .fallback = "", .help = "as expected; with firmware_from a mismatch refuses to start"},
	SETTING_END
};

#define LIMIT(field) offsetof(struct limit_form, limit.field)
#define LIMIT_TEXT(field) offsetof(struct limit_form, field), QUANTITY_TEXT
const struct setting limit_rows[] = {
	{"dut", SETTING_TEXT, offsetof(struct limit_form, dut), 32, .fallback = "", .help = "device under test; none: each of them"},
	{"quantity", SETTING_TEXT, LIMIT(quantity), 48, .help = "quantity or role of a channel; \"... deviation\": the device's own reading minus the reference; \"... ratio\": throttled to open"},
	{"valve", SETTING_TEXT, LIMIT(valve), 24, .fallback = "", .help = "only steps with this valve position: open, throttled"},
	{"set_point", SETTING_TEXT, LIMIT_TEXT(set_point), .fallback = "", .help = "only steps at this set point, with unit", .placeholder = "quantity"},
	{"min", SETTING_TEXT, LIMIT_TEXT(min), .fallback = "", .help = "lowest accepted value, with unit", .placeholder = "quantity"},
	{"max", SETTING_TEXT, LIMIT_TEXT(max), .fallback = "", .help = "highest accepted value, with unit", .placeholder = "quantity"},
	{"rule", SETTING_CHOICE, offsetof(struct limit_form, rule), .choices = rules, .fallback = "simple", .help = "decision rule: simple, or guarded by the expanded uncertainty (ILAC-G8)"},
	SETTING_END
};

const struct setting safe_rows[] = {
	{"channel", SETTING_TEXT, offsetof(struct safe_form, channel), 48, .help = "output channel"},
	{"value", SETTING_TEXT, offsetof(struct safe_form, value), QUANTITY_TEXT, .help = "with unit; a bare number where the channel's unit is \"1\"", .placeholder = "quantity"},
	{"pause", SETTING_DURATION, offsetof(struct safe_form, safe.pause), .min = 0, .max = 60, .fallback = "0 s", .help = "after it, before the next"},
	SETTING_END
};

#define CERTIFICATE(field) offsetof(struct certificate_form, certificate.field)
const struct setting certificate_rows[] = {
	{"id", SETTING_TEXT, CERTIFICATE(id), 64, .help = "number of the certificate"},
	{"laboratory", SETTING_TEXT, CERTIFICATE(laboratory), 64, .help = "who calibrated"},
	{"date", SETTING_TEXT, CERTIFICATE(date), 16, .help = "of calibration, like 2024-05-31", .placeholder = "date"},
	{"due", SETTING_TEXT, CERTIFICATE(due), 16, .help = "valid until; later verdicts are undecided", .placeholder = "date"},
	{"unit", SETTING_TEXT, offsetof(struct certificate_form, unit), 16, .help = "of U and points; channels that use it have the same"},
	{"U", SETTING_TEXT, offsetof(struct certificate_form, U), QUANTITY_TEXT, .help = "expanded uncertainty, with unit", .placeholder = "quantity"},
	{"k", SETTING_NUMBER, CERTIFICATE(k), .min = 1, .max = 5, .fallback = "2", .help = "coverage factor of U"},
	{"file", SETTING_TEXT, CERTIFICATE(file), 128, .fallback = "", .help = "scan of it, beside the bench file: kept with the run"},
	SETTING_END
};
/* clang-format on */
