/* Least squares against the linear sets of NIST StRD (../shared/data/nist) and against GSL on the same numbers. */
#include "tests/check.h"

#include "analytics/core/lsq.h"
#include "daq/base/text.h"

#include <gsl/gsl_errno.h>
#include <gsl/gsl_multifit.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define NIST "../shared/data/nist/"

enum { ROWS = 100, TERMS = LSQ_REGRESSORS, DIGITS = 14 /* more than these the certificates' own rounding decides */ };

enum model { POLYNOMIAL, THROUGH_ZERO, LINEAR };

struct set {
	const char *name;
	enum model model;
	int regressors; /* columns of x in the file */
	int p;
	size_t n;
	double least; /* digits */
};

static const struct set sets[] = {
	{"Norris", POLYNOMIAL, 1, 2, 36, 12},	{"Pontius", POLYNOMIAL, 1, 3, 40, 12},	{"NoInt1", THROUGH_ZERO, 1, 1, 11, 13},
	{"NoInt2", THROUGH_ZERO, 1, 1, 3, 13},	{"Filip", POLYNOMIAL, 1, 11, 82, 9},	{"Longley", LINEAR, 6, 7, 16, 12},
	{"Wampler1", POLYNOMIAL, 1, 6, 21, 13}, {"Wampler2", POLYNOMIAL, 1, 6, 21, 13}, {"Wampler3", POLYNOMIAL, 1, 6, 21, 12},
	{"Wampler4", POLYNOMIAL, 1, 6, 21, 10}, {"Wampler5", POLYNOMIAL, 1, 6, 21, 9},
};
enum { SETS = sizeof(sets) / sizeof(sets[0]) };

struct certificate {
	double coefficient[TERMS], sd[TERMS], residual_sd;
	double x[ROWS][TERMS], y[ROWS];
};

static char *next_line(char **at)
{
	char *line = *at, *end = line ? strchr(line, '\n') : NULL;

	*at = end ? end + 1 : NULL;
	if (end)
		*end = '\0';
	return line;
}

/* "B3  -1127.97394098372  227.204274477751" */
static void read_certified(const char *line, struct certificate *c, int *p)
{
	double value, sd;
	int number;

	if (sscanf(line, " B%d %lf %lf", &number, &value, &sd) == 3 && *p < TERMS) {
		c->coefficient[*p] = value;
		c->sd[(*p)++] = sd;
	}
	if (strstr(line, "Standard Deviation") && sscanf(line, " Standard Deviation %lf", &value) == 1)
		c->residual_sd = value;
}

static void read_set(const struct set *set, struct certificate *c)
{
	struct error e = ERROR_INIT;
	char path[64], *text, *at;
	size_t n = 0;
	int p = 0, number = 0;

	snprintf(path, sizeof(path), NIST "%s.dat", set->name);
	must(text_read_file(path, &text, NULL, &e));
	c->residual_sd = NAN;
	at = text;
	for (char *line = next_line(&at); line; line = next_line(&at)) {
		number++;
		if (number > 30 && number < 60)
			read_certified(line, c, &p);
		if (number > 60 && n < ROWS) {
			char *end, *from = line;
			double row[1 + TERMS];
			int read = 0;

			for (; read <= set->regressors; read++, from = end) {
				row[read] = strtod(from, &end);
				if (end == from)
					break;
			}
			if (read <= set->regressors)
				continue;
			c->y[n] = row[0];
			memcpy(c->x[n++], row + 1, (size_t)set->regressors * sizeof(double));
		}
	}
	free(text);
	assert_int_equal(p, set->p);
	assert_int_equal(n, set->n);
	assert_true(isfinite(c->residual_sd));
}

/* The rows as a program has them in double. */
static void design(const struct set *set, const struct certificate *c, double *x)
{
	for (size_t i = 0; i < set->n; i++)
		for (int j = 0; j < set->p; j++) {
			double *to = x + i * (size_t)set->p + (size_t)j;

			if (set->model == POLYNOMIAL)
				*to = pow(c->x[i][0], j);
			else
				*to = set->model == THROUGH_ZERO ? c->x[i][0] : j ? c->x[i][j - 1] : 1;
		}
}

static struct lsq fit(const struct set *set, const struct certificate *c, const double *x)
{
	double line[ROWS];

	if (set->model != POLYNOMIAL)
		return lsq_fit(x, c->y, set->n, set->p);
	for (size_t i = 0; i < set->n; i++)
		line[i] = c->x[i][0];
	return lsq_polynomial(line, c->y, set->n, set->p - 1);
}

static double digits(double got, double certified)
{
	double off = certified != 0 ? fabs(got / certified - 1) : fabs(got);

	if (isnan(off))
		return 0;
	return off > 0 ? fmax(0, fmin(DIGITS, -log10(off))) : DIGITS;
}

