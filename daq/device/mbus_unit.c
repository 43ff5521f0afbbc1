#include "daq/device/mbus_unit.h"

#include "daq/base/error.h"
#include "daq/base/text.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

enum { EXTENDED = 0x80, PLAIN_TEXT = 0x7C, ANY = 0x7E, MAKERS = 0x7F, TABLE_FB = 0xFB, TABLE_FD = 0xFD };

/* How the codes of a row differ: by powers of ten, or s, min, h, d. */
enum steps { DECADES, TIMES, NONE };

struct vif_row {
	uint8_t first, count;
	enum steps steps;
	const char *quantity, *unit;
	int exponent; /* of the first */
	double factor;
	enum mbus_number number;
};

#define JOULES_PER_HOUR (1.0 / 3600)
#define CALORIE 4.1868 /* J, of the international table */

/* clang-format off */
static const struct vif_row primary[] = {
	{0x00, 8, DECADES, "energy", "Wh", -3, 1, MBUS_SIGNED},
	{0x08, 8, DECADES, "energy", "J", 0, 1, MBUS_SIGNED},
	{0x10, 8, DECADES, "volume", "m3", -6, 1, MBUS_SIGNED},
	{0x18, 8, DECADES, "mass", "kg", -3, 1, MBUS_SIGNED},
	{0x20, 4, TIMES, "on_time", "s", 0, 1, MBUS_SIGNED},
	{0x24, 4, TIMES, "operating_time", "s", 0, 1, MBUS_SIGNED},
	{0x28, 8, DECADES, "power", "W", -3, 1, MBUS_SIGNED},
	{0x30, 8, DECADES, "power", "W", 0, JOULES_PER_HOUR, MBUS_SIGNED},
	{0x38, 8, DECADES, "flow", "m3/h", -6, 1, MBUS_SIGNED},
	{0x40, 8, DECADES, "flow", "m3/h", -7, 60, MBUS_SIGNED},
	{0x48, 8, DECADES, "flow", "m3/h", -9, 3600, MBUS_SIGNED},
	{0x50, 8, DECADES, "mass_flow", "kg/h", -3, 1, MBUS_SIGNED},
	{0x58, 4, DECADES, "flow_temperature", "degC", -3, 1, MBUS_SIGNED},
	{0x5C, 4, DECADES, "return_temperature", "degC", -3, 1, MBUS_SIGNED},
	{0x60, 4, DECADES, "temperature_difference", "K", -3, 1, MBUS_SIGNED},
	{0x64, 4, DECADES, "external_temperature", "degC", -3, 1, MBUS_SIGNED},
	{0x68, 4, DECADES, "pressure", "bar", -3, 1, MBUS_SIGNED},
	{0x6C, 1, NONE, "date", "s", 0, 1, MBUS_DATE},
	{0x6D, 1, NONE, "date_time", "s", 0, 1, MBUS_DATE},
	{0x6E, 1, NONE, "heat_cost_units", "1", 0, 1, MBUS_SIGNED},
	{0x70, 4, TIMES, "averaging_duration", "s", 0, 1, MBUS_SIGNED},
	{0x74, 4, TIMES, "actuality_duration", "s", 0, 1, MBUS_SIGNED},
	{0x78, 1, NONE, "fabrication_number", "1", 0, 1, MBUS_UNSIGNED},
	{0x79, 1, NONE, "enhanced_identification", "1", 0, 1, MBUS_UNSIGNED},
	{0x7A, 1, NONE, "bus_address", "1", 0, 1, MBUS_UNSIGNED},
	{0x7F, 1, NONE, "makers", "1", 0, 1, MBUS_SIGNED}, /* whatever its maker means by the VIFEs behind it */
	{.quantity = NULL}};

static const struct vif_row table_fb[] = {
	{0x00, 2, DECADES, "energy", "Wh", 5, 1, MBUS_SIGNED},
	{0x02, 2, DECADES, "reactive_energy", "varh", 3, 1, MBUS_SIGNED},
	{0x08, 2, DECADES, "energy", "J", 8, 1, MBUS_SIGNED},
	{0x0C, 4, DECADES, "energy", "J", 5, CALORIE, MBUS_SIGNED},
	{0x10, 2, DECADES, "volume", "m3", 2, 1, MBUS_SIGNED},
	{0x14, 4, DECADES, "reactive_power", "var", 0, 1, MBUS_SIGNED},
	{0x18, 2, DECADES, "mass", "kg", 5, 1, MBUS_SIGNED},
	{0x1A, 2, DECADES, "relative_humidity", "%", -1, 1, MBUS_SIGNED},
	{0x28, 2, DECADES, "power", "W", 5, 1, MBUS_SIGNED},
	{0x2A, 1, NONE, "phase_angle_voltage", "deg", -1, 1, MBUS_SIGNED},
	{0x2B, 1, NONE, "phase_angle", "deg", -1, 1, MBUS_SIGNED},
	{0x2C, 4, DECADES, "frequency", "Hz", -3, 1, MBUS_SIGNED},
	{0x30, 2, DECADES, "power", "W", 8, JOULES_PER_HOUR, MBUS_SIGNED},
	{0x34, 4, DECADES, "apparent_power", "VA", 0, 1, MBUS_SIGNED},
	{0x74, 4, DECADES, "temperature_limit", "degC", -3, 1, MBUS_SIGNED},
	{0x78, 8, DECADES, "cumulated_maximum_power", "W", -3, 1, MBUS_SIGNED},
	{.quantity = NULL}};

