/*
 * units.h - units through UDUNITS-2, with the words of this field that it does not know.
 *
 * Traps this room hides: UDUNITS rejects kWh, Wh, var and imp as words; it takes VA for W; it converts a
 * temperature difference like a temperature. Here VA, var and W do not convert into each other, energy is
 * written Wh/kWh, and a difference of temperatures is "K" and never "degC".
 */
#ifndef HEATBENCH_BASE_UNITS_H
#define HEATBENCH_BASE_UNITS_H

#include <stdbool.h>
#include <stddef.h>

struct error;

/* Whether the word is a unit ("" and "1" are: a pure number). Thread-safe, as is everything here. */
bool unit_known(const char *unit);

/* What stands behind a number: " W", or "" for a pure number ("" and "1"). Returns `room`. */
const char *unit_label(const char *unit, char room[24]);

/* value in `from` -> value in `to`. Errors: ERROR_CONFIG, naming both units. */
int unit_convert(double value, const char *from, const char *to, double *out, struct error *e);

/* "1000 l/h" -> 1000 and "l/h" (unit must have `size` bytes). A number without a unit gives "".
 * nan, inf and trailing words that are no unit are errors (ERROR_CONFIG). */
int quantity_parse(const char *text, double *value, char *unit, size_t size, struct error *e);

/* quantity_parse and unit_convert in one; a text without unit is an error that says which is expected. */
int quantity_read(const char *text, const char *unit, double *out, struct error *e);

#endif
