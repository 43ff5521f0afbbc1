/* device_dump.c - registers of an unknown device, under every type and word order side by side. */
#include "daq/cli/device.h"

#include "daq/cli/columns.h"
#include "daq/cli/device_line.h"
#include "daq/cli/device_views.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { REGISTERS = 65536, CHUNK = 64, PATIENCE = 12 };

static const char *const functions[] = {"3", "4", NULL};

/* clang-format off */
static const struct setting options[] = {
	DEVICE_LINE_ROWS("500 ms"),
	{"unit", SETTING_TEXT, DEVICE(unit), 16, .fallback = "1", .help = "Modbus unit", .placeholder = "N"},
	{"registers", SETTING_TEXT, DEVICE(registers), 32, .fallback = "0-31", .help = "protocol addresses, counted from 0: 0-31, 0x5B00-0x5B10", .placeholder = "A-B"},
	{"function", SETTING_CHOICE, DEVICE(function), .choices = functions, .fallback = "3", .help = "3 holding registers, 4 input registers", .placeholder = "N"},
	SETTING_END
};
/* clang-format on */

enum word_state { NOT_ASKED, THERE, REFUSED, SILENT };

struct dump {
	struct device_line line;
	int unit, function, from, to;
	int refusals, exception, silences; /* how often; the latest code */
	uint16_t word[REGISTERS];
	uint8_t state[REGISTERS]; /* enum word_state */
	uint8_t code[REGISTERS];  /* exception, where refused */
};

static void mark(struct dump *d, int address, int count, enum word_state state)
{
	for (int i = 0; i < count; i++)
		d->state[address + i] = (uint8_t)state;
}

static enum word_state ask(struct dump *d, int address, int count, struct words_reply *r)
{
	device_line_read(&d->line, d->unit, d->function, address, count, r);
	if (r->status == WIRE_OK) {
		memcpy(d->word + address, r->words, (size_t)count * sizeof(d->word[0]));
		mark(d, address, count, THERE);
		return THERE;
	}
	if (r->status == WIRE_EXCEPTION) {
		d->refusals++;
		d->exception = r->exception;
		return REFUSED;
	}
	d->silences++;
	return SILENT;
}

/* A refused range is halved until each refused register is known. Some devices take only whole pairs of words: a
 * single one that is refused is asked for together with the next. */
static int narrow(struct dump *d, int address, int count, struct error *e)
{
	struct words_reply r;
	enum word_state state;
	int half = count > 2 ? count / 2 + count / 2 % 2 : 1;

	if (device_stopped || d->silences > PATIENCE)
		return 0;
	state = ask(d, address, count, &r);
	if (r.status == WIRE_GONE)
		return error_set(e, ERROR_DEVICE, "the line is gone: %s", r.detail);
	if (state == THERE || (state == SILENT && d->silences == 1 && address == d->from))
		return 0;
	if (state == REFUSED && r.exception == 1) /* the function itself */
		return 0;
	if (count > 1)
		return narrow(d, address, half, e) != 0 ? -1 : narrow(d, address + half, count - half, e);
	if (d->state[address] == THERE)
		return 0;
	if (state == REFUSED && address < 65535 && ask(d, address, 2, &r) == THERE)
		return 0;
	d->state[address] = (uint8_t)state;
	d->code[address] = (uint8_t)(state == REFUSED ? d->exception : 0);
	return 0;
}

static int read_range(struct dump *d, struct error *e)
{
	for (int at = d->from; at <= d->to && !device_stopped; at += CHUNK) {
		int count = d->to - at + 1 < CHUNK ? d->to - at + 1 : CHUNK;

		if (narrow(d, at, count, e) != 0)
			return -1;
		if (at == d->from && d->refusals && d->exception == 1)
			return error_set(e, ERROR_DEVICE, "unit %d refuses function %d (exception 1): try --function %d", d->unit,
				d->function, 7 - d->function);
		if (d->silences > PATIENCE || (at == d->from && d->silences == 1 && d->state[at] == NOT_ASKED))
			break;
	}
	return 0;
}

static int add_register(const struct dump *d, struct columns *table, int at)
{
	const char *cells[VIEWS + 2];
	char text[VIEWS + 2][32];
	int plausible = 0;

	snprintf(text[0], sizeof(text[0]), "%d 0x%04X", at, (unsigned)at);
	snprintf(text[1], sizeof(text[1]), "%04X", d->word[at]);
	for (int v = 0; v < VIEWS; v++) {
		char *cell = text[v + 2];

		cell[0] = '\0';
		if (device_view_words((enum device_view)v) == 2 && (at == 65535 || d->state[at + 1] != THERE))
			continue;
		if (device_view((enum device_view)v, d->word + at, cell, 28)) {
			strcat(cell, "*");
			plausible++;
		} else {
			strcat(cell, " ");
		}
	}
	for (int i = 0; i < VIEWS + 2; i++)
		cells[i] = text[i];
	columns_row(table, cells);
	return plausible;
}

/* The last of the registers from `at` on that fared the same. */
static int run_end(const struct dump *d, int at)
{
	while (at < d->to && d->state[at + 1] == d->state[at] && d->code[at + 1] == d->code[at])
		at++;
	return at;
}