static const struct vif_row table_fd[] = {
	{0x08, 1, NONE, "access_number", "1", 0, 1, MBUS_UNSIGNED},
	{0x09, 1, NONE, "medium", "1", 0, 1, MBUS_UNSIGNED},
	{0x0A, 1, NONE, "manufacturer", "1", 0, 1, MBUS_UNSIGNED},
	{0x0B, 1, NONE, "parameter_set", "1", 0, 1, MBUS_UNSIGNED},
	{0x0C, 1, NONE, "model_version", "1", 0, 1, MBUS_UNSIGNED},
	{0x0D, 1, NONE, "hardware_version", "1", 0, 1, MBUS_UNSIGNED},
	{0x0E, 1, NONE, "firmware_version", "1", 0, 1, MBUS_UNSIGNED},
	{0x0F, 1, NONE, "software_version", "1", 0, 1, MBUS_UNSIGNED},
	{0x10, 1, NONE, "customer_location", "1", 0, 1, MBUS_UNSIGNED},
	{0x11, 1, NONE, "customer", "1", 0, 1, MBUS_UNSIGNED},
	{0x17, 1, NONE, "error_flags", "1", 0, 1, MBUS_UNSIGNED},
	{0x18, 1, NONE, "error_mask", "1", 0, 1, MBUS_UNSIGNED},
	{0x1A, 1, NONE, "digital_output", "1", 0, 1, MBUS_UNSIGNED},
	{0x1B, 1, NONE, "digital_input", "1", 0, 1, MBUS_UNSIGNED},
	{0x1C, 1, NONE, "baud_rate", "Bd", 0, 1, MBUS_UNSIGNED},
	{0x1D, 1, NONE, "response_delay_bits", "1", 0, 1, MBUS_UNSIGNED},
	{0x1E, 1, NONE, "retries", "1", 0, 1, MBUS_UNSIGNED},
	{0x20, 1, NONE, "first_storage", "1", 0, 1, MBUS_UNSIGNED},
	{0x21, 1, NONE, "last_storage", "1", 0, 1, MBUS_UNSIGNED},
	{0x22, 1, NONE, "storage_block_size", "1", 0, 1, MBUS_UNSIGNED},
	{0x24, 4, TIMES, "storage_interval", "s", 0, 1, MBUS_SIGNED},
	{0x28, 1, NONE, "storage_interval_months", "1", 0, 1, MBUS_SIGNED},
	{0x29, 1, NONE, "storage_interval_years", "1", 0, 1, MBUS_SIGNED},
	{0x2C, 4, TIMES, "time_since_readout", "s", 0, 1, MBUS_SIGNED},
	{0x30, 1, NONE, "tariff_start", "s", 0, 1, MBUS_DATE},
	{0x3A, 1, NONE, "number", "1", 0, 1, MBUS_SIGNED},
	{0x40, 16, DECADES, "voltage", "V", -9, 1, MBUS_SIGNED},
	{0x50, 16, DECADES, "current", "A", -12, 1, MBUS_SIGNED},
	{0x60, 1, NONE, "reset_counter", "1", 0, 1, MBUS_UNSIGNED},
	{0x61, 1, NONE, "cumulation_counter", "1", 0, 1, MBUS_UNSIGNED},
	{0x62, 1, NONE, "control_signal", "1", 0, 1, MBUS_UNSIGNED},
	{0x63, 1, NONE, "day_of_week", "1", 0, 1, MBUS_UNSIGNED},
	{0x64, 1, NONE, "week_number", "1", 0, 1, MBUS_UNSIGNED},
	{0x65, 1, NONE, "day_change", "1", 0, 1, MBUS_UNSIGNED},
	{0x67, 1, NONE, "supplier_information", "1", 0, 1, MBUS_UNSIGNED},
	{0x70, 1, NONE, "battery_change", "s", 0, 1, MBUS_DATE},
	{.quantity = NULL}};

