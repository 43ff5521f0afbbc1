/* device_read.c - a map read once, or again and again. */
#include "daq/cli/device.h"

#include "daq/base/units.h"
#include "daq/cli/columns.h"
#include "daq/cli/device_document.h"
#include "daq/cli/device_readings.h"
#include "daq/cli/device_watch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const orders[] = {"map", "high-first", "low-first", NULL};

/* clang-format off */
static const struct setting options[] = {
	DEVICE_LINE_ROWS("500 ms"),
	{"unit", SETTING_TEXT, DEVICE(unit), 16, .fallback = "1", .help = "Modbus unit", .placeholder = "N"},
	{"map", SETTING_TEXT, DEVICE(map), 256, .fallback = "", .help = "register map: a name or a file", .placeholder = "NAME"},
	{"word-order", SETTING_CHOICE, DEVICE(word_order), .choices = orders, .fallback = "map", .help = "instead of the map's: high-first, low-first", .placeholder = "ORDER"},
	{"register", SETTING_TEXT, DEVICE(reg), 32, .fallback = "", .help = "only this one", .placeholder = "NAME"},
	{"watch", SETTING_DURATION, DEVICE(watch), .min = 0, .max = 3600, .fallback = "0 s", .help = "again and again, each second or each TIME, until Ctrl-C; with --register also min, mean, max and the age of the last change", .placeholder = "[TIME]"},
	{"for", SETTING_DURATION, DEVICE(span), .min = 0, .max = 864000, .fallback = "0 s", .help = "ends --watch after this time"},
	SETTING_END
};
/* clang-format on */

static void print_table(const struct device_watch *w)
{
	struct columns *table = columns_new("lrlll");

	columns_row(table, (const char *[]){"REGISTER", "VALUE", "UNIT", "RAW", "NOTE"});
	for (int i = 0; i < w->count; i++) {
		const struct register_row *row = &w->map->row[w->rows[i]];
		char value[32], raw[40], note[96];

		device_reading_value(row, &w->readings[i], value, sizeof(value));
		device_reading_raw(row, &w->readings[i], raw, sizeof(raw));
		device_reading_note(row, &w->readings[i], note, sizeof(note));
		columns_row(table, (const char *[]){row->name, value, strcmp(row->unit, "1") ? row->unit : "", raw, note});
	}
	columns_print(table, 0, stdout);
	columns_free(table);
}

/* What the readings say about map and wiring. Returns how many registers answered. */
static int count_answers(const struct device_watch *w)
{
	int answers = 0;

	for (int i = 0; i < w->count; i++)
		answers += w->readings[i].status == WIRE_OK;
	return answers;
}

static const char *other_order(const struct device_watch *w)
{
	enum word_order better = WORDS_HIGH_FIRST;

	if (!device_readings_other_order(w->map, w->rows, w->count, w->readings, &better))
		return NULL;
	return better == WORDS_LOW_FIRST ? "low-first" : "high-first";
}

static void print_remarks(const struct device_watch *w)
{
	const char *order = other_order(w);

	if (order)
		printf("\nThe other word order fits what is expected: read again with --word-order %s, and put\n"
		       "word_order = \"%s\" into device{} of the bench file.\n", order, order);
	if (!register_map_verified(w->map))
		printf("\nMap %s is unverified: no frame from a real device shows that it is right. Compare with the display.\n",
			w->map->name);
	if (w->line.timeouts)
		printf("\n%d question%s timed out; what is shown was read again after the line had been quiet.\n",
			w->line.timeouts, w->line.timeouts == 1 ? "" : "s");
}

static int print_json(const struct device_watch *w, const struct device_options *o, struct error *e)
{
	const char *order = other_order(w);
	json_t *list = json_array(), *all;
	int result;

	for (int i = 0; i < w->count; i++)
		json_array_append_new(list, device_reading_json(&w->map->row[w->rows[i]], &w->readings[i]));
	all = json_pack("{s:s, s:i, s:s, s:b, s:i, s:s, s:o}", "on", o->on, "unit", w->unit, "map", w->map->name,
		"verified", register_map_verified(w->map), "timeouts", w->line.timeouts, "better_word_order",
		order ? order : "", "registers", list);
	result = device_print_json(all, JSON_INDENT(1), e);
	json_decref(all);
	return result;
}