static const char *state_words(const struct dump *d, int at)
{
	static char words[64];

	if (d->state[at] == SILENT)
		return "no answer";
	if (d->state[at] == NOT_ASKED)
		return "not asked any more";
	snprintf(words, sizeof(words), "refused (exception %d)", d->code[at]);
	return words;
}

static int print_text(const struct dump *d, struct error *e)
{
	struct columns *table = columns_new("rrrrrrrrrrl");
	int there = 0;

	if (!table)
		return error_set(e, ERROR_SYSTEM, "no memory for the registers");
	columns_row(table, (const char *[]){"ADDRESS", "RAW", "u16 ", "s16 ", "u32 high ", "s32 high ", "f32 high ", "u32 low ",
				   "s32 low ", "f32 low ", "ascii"});
	for (int at = d->from; at <= d->to; at++)
		if (d->state[at] == THERE) {
			add_register(d, table, at);
			there++;
		}
	if (there)
		columns_print(table, 0, stdout);
	for (int at = d->from, end; at <= d->to; at = end + 1) {
		end = run_end(d, at);
		if (d->state[at] != THERE)
			printf("%d to %d (0x%04X to 0x%04X): %s\n", at, end, (unsigned)at, (unsigned)end,
				state_words(d, at));
	}
	if (there)
		printf("high, low: which word of two comes first. *: looks like something; it is for you to compare with the display.\n");
	columns_free(table);
	return 0;
}

static json_t *register_json(const struct dump *d, int at)
{
	json_t *out = json_pack("{s:i, s:i}", "address", at, "raw", d->word[at]), *plausible = json_array();
	char text[32];

	for (int v = 0; v < VIEWS; v++) {
		const char *name = device_view_name((enum device_view)v);

		if (device_view_words((enum device_view)v) == 2 && (at == 65535 || d->state[at + 1] != THERE))
			continue;
		if (device_view((enum device_view)v, d->word + at, text, sizeof(text)))
			json_array_append_new(plausible, json_string(name));
		json_object_set_new(out, name, json_string(text));
	}
	json_object_set_new(out, "plausible", plausible);
	return out;
}

static int print_json(const struct dump *d, const struct device_options *o, struct error *e)
{
	json_t *list = json_array(), *gaps = json_array(), *all;
	int result;

	for (int at = d->from; at <= d->to; at++)
		if (d->state[at] == THERE)
			json_array_append_new(list, register_json(d, at));
	for (int at = d->from, end; at <= d->to; at = end + 1) {
		end = run_end(d, at);
		if (d->state[at] != THERE)
			json_array_append_new(gaps, json_pack("{s:i, s:i, s:s}", "from", at, "to", end, "why",
				state_words(d, at)));
	}
	all = json_pack("{s:s, s:i, s:i, s:o, s:o}", "on", o->on, "unit", d->unit, "function", d->function, "registers", list,
		"missing", gaps);
	result = device_print_json(all, JSON_INDENT(1), e);
	json_decref(all);
	return result;
}

static int finish(const struct dump *d, const struct device_options *o, struct error *e)
{
	char line[192];

	if (device_stopped)
		return EXIT_STOPPED;
	if (d->silences && !memchr(d->state + d->from, THERE, (size_t)(d->to - d->from + 1)) && !d->refusals)
		return error_set(e, ERROR_DEVICE, "unit %d on %s does not answer; heatbench device scan looks for units (some units "
			"are silent where they have no register: try another range)", d->unit,
			device_on_words(&d->line.config, line, sizeof(line)));
	if ((o->json ? print_json(d, o, e) : print_text(d, e)) != 0)
		return -1;
	return d->silences ? EXIT_UNABLE : EXIT_PASSED;
}

static int carry_out(const struct device_options *o, struct error *e)
{
	struct dump *d = calloc(1, sizeof(*d));
	struct words_config config;
	int last = 1, result = -1;

	if (!d)
		return error_set(e, ERROR_SYSTEM, "no memory for the registers");
	d->unit = 1;
	d->function = o->function == 0 ? 3 : 4;
	if (o->words.count)
		error_set(e, ERROR_USAGE, "heatbench device dump: what is '%s'? --help says what is expected", o->words.item[0]);
	else if (device_on_parse(o->on, o->timeout, &config, e) == 0 &&
		device_range_parse(o->unit, "--unit", 0, 255, &d->unit, &last, e) == 0 &&
		device_range_parse(o->registers, "--registers", 0, 65535, &d->from, &d->to, e) == 0 &&
		device_line_open(&d->line, &config, o->late, e) == 0 && read_range(d, e) == 0)
		result = finish(d, o, e);
	device_line_close(&d->line);
	free(d);
	return result;
}

const struct device_command device_dump = {
	.name = "dump",
	.arguments = "--on LINE [--unit N] [--registers A-B]",
	.help = "registers under every type and word order side by side",
	.options = options,
	.epilogue = "Refused ranges are narrowed down to single registers and named.\n"
		    "exit status: 0 read (refused registers too); 2 something did not answer; 4 stopped.",
	.carry_out = carry_out,
};
