/* device_scan.c - looks for units on a line, and says what they might be. */
#include "daq/cli/device.h"

#include "daq/cli/device_guess.h"
#include "daq/cli/device_line.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { GUESSES = 4 };

/* clang-format off */
static const struct setting options[] = {
	DEVICE_LINE_ROWS("300 ms"),
	{"unit", SETTING_TEXT, DEVICE(unit), 16, .fallback = "", .help = "which: 5 or 1-20 (default: 1-247; with --try and over TCP 1-16)", .placeholder = "A-B"},
	{"try", SETTING_SWITCH, DEVICE(try_all), .fallback = "false", .help = "serial line: goes on through the usual baud rates and parities until somebody answers"},
	SETTING_END
};
/* clang-format on */

/* The factory settings of the instruments that are known here first. */
static const struct {
	int baud;
	char parity;
	int stop;
} usual[] = {{9600, 'N', 1}, {19200, 'E', 1}, {2400, 'N', 1}, {9600, 'E', 1}, {19200, 'N', 1}, {38400, 'N', 1},
	{57600, 'N', 2}, {57600, 'N', 1}, {115200, 'N', 1}, {38400, 'E', 1}, {115200, 'E', 1}, {4800, 'N', 1},
	{2400, 'E', 1}, {4800, 'E', 1}, {9600, 'N', 2}, {9600, 'O', 1}, {19200, 'O', 1}, {1200, 'N', 1}};

enum { USUAL = sizeof(usual) / sizeof(usual[0]) };

struct scan {
	const struct device_options *o;
	struct words_config first; /* as given */
	struct device_line line;
	struct device_guesser guesser;
	int from, to;
	int found, garbled, late, settings;
	json_t *units;
};

static void progress(const struct scan *s, int unit)
{
	if (isatty(STDERR_FILENO) && !s->o->json)
		fprintf(stderr, "\r\033[K%d 8%c%d: unit %d of %d to %d, %d found ", s->line.config.baud,
			s->line.config.parity, s->line.config.stop_bits, unit, s->from, s->to, s->found);
}

static void progress_end(void)
{
	if (isatty(STDERR_FILENO))
		fprintf(stderr, "\r\033[K");
}

static void print_unit(const struct scan *s, int unit, const char *answer, const struct device_guess *guess, int n)
{
	char line[192];

	progress_end();
	printf("unit %d on %s answers (%s)\n", unit, device_on_words(&s->line.config, line, sizeof(line)), answer);
	for (int i = 0; i < n; i++)
		printf("    %s %s: %s%s\n        because %s\n", device_guess_sureness(&guess[i]), guess[i].map, guess[i].title,
			guess[i].swapped ? ", with the other word order" : "", guess[i].why);
	if (n == 0)
		printf("    no map fits what it says; heatbench device dump shows its registers\n");
	fflush(stdout);
}

static void add_json(struct scan *s, int unit, const char *answer, const struct device_guess *guess, int n)
{
	json_t *list = json_array();
	char line[192];

	for (int i = 0; i < n; i++)
		json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:b, s:s}", "map", guess[i].map, "title",
			guess[i].title, "sure", device_guess_sureness(&guess[i]), "other_word_order",
			guess[i].swapped, "because", guess[i].why));
	json_array_append_new(s->units, json_pack("{s:i, s:s, s:s, s:o}", "unit", unit, "on",
		device_on_words(&s->line.config, line, sizeof(line)), "answer", answer, "maps", list));
}

static void look_closer(struct scan *s, int unit, const char *answer)
{
	struct device_guess guess[GUESSES];
	int n = device_guess(&s->guesser, &s->line, unit, guess, GUESSES);

	s->found++;
	if (s->o->json)
		add_json(s, unit, answer, guess, n);
	else
		print_unit(s, unit, answer, guess, n);
}

/* Gateways answer for units that are not there: exceptions 10 and 11. */
static bool speaks_for_nobody(const struct scan *s, const struct words_reply *r)
{
	return s->line.config.kind == WORDS_TCP && r->status == WIRE_EXCEPTION && (r->exception == 10 || r->exception == 11);
}

static int knock(struct scan *s, int unit, struct error *e)
{
	struct words_reply r;
	char answer[96];

	device_line_knock(&s->line, unit, &r);
	if (r.status == WIRE_MISMATCH) { /* late, or of the unit before: asked again with all care */
		s->late++;
		device_line_read(&s->line, unit, 3, 0, 1, &r);
	}
	s->garbled += r.status == WIRE_CHECKSUM;
	if (r.status == WIRE_GONE)
		return device_stopped ? 0 : error_set(e, ERROR_DEVICE, "the line is gone: %s", r.detail);
	if (r.status == WIRE_OK)
		snprintf(answer, sizeof(answer), "holding register 0 is 0x%04X", r.words[0]);
	else if (r.status == WIRE_EXCEPTION)
		snprintf(answer, sizeof(answer), "it refuses holding register 0 with exception %d", r.exception);
	if ((r.status == WIRE_OK || r.status == WIRE_EXCEPTION) && !speaks_for_nobody(s, &r))
		look_closer(s, unit, answer);
	return 0;
}

