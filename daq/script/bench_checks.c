#include "daq/script/bench_reader.h"

#include "daq/base/error.h"
#include "daq/base/units.h"

#include <ctype.h>
#include <string.h>

int bench_quantity(const char *text, const char *unit, double *out, const char *source, const char *what,
	struct error *e)
{
	struct error inner = ERROR_INIT;

	if (text[0] == '\0')
		return 0;
	if (quantity_read(text, unit, out, &inner) != 0)
		return error_set(e, ERROR_CONFIG, "%s: %s: %s", source, what, inner.text);
	return 0;
}

const char *bench_difference_unit(const char *unit)
{
	return strcmp(unit, "degC") == 0 || strcmp(unit, "°C") == 0 ? "K" : unit;
}

/* Names become parts of file names, columns and messages. */
int bench_check_name(const char *name, bool column, const char *source, const char *what, struct error *e)
{
	bool good = isalpha((unsigned char)name[0]) || name[0] == '_';

	for (const char *p = name; *p && good; p++)
		good = isalnum((unsigned char)*p) || *p == '_' || (*p == '-' && !column);
	if (good)
		return 0;
	return error_set(e, ERROR_CONFIG, "%s: %s.name = \"%s\": expected a letter and then letters, digits%s", source,
		what, name, column ? " and _" : ", _ and -");
}

int bench_check_room(int count, int room, const char *what, const char *source, struct error *e)
{
	if (count < room)
		return 0;
	return error_set(e, ERROR_CONFIG, "%s: more than %d %s in one bench", source, room, what);
}

int bench_name_twice(const char *source, const char *what, const char *name, const char *first, struct error *e)
{
	return error_set(e, ERROR_CONFIG, "%s: %s: the name '%s' is taken (%s)", source, what, name, first);
}