/* VIFEs that follow a VIF and leave quantity and unit as they are (EN 13757-3, 6.4.5). */
static const struct { uint8_t code; const char *words; } remarks[] = {
	{0x20, "per second"}, {0x21, "per minute"}, {0x22, "per hour"}, {0x23, "per day"}, {0x24, "per week"},
	{0x25, "per month"}, {0x26, "per year"}, {0x27, "per revolution"}, {0x28, "per pulse of input 0"},
	{0x29, "per pulse of input 1"}, {0x2A, "per pulse of output 0"}, {0x2B, "per pulse of output 1"}, {0x2C, "per litre"},
	{0x2D, "per m3"}, {0x2E, "per kg"}, {0x2F, "per K"}, {0x30, "per kWh"}, {0x31, "per GJ"}, {0x32, "per kW"},
	{0x33, "per K l"}, {0x34, "per V"}, {0x35, "per A"}, {0x36, "times s"}, {0x37, "times s/V"}, {0x38, "times s/A"},
	{0x39, "start of"}, {0x3A, "uncorrected unit"}, {0x3B, "positive part"}, {0x3C, "negative part"},
	{0x40, "lower limit"}, {0x48, "upper limit"}, {0x41, "times below the limit"}, {0x49, "times above the limit"},
	{0x68, "below the limit"}, {0x6C, "above the limit"}, {0x69, "leakage"}, {0x6D, "overflow"}, {0x7E, "future"}};

/* Error codes that a meter puts into a VIFE (EN 13757-3, table of VIFE codes for reports of record errors). */
static const struct { uint8_t code; const char *words; } troubles[] = {
	{0x01, "too many DIFEs"}, {0x02, "no such storage"}, {0x03, "no such subunit"}, {0x04, "no such tariff"},
	{0x05, "no such function"}, {0x06, "no such data class"}, {0x07, "no such data size"}, {0x0B, "too many VIFEs"},
	{0x0C, "illegal VIF group"}, {0x0D, "illegal VIF exponent"}, {0x0E, "VIF and DIF do not fit"}, {0x0F, "no such action"},
	{0x15, "no data available"}, {0x16, "data overflow"}, {0x17, "data underflow"}, {0x18, "data error"},
	{0x1C, "premature end of record"}};

/* Behind 7Ch as a VIFE: where in an electrical installation. */
static const char *const places[] = {[1] = "phase L1", [2] = "phase L2", [3] = "phase L3", [4] = "neutral", [5] = "L1 to L2",
	[6] = "L2 to L3", [7] = "L3 to L1"};
/* clang-format on */

static const double time_factor[] = {1, 60, 3600, 86400};

static void find_row(const struct vif_row *rows, int code, struct mbus_meaning *out)
{
	for (; rows->quantity; rows++) {
		int step = code - rows->first;

		if (step < 0 || step >= rows->count)
			continue;
		out->quantity = rows->quantity;
		text_copy(out->unit, sizeof(out->unit), rows->unit);
		out->exponent = rows->exponent + (rows->steps == DECADES ? step : 0);
		out->factor = rows->steps == TIMES ? time_factor[step] : rows->factor;
		out->number = rows->number;
		return;
	}
}

static void add_remark(struct mbus_meaning *out, const char *words)
{
	size_t have = strlen(out->remark);

	snprintf(out->remark + have, sizeof(out->remark) - have, "%s%s", have ? ", " : "", words);
}

static void add_code(struct mbus_meaning *out, const char *words, int code)
{
	char text[24];

	snprintf(text, sizeof(text), "%s %02X", words, (unsigned)code);
	add_remark(out, text);
}

/* A date, or a duration, about the quantity takes its place. */
static bool is_about_time(struct mbus_meaning *out, int code)
{
	bool date = code == 0x39 || (code & 0x72) == 0x42 || (code & 0x7A) == 0x6A;
	bool duration = (code >= 0x50 && code <= 0x67);

	if (!date && !duration)
		return false;
	text_copy(out->unit, sizeof(out->unit), "s");
	out->exponent = 0;
	out->factor = date ? 1 : time_factor[code & 3];
	out->number = date ? MBUS_DATE : MBUS_SIGNED;
	add_code(out, code == 0x39 ? "start of, VIFE" : date ? "date of a limit, VIFE" : "duration of a limit, VIFE", code);
	return true;
}

/* One VIFE behind the quantity. Returns whether it is to be kept as part of what the record is. */
static bool apply(struct mbus_meaning *out, int code)
{
	if (code >= 0x70 && code <= 0x77)
		out->exponent += code - 0x70 - 6;
	else if (code == 0x7D)
		out->exponent += 3;
	else if (code >= 0x78 && code <= 0x7B)
		out->shift += (double[]){1e-3, 1e-2, 1e-1, 1}[code - 0x78];
	if (code >= 0x70 && code <= 0x7D && code != 0x7C)
		return false;
	if (code == 0)
		return false;
	if (code < 0x20) {
		snprintf(out->trouble, sizeof(out->trouble), "error %02Xh", (unsigned)code);
		for (size_t i = 0; i < sizeof(troubles) / sizeof(troubles[0]); i++)
			if (troubles[i].code == code)
				text_copy(out->trouble, sizeof(out->trouble), troubles[i].words);
		return false;
	}
	if (is_about_time(out, code))
		return true;
	for (size_t i = 0; i < sizeof(remarks) / sizeof(remarks[0]); i++)
		if (remarks[i].code == code) {
			add_remark(out, remarks[i].words);
			return true;
		}
	add_code(out, "VIFE", code);
	return true;
}

