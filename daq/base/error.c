#include "daq/base/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void error_compose(struct error *e, enum error_code code, int number, const char *format, va_list args)
	__attribute__((format(printf, 4, 0)));

static void error_compose(struct error *e, enum error_code code, int number, const char *format, va_list args)
{
	if (!e || e->code != ERROR_NONE)
		return;
	e->code = code;
	vsnprintf(e->text, sizeof(e->text), format, args);
	if (number) {
		size_t used = strlen(e->text);

		snprintf(e->text + used, sizeof(e->text) - used, ": %s", strerror(number));
	}
}

int error_set(struct error *e, enum error_code code, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	error_compose(e, code, 0, format, args);
	va_end(args);
	return -1;
}

int error_set_errno(struct error *e, enum error_code code, const char *format, ...)
{
	int number = errno;
	va_list args;

	va_start(args, format);
	error_compose(e, code, number, format, args);
	va_end(args);
	return -1;
}

void error_clear(struct error *e)
{
	e->code = ERROR_NONE;
	e->text[0] = '\0';
}
