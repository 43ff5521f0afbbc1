/*
 * evaluation.h - what every bench's evaluation is told besides the run.
 */
#ifndef HEATBENCH_CORE_EVALUATION_H
#define HEATBENCH_CORE_EVALUATION_H

#include "daq/base/settings.h"
#include "daq/store/run.h"

#include <stdbool.h>

struct evaluation_options {
	const struct run_limit *limit; /* instead of the run's own; NULL: these */
	int limits;
	const char *limit_file; /* where they came from, for the report; NULL */
	const char *command;	/* how to do this again, for the report; NULL */
	const char *settings;	/* of the rig: "KEY=VALUE,KEY=VALUE"; NULL: the defaults */
};

/* Assigns "KEY=VALUE,KEY=VALUE" over what `base` holds, by the bench's table. `what` begins the sentence of an error
 * ("pump settings"). "DUT.KEY=VALUE", of one device under test, is passed over, as far as the row allows such (`each`).
 * Errors: ERROR_CONFIG, with the nearest key. */
int evaluation_settings(const struct setting *rows, void *base, const char *text, const char *what, struct error *e);

/* The run's own settings as such a text, added to `out` (daq/base/text.h); never NULL afterwards. Errors: ERROR_IO, ERROR_SYSTEM. */
struct text;
struct run_reader;
int evaluation_run_settings(struct text *out, struct run_reader *reader, struct error *e);
/* Likewise for one device under test: first what counts for all, then what was said of this one, wherever it stands. */
int evaluation_settings_of(const struct setting *rows, void *base, const char *text, const char *dut, const char *what,
	struct error *e);

/* The device under test of the next "DUT.KEY=VALUE" from *at on, which moves behind it; false: no more. Begin with *at = text;
 * NULL is no text. */
bool evaluation_settings_dut(const char **at, char *dut, size_t size);

#endif
