/*
 * device.h - `heatbench device`: one file per subcommand, one row each in device.c.
 */
#ifndef HEATBENCH_CLI_DEVICE_H
#define HEATBENCH_CLI_DEVICE_H

#include "daq/base/clock.h"
#include "daq/base/error.h"
#include "daq/base/settings.h"
#include "daq/wire/words.h"

#include <jansson.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>

/* What the command line says; each subcommand has rows for the fields it knows. */
struct device_options {
	char on[256], unit[16], map[256], reg[32], registers[32], mbus[256], secondary[24];
	nanos timeout, late, watch, span;
	int function;	/* 0: holding registers (3), 1: input registers (4) */
	int word_order; /* 0: as the map says, else enum word_order + 1 */
	bool json, try_all;
	struct setting_list words;
};

struct device_command {
	const char *name, *arguments, *help;
	const struct setting *options;
	const char *epilogue;
	/* Prints to stdout; returns an exit status, or -1 with an error. */
	int (*carry_out)(const struct device_options *options, struct error *e);
};

extern const struct device_command device_scan, device_read, device_dump, device_maps, device_decode, device_mbus;

/* Set by Ctrl-C and SIGTERM. */
extern volatile sig_atomic_t device_stopped;

#define DEVICE(field) offsetof(struct device_options, field)

/* clang-format off */
#define DEVICE_LINE_ROWS(patience) \
	{"on", SETTING_TEXT, DEVICE(on), 256, .fallback = "", .help = "rtu:PATH?baud=9600&parity=N&stop=1 or tcp:HOST:PORT", .placeholder = "LINE"}, \
	{"timeout", SETTING_DURATION, DEVICE(timeout), .min = 0.005, .max = 60, .fallback = patience, .help = "how long to wait for the first byte of an answer"}, \
	{"late", SETTING_DURATION, DEVICE(late), .min = 0.01, .max = 60, .fallback = "1 s", .help = "how long the line stays quiet after a time-out, so that no late answer is taken for the next one"}, \
	{"json", SETTING_SWITCH, DEVICE(json), .fallback = "false", .help = "print JSON"}
/* clang-format on */

/* --on as a line. Errors: ERROR_USAGE that says what is expected. */
int device_on_parse(const char *text, nanos timeout, struct words_config *out, struct error *e);

/* "/dev/ttyUSB0, 9600 8N1" or "127.0.0.1:502"; returns `out`. */
const char *device_on_words(const struct words_config *config, char *out, size_t size);

/* "5" or "1-20", "0x10-0x1F"; "" gives the two defaults. Errors: ERROR_USAGE. */
int device_range_parse(const char *text, const char *option, int min, int max, int *first, int *last, struct error *e);

/* JSON that does not arrive is found by the dispatcher; JSON that cannot be made is an error here. */
int device_print_json(json_t *json, int flags, struct error *e);

#endif