static double worst(const double *got, const double *certified, int p)
{
	double least = DIGITS;

	for (int j = 0; j < p; j++)
		least = fmin(least, digits(got[j], certified[j]));
	return least;
}

static double gsl_digits(const struct set *set, const struct certificate *c, double *x)
{
	gsl_matrix_view rows = gsl_matrix_view_array(x, set->n, (size_t)set->p);
	gsl_vector_const_view y = gsl_vector_const_view_array(c->y, set->n);
	gsl_multifit_linear_workspace *space = gsl_multifit_linear_alloc(set->n, (size_t)set->p);
	gsl_matrix *covariance = gsl_matrix_alloc((size_t)set->p, (size_t)set->p);
	double got[TERMS], squares;
	gsl_vector_view out = gsl_vector_view_array(got, (size_t)set->p);

	assert_int_equal(gsl_multifit_linear(&rows.matrix, &y.vector, &out.vector, covariance, &squares, space), GSL_SUCCESS);
	gsl_multifit_linear_free(space);
	gsl_matrix_free(covariance);
	return worst(got, c->coefficient, set->p);
}

static void nists_sets_have_at_least_the_digits_of_gsl(void **state)
{
	static double x[ROWS * TERMS], plain[TERMS], sd[TERMS];

	(void)state;
	if (access(NIST, R_OK) != 0) {
		print_message("# " NIST " is absent\n");
		skip();
	}
	print_message("# digits of the worst       coefficient   in double    GSL      its sd   residual sd\n");
	for (size_t k = 0; k < SETS; k++) {
		const struct set *set = &sets[k];
		static struct certificate c;
		struct lsq got, in_double;
		double ours, theirs, spread, residual;

		read_set(set, &c);
		design(set, &c, x);
		got = fit(set, &c, x);
		in_double = lsq_fit(x, c.y, set->n, set->p);
		theirs = gsl_digits(set, &c, x);
		assert_true(got.known && in_double.known);
		for (int j = 0; j < set->p; j++) {
			sd[j] = lsq_u(&got, j);
			plain[j] = in_double.coefficient[j];
		}
		ours = worst(got.coefficient, c.coefficient, set->p);
		spread = worst(sd, c.sd, set->p);
		residual = digits(got.residual_sd, c.residual_sd);
		print_message("# %-24s %8.1f %12.1f %10.1f %10.1f %10.1f\n", set->name, ours, worst(plain, c.coefficient, set->p),
			theirs, spread, residual);
		assert_true(ours >= theirs);
		assert_true(ours >= set->least);
		assert_true(fmin(spread, residual) >= 8);
	}
}

/* A column of rounded sums is a sum all the same; one that stands a billionth across the others is not. */
static void only_what_stands_across_the_others_is_a_regressor(void **state)
{
	double x[60], y[20];

	(void)state;
	for (int own = 0; own < 2; own++) {
		for (int i = 0; i < 20; i++) {
			x[3 * i] = 1;
			x[3 * i + 1] = 0.1 * i;
			x[3 * i + 2] = 0.3 + 0.7 * x[3 * i + 1] + (own ? 1e-9 * (i % 3) : 0);
			y[i] = 2 - 3 * x[3 * i + 1] + 5e8 * x[3 * i + 2];
		}
		assert_int_equal(lsq_fit(x, y, 20, 3).known, own);
	}
	assert_near(lsq_fit(x, y, 20, 3).coefficient[2] / 5e8, 1, 1e-6);
}

static void what_is_not_a_number_fits_nothing(void **state)
{
	double x[] = {1, 2, 3, 4}, y[] = {1, 2, 3, 5};
	struct lsq got;

	(void)state;
	assert_true(lsq_polynomial(x, y, 4, 1).known);
	for (int bad = 0; bad < 4; bad++) {
		double worse[4], other = bad % 2 ? INFINITY : NAN;

		memcpy(worse, bad < 2 ? x : y, sizeof(x));
		worse[bad] = other;
		got = bad < 2 ? lsq_polynomial(worse, y, 4, 1) : lsq_polynomial(x, worse, 4, 1);
		assert_false(got.known);
		assert_true(isnan(got.coefficient[0]) && isnan(got.covariance[1][1]) && isnan(got.residual_sd));
	}
	assert_false(lsq_polynomial(x, y, 4, 3).known);
	assert_false(lsq_polynomial(x, y, 4, -1).known);
	assert_false(lsq_polynomial(x, y, 4, LSQ_REGRESSORS).known);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nists_sets_have_at_least_the_digits_of_gsl),
		cmocka_unit_test(only_what_stands_across_the_others_is_a_regressor),
		cmocka_unit_test(what_is_not_a_number_fits_nothing),
	};

	gsl_set_error_handler_off();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