/* The VIFEs behind what names the quantity. */
static void apply_all(struct mbus_meaning *out, const uint8_t *vife, int count, bool makers)
{
	for (int i = 0; i < count; i++) {
		int code = vife[i] & ~EXTENDED;
		bool keep = true;

		if (makers)
			add_code(out, "maker's", code);
		else if (code == MAKERS)
			makers = true;
		else if (code == PLAIN_TEXT && i + 1 < count) {
			out->vife[out->vifes++] = (uint8_t)code;
			code = vife[++i] & ~EXTENDED;
			if (code < (int)(sizeof(places) / sizeof(places[0])) && places[code])
				add_remark(out, places[code]);
			else
				add_code(out, "table FC", code);
		} else {
			keep = apply(out, code);
		}
		if (keep)
			out->vife[out->vifes++] = (uint8_t)code;
	}
}

static int premature(int at, const char *what, struct error *e)
{
	return error_set(e, ERROR_DATA, "byte %d: expected %s, the telegram's data end here", at, what);
}

/* The characters of a plain-text VIF become the unit; their length, or -1. */
static int read_plain_text(const uint8_t *bytes, size_t have, bool high_first, int at, struct mbus_meaning *out, struct error *e)
{
	size_t length = have > 0 ? bytes[0] : 0;

	if (have == 0 || length + 1 > have)
		return premature(at, "the characters of a plain-text VIF", e);
	out->quantity = NULL;
	for (size_t i = 0; i < length && i + 1 < sizeof(out->unit); i++) {
		uint8_t c = bytes[high_first ? 1 + i : length - i];

		out->unit[i] = (char)(isprint(c) ? c : '?');
		out->unit[i + 1] = '\0';
	}
	return (int)length + 1;
}

int mbus_meaning_read(const uint8_t *bytes, size_t have, bool high_first, int at, struct mbus_meaning *out, struct error *e)
{
	size_t n = 1, first;
	int code, text = 0, used = 0;
	bool makers;

	*out = (struct mbus_meaning){.factor = 1};
	if (have == 0)
		return premature(at, "a VIF", e);
	code = bytes[0] & ~EXTENDED;
	makers = code == MAKERS;
	if (code == PLAIN_TEXT) {
		text = read_plain_text(bytes + 1, have - 1, high_first, at + 1, out, e);
		if (text < 0)
			return -1;
		n += (size_t)text;
	}
	first = n;
	if (bytes[0] & EXTENDED)
		do {
			if (n == have)
				return premature(at + (int)n, "a VIFE", e);
			if (n - first == MBUS_VIFES)
				return error_set(e, ERROR_DATA, "byte %d: more than %d VIFEs", at + (int)n, MBUS_VIFES);
		} while (bytes[n++] & EXTENDED);
	if (bytes[0] == TABLE_FB || bytes[0] == TABLE_FD) {
		find_row(bytes[0] == TABLE_FB ? table_fb : table_fd, bytes[first] & ~EXTENDED, out);
		if (!out->quantity)
			add_code(out, bytes[0] == TABLE_FB ? "VIF FB" : "VIF FD", bytes[first] & ~EXTENDED);
		used = 1;
	} else if (code != PLAIN_TEXT) {
		find_row(primary, code, out);
		if (!out->quantity && code != ANY)
			add_code(out, "VIF", bytes[0]);
	}
	apply_all(out, bytes + first + used, (int)(n - first) - used, makers);
	return (int)n;
}

static const struct vif_row *const tables[] = {primary, table_fb, table_fd};

const char *mbus_quantity_find(const char *name, const char **unit)
{
	for (size_t t = 0; t < sizeof(tables) / sizeof(tables[0]); t++)
		for (const struct vif_row *row = tables[t]; row->quantity; row++)
			if (strcmp(row->quantity, name) == 0) {
				*unit = row->unit;
				return row->quantity;
			}
	return NULL;
}

void mbus_quantity_names(const char *names[128])
{
	int n = 0;

	for (size_t t = 0; t < sizeof(tables) / sizeof(tables[0]); t++)
		for (const struct vif_row *row = tables[t]; row->quantity && n < 127; row++)
			names[n++] = row->quantity;
	names[n] = NULL;
}
