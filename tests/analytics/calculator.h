/*
 * calculator.h - a test program as a calculator for its peer: numbers in on standard input, numbers out on standard output.
 */
#ifndef HEATBENCH_TESTS_CALCULATOR_H
#define HEATBENCH_TESTS_CALCULATOR_H

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

/* Rows of `columns` numbers ("nan" is one), column after column into x[columns * most]; returns how many rows. */
static inline size_t calculator_read(double *x, size_t most, size_t columns)
{
	size_t rows = 0;

	while (rows < most) {
		for (size_t c = 0; c < columns; c++)
			if (scanf("%lf", &x[c * most + rows]) != 1)
				return rows;
		rows++;
	}
	return rows;
}

static inline void calculator_write(int n, ...)
{
	va_list list;

	va_start(list, n);
	for (int i = 0; i < n; i++)
		printf("%.17g%c", va_arg(list, double), i + 1 < n ? ' ' : '\n');
	va_end(list);
}

#endif
