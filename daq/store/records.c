#include "daq/store/record.h"

#include "daq/store/reader.h"

/* clang-format off */
#define FIELD_AS(column, type, of, member) \
	{column, RECORD_##type, offsetof(struct of, member), sizeof(((struct of *)0)->member)}
#define FIELD(type, of, member) FIELD_AS(#member, type, of, member)
#define END {NULL, RECORD_TEXT, 0, 0}

static const struct record_field about_fields[] = {
	FIELD(TEXT, run_about, bench),
	FIELD(TEXT, run_about, label),
	FIELD(TEXT, run_about, procedure),
	FIELD(TEXT, run_about, operator),
	FIELD(TEXT, run_about, host),
	FIELD(TEXT, run_about, software),
	FIELD(TEXT, run_about, command),
	FIELD(TEXT, run_about, time_zone),
	FIELD(TEXT, run_about, clock_state),
	FIELD(ORIGIN, run_about, origin),
	FIELD(INDEX64, run_about, seed),
	FIELD(INT64, run_about, utc),
	FIELD(INT64, run_about, period),
	END
};
const struct record record_about = {"run", "id", "id", false, sizeof(struct run_about), about_fields};

static const struct record_field segment_fields[] = {
	FIELD(TEXT, run_segment, boot_id),
	FIELD(TEXT, run_segment, bench_digest),
	FIELD(INT64, run_segment, monotonic_zero),
	FIELD(INT64, run_segment, utc),
	FIELD(INT64, run_segment, first_tick),
	END
};
const struct record record_segment = {"segment", "number", "number", false, sizeof(struct run_segment),
	segment_fields};

static const struct record_field dut_fields[] = {
	FIELD(TEXT, run_dut, name),
	FIELD(TEXT, run_dut, kind),
	FIELD(TEXT, run_dut, profile),
	FIELD(TEXT, run_dut, serial),
	FIELD(TEXT, run_dut, firmware),
	FIELD(ORIGIN, run_dut, serial_origin),
	FIELD(ORIGIN, run_dut, firmware_origin),
	END
};
const struct record record_dut = {"dut", "id", "id", false, sizeof(struct run_dut), dut_fields};

static const struct record_field device_fields[] = {
	FIELD(TEXT, run_device, name),
	FIELD(TEXT, run_device, driver),
	FIELD(TEXT, run_device, map),
	FIELD(TEXT, run_device, address),
	FIELD(TEXT, run_device, identity),
	END
};
const struct record record_device = {"device", "id", "id", false, sizeof(struct run_device), device_fields};

static const struct record_field certificate_fields[] = {
	FIELD(TEXT, run_certificate, id),
	FIELD(TEXT, run_certificate, laboratory),
	FIELD(TEXT, run_certificate, date),
	FIELD(TEXT, run_certificate, due),
	FIELD(TEXT, run_certificate, file),
	FIELD(REAL, run_certificate, U),
	FIELD(REAL, run_certificate, k),
	FIELD(TEXT, run_certificate, points),
	END
};
const struct record record_certificate = {"certificate", "number", "number", false,
	sizeof(struct run_certificate), certificate_fields};

static const struct record_field channel_fields[] = {
	FIELD(TEXT, run_channel, name),
	FIELD(TEXT, run_channel, quantity),
	FIELD(TEXT, run_channel, unit),
	FIELD(TEXT, run_channel, kind),
	FIELD_AS("rate_group", TEXT, run_channel, group),
	FIELD(TEXT, run_channel, dut),
	FIELD(TEXT, run_channel, role),
	FIELD(INDEX, run_channel, device),
	FIELD(ORIGIN, run_channel, origin),
	FIELD(REAL, run_channel, resolution),
	FIELD(REAL, run_channel, uncertainty),
	FIELD(INDEX, run_channel, certificate),
	END
};
const struct record record_channel = {"channel", "id", "id", false, sizeof(struct run_channel), channel_fields};

static const struct record_field limit_fields[] = {
	FIELD(TEXT, run_limit, dut),
	FIELD(TEXT, run_limit, quantity),
	FIELD(TEXT, run_limit, valve),
	FIELD(REAL, run_limit, set_point),
	FIELD(REAL, run_limit, min),
	FIELD(REAL, run_limit, max),
	FIELD(TEXT, run_limit, unit),
	FIELD(TEXT, run_limit, rule),
	FIELD(TEXT, run_limit, source),
	END
};
static const struct record_field setting_fields[] = {
	FIELD(TEXT, run_setting, name),
	FIELD(TEXT, run_setting, value),
	FIELD(TEXT, run_setting, source),
	END
};

const struct record record_setting = {"setting", "id", "id", false, sizeof(struct run_setting), setting_fields};

const struct record record_limit = {"limit_row", "id", "id", false, sizeof(struct run_limit), limit_fields};

static const struct record_field event_fields[] = {
	FIELD(INT64, run_event, at),
	FIELD(INDEX64, run_event, tick),
	FIELD(TEXT, run_event, level),
	FIELD(TEXT, run_event, source),
	FIELD(TEXT, run_event, text),
	END
};
const struct record record_event = {"event", NULL, "id", false, sizeof(struct run_event), event_fields};

static const struct record_field step_fields[] = {
	FIELD(INT64, run_step, number),
	FIELD(TEXT, run_step, name),
	FIELD(TEXT, run_step, dut),
	FIELD(TEXT, run_step, valve),
	FIELD(TEXT, run_step, unit),
	FIELD(REAL, run_step, set_point),
	FIELD(INT64, run_step, first_tick),
	FIELD(INDEX64, run_step, last_tick),
	FIELD(INT, run_step, done),
	END
};
const struct record record_step = {"step", NULL, "number", true, sizeof(struct run_step), step_fields};

static const struct record_field mark_fields[] = {
	FIELD(TEXT, run_mark, name),
	FIELD(INT64, run_mark, step),
	FIELD(INT64, run_mark, first_tick),
	FIELD(INT64, run_mark, last_tick),
	END
};
const struct record record_mark = {"mark", NULL, "id", false, sizeof(struct run_mark), mark_fields};

static const struct record_field health_fields[] = {
	FIELD(INT, run_health, segment),
	FIELD(TEXT, run_health, bus),
	FIELD(INT64, run_health, transactions),
	FIELD(INT64, run_health, timeouts),
	FIELD(INT64, run_health, checksums),
	FIELD(INT64, run_health, exceptions),
	FIELD(INT64, run_health, wrong),
	FIELD(INT64, run_health, late),
	FIELD(INT64, run_health, missed_ticks),
	FIELD(INT64, run_health, drops),
	FIELD(REAL, run_health, utilisation),
	FIELD(HISTOGRAM, run_health, lateness),
	END
};
const struct record record_health = {"bus_health", NULL, "segment, bus", true, sizeof(struct run_health),
	health_fields};

static const struct record_field rate_fields[] = {
	FIELD_AS("name", TEXT, run_rate, group),
	FIELD(INT, run_rate, every),
	END
};
const struct record record_rate = {"rate_group", "id", "id", false, sizeof(struct run_rate), rate_fields};

static const struct record_field clock_pair_fields[] = {
	FIELD(INT64, run_clock_pair, monotonic),
	FIELD(INT64, run_clock_pair, utc),
	FIELD(INT64, run_clock_pair, error_bound),
	END
};
const struct record record_clock_pair = {"clock_pair", NULL, "id", false, sizeof(struct run_clock_pair),
	clock_pair_fields};
/* clang-format on */