/* Nothing at all came: the words of a line that is wired wrong, not a table of dashes. */
static int nothing_came(const struct device_watch *w, struct error *e)
{
	char line[192];
	const struct device_reading *r = &w->readings[0];

	if (r->status == WIRE_EXCEPTION)
		return error_set(e, ERROR_DEVICE, "unit %d on %s answers, but refuses every register of map %s (exception %d): "
			"another device? heatbench device scan tries all maps", w->unit,
			device_on_words(&w->line.config, line, sizeof(line)), w->map->name, r->exception);
	return error_set(e, ERROR_DEVICE, "unit %d on %s gives no value: %s%s; heatbench device scan looks for units%s%s",
		w->unit, device_on_words(&w->line.config, line, sizeof(line)), wire_status_name(r->status),
		r->status == WIRE_CHECKSUM ? " (wrong baud or parity, or a bad line)" : "",
		w->map->baud_hint[0] ? "; factory setting " : "", w->map->baud_hint);
}

static int read_once(struct device_watch *w, const struct device_options *o, struct error *e)
{
	if (device_readings_take(&w->line, w->unit, w->map, w->rows, w->count, w->readings, e) != 0)
		return device_stopped ? EXIT_STOPPED : -1;
	if (device_stopped)
		return EXIT_STOPPED;
	if (count_answers(w) == 0)
		return nothing_came(w, e);
	if (o->json)
		return print_json(w, o, e) == 0 ? EXIT_PASSED : -1;
	print_table(w);
	print_remarks(w);
	for (int i = 0; i < w->count; i++)
		if (w->readings[i].status != WIRE_OK && w->readings[i].status != WIRE_EXCEPTION)
			return EXIT_UNABLE;
	return EXIT_PASSED;
}

static int choose_rows(struct device_watch *w, const struct device_options *o, struct error *e)
{
	const char *names[DEVICE_ROWS + 1], *near;
	int found = o->reg[0] ? register_find(w->map, o->reg) : 0;

	for (int i = 0; i < w->map->rows && i < DEVICE_ROWS; i++) {
		names[i] = w->map->row[i].name;
		names[i + 1] = NULL;
		w->rows[i] = i;
		w->count = i + 1;
	}
	if (o->reg[0] && found >= 0) {
		w->rows[0] = found;
		w->count = 1;
	}
	if (found >= 0)
		return 0;
	near = nearest_name(o->reg, names);
	return error_set(e, ERROR_USAGE, "map %s has no register '%s'%s%s%s", w->map->name, o->reg,
		near ? " (did you mean '" : "", near ? near : "", near ? "'?)" : "");
}

static int carry_out(const struct device_options *o, struct error *e)
{
	struct device_watch *w = NULL;
	struct words_config config;
	int last = 1, result = -1;

	if (device_document_is(o->on) && o->words.count == 0)
		return device_document_read(o, e);
	w = calloc(1, sizeof(*w));
	if (!w)
		return error_set(e, ERROR_SYSTEM, "no memory for the readings");
	w->unit = 1;
	if (o->words.count)
		error_set(e, ERROR_USAGE, "heatbench device read: what is '%s'? --help says what is expected", o->words.item[0]);
	else if (device_on_parse(o->on, o->timeout, &config, e) == 0 &&
		device_range_parse(o->unit, "--unit", 0, 255, &w->unit, &last, e) == 0 &&
		device_map_read(o->map, o->word_order, &w->map, e) == 0 && choose_rows(w, o, e) == 0 &&
		device_line_open(&w->line, &config, o->late, e) == 0)
		result = o->watch ? device_watch(w, o, e) : read_once(w, o, e);
	device_line_close(&w->line);
	register_map_free(w->map);
	free(w);
	return result;
}

const struct device_command device_read = {
	.name = "read",
	.arguments = "--on LINE --map NAME [--unit N]",
	.help = "a map once: each register with value, unit, raw words and remarks; or watched; also a feed or Redis",
	.options = options,
	.epilogue = "--on http://HOST:PORT/PATH or redis://HOST:PORT reads the points of a document_map once.\n"
		    "exit status: 0 read; 2 something did not answer; 4 stopped. --watch ends with Ctrl-C and status 0.",
	.carry_out = carry_out,
};