/* One setting of the port, all units. */
static int scan_units(struct scan *s, const struct words_config *config, struct error *e)
{
	int result = device_line_open(&s->line, config, s->o->late, e);

	s->settings++;
	for (int unit = s->from; result == 0 && unit <= s->to && !device_stopped; unit++) {
		progress(s, unit);
		result = knock(s, unit, e);
	}
	device_line_close(&s->line);
	progress_end();
	return result;
}

static int scan_settings(struct scan *s, struct error *e)
{
	struct words_config config = s->first;

	if (scan_units(s, &config, e) != 0)
		return -1;
	for (int i = 0; i < USUAL && s->o->try_all && s->found == 0 && !device_stopped; i++) {
		config.baud = usual[i].baud;
		config.parity = usual[i].parity;
		config.stop_bits = usual[i].stop;
		if (config.baud == s->first.baud && config.parity == s->first.parity && config.stop_bits == s->first.stop_bits)
			continue;
		if (scan_units(s, &config, e) != 0)
			return -1;
	}
	return 0;
}

static void print_advice(const struct scan *s)
{
	char line[192];

	fprintf(stderr, "heatbench device: no unit answered on %s: units %d to %d%s were asked, %.0f ms each.\n",
		device_on_words(&s->first, line, sizeof(line)), s->from, s->to,
		s->settings > 1 ? " at the usual baud rates and parities" : "", (double)s->o->timeout / 1e6);
	if (s->garbled)
		fprintf(stderr, "Something came %d times, but garbled: baud rate or parity are wrong, or the line is bad.\n", s->garbled);
	if (s->late)
		fprintf(stderr, "Something came %d times after its time-out: try --timeout 2s.\n", s->late);
	if (s->first.kind == WORDS_TCP) {
		fprintf(stderr, "Check: Modbus switched on in the device or gateway; the gateway's serial side; --unit; --timeout 2s.\n");
		return;
	}
	fprintf(stderr, "Check, in this order:\n"
			"  power of the instrument, and Modbus RTU as its protocol (some leave the factory in another)\n"
			"  A and B: makers name them either way round; swapping them harms nothing\n"
			"  ground: a third wire between instrument and adapter\n"
			"  baud rate and parity%s\n"
			"  unit%s\n"
			"  termination: 120 ohm at both ends of a long line, none in between\n"
			"  that nobody else is master of this line\n"
			"A unit that is silent where it has no holding register 0 is not found: heatbench device read asks it for\n"
			"what it has.\n",
		s->o->try_all ? "" : ": --try goes through the usual ones",
		s->from <= 1 && s->to >= 247 ? "" : ": --unit 1-247 asks all");
}

static int report(struct scan *s, struct error *e)
{
	char line[192];
	json_t *all;
	int result = 0;

	if (s->o->json) {
		all = json_pack("{s:s, s:i, s:i, s:i, s:i, s:i, s:O}", "on", device_on_words(&s->first, line, sizeof(line)), "from",
			s->from, "to", s->to, "settings", s->settings, "garbled", s->garbled, "late", s->late, "units", s->units);
		result = device_print_json(all, JSON_INDENT(1), e);
		json_decref(all);
	}
	if (result != 0)
		return -1;
	if (device_stopped)
		return EXIT_STOPPED;
	if (s->found == 0)
		print_advice(s);
	else if (!s->o->json)
		printf("%d unit%s found\n", s->found, s->found == 1 ? "" : "s");
	return s->found ? EXIT_PASSED : EXIT_UNABLE;
}

static int carry_out(const struct device_options *o, struct error *e)
{
	struct scan *s = calloc(1, sizeof(*s));
	int result = -1;

	if (!s)
		return error_set(e, ERROR_SYSTEM, "no memory for the scan");
	s->o = o;
	s->units = json_array();
	if (o->words.count) {
		error_set(e, ERROR_USAGE, "heatbench device scan: what is '%s'? --help says what is expected", o->words.item[0]);
		goto out;
	}
	if (device_on_parse(o->on, o->timeout, &s->first, e) != 0)
		goto out;
	s->from = 1;
	s->to = s->first.kind == WORDS_TCP || o->try_all ? 16 : 247;
	if (o->try_all && s->first.kind == WORDS_TCP)
		error_set(e, ERROR_USAGE, "--try is for serial lines: a TCP port has no baud rate");
	else if (device_range_parse(o->unit, "--unit", 0, 255, &s->from, &s->to, e) == 0 &&
		device_guesser_open(&s->guesser, e) == 0 && scan_settings(s, e) == 0)
		result = report(s, e);
out:
	device_guesser_close(&s->guesser);
	json_decref(s->units);
	free(s);
	return result;
}

const struct device_command device_scan = {
	.name = "scan",
	.arguments = "--on LINE [--unit A-B] [--try]",
	.help = "asks unit by unit who is there, and tries the maps to say what it is",
	.options = options,
	.epilogue = "An exception is an answer too. A map is likely where its constant registers answer and its readings are\n"
		    "where it expects them; other maps with the same registers are possible.\n"
		    "exit status: 0 found; 2 nobody answered; 4 stopped.",
	.carry_out = carry_out,
};
