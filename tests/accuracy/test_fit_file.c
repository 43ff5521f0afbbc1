/* Models that are written: read back bit for bit, with what was said of their fit, and refused where that is no longer true. */
#include "tests/accuracy/fit_table.h"

#include "daq/base/text.h"

#include <gsl/gsl_errno.h>
#include <unistd.h>

static char file[64], second[64];

static const char *const shipped[] = {"electricity", "electricity-no-heater-flag", "electricity-later-hardware", "electricity-lte",
	"heat-lte", "heat-en1434", "heat-997x4182", "heat-1000x4186", "heat-1.157964", "heat-1.137888"};

static char *content(const char *path)
{
	struct error e = ERROR_INIT;
	char *text;

	must(text_read_file(path, &text, NULL, &e));
	return text;
}

static void every_shipped_model_comes_back_as_it_was(void **state)
{
	struct error e = ERROR_INIT;

	(void)state;
	for (size_t i = 0; i < sizeof(shipped) / sizeof(shipped[0]); i++) {
		char path[128], before[65], after[65], *a, *b;
		struct model m, back;

		snprintf(path, sizeof(path), "analytics/accuracy/models/%s.json", shipped[i]);
		must(model_load(path, &m, &e));
		must(model_write(&m, file, &e));
		must(model_load(file, &back, &e));
		model_digest(&m, before);
		model_digest(&back, after);
		assert_string_equal(before, after);
		assert_string_equal(m.source, back.source);
		assert_string_equal(m.validity, back.validity);
		assert_false(back.fit.known);
		must(model_write(&back, second, &e));
		a = content(file);
		b = content(second);
		assert_string_equal(a, b);
		free(a);
		free(b);
	}
}

static void same_scores(const struct model_scores *a, const struct model_scores *b)
{
	assert_memory_equal(a, b, sizeof(*a));
}

static void same_fit(const struct model_fit *a, const struct model_fit *b)
{
	assert_string_equal(a->method, b->method);
	assert_memory_equal(&a->lambda, &b->lambda, sizeof(double));
	assert_true(a->seed == b->seed && a->lag == b->lag && a->pumps == b->pumps && a->known && b->known);
	assert_string_equal(a->data_digest, b->data_digest);
	assert_string_equal(a->coefficient_digest, b->coefficient_digest);
	assert_string_equal(a->from, b->from);
	assert_string_equal(a->to, b->to);
	for (int t = 0; t < 6; t++)
		assert_true(a->standard_error[t] == b->standard_error[t] || (isnan(a->standard_error[t]) && isnan(b->standard_error[t])));
	same_scores(&a->in_sample, &b->in_sample);
	for (int g = 0; g < a->pumps; g++) {
		assert_string_equal(a->pump[g].name, b->pump[g].name);
		assert_string_equal(a->pump[g].why, b->pump[g].why);
		if (!a->pump[g].why[0])
			same_scores(&a->pump[g].left_out, &b->pump[g].left_out);
	}
}

/* fit -> write -> read -> evaluate, in all methods: not a bit is lost. */
static void a_fitted_model_says_the_same_after_it_was_read(void **state)
{
	static double before[3000], after[3000];
	struct error e = ERROR_INIT;
	struct model m = electricity(), back;
	struct fit_settings s = settings(&m, REGRESS_OLS);

	(void)state;
	must(fit_fix(&m, "crankcase_heater=40", &e));
	draw_rows(3000, 6, 5, 0.5, 3, 1);
	for (size_t i = 0; i < 3000; i++)
		if (table.pump[i] != 4)
			table.value[HEATER][i] = 0;
	s.seed = 12;
	for (int method = REGRESS_OLS; method <= REGRESS_NONNEGATIVE; method++) {
		struct fit *f;
		char one[65], two[65];

		s.method = (enum regress_method)method;
		f = fitted(&s);
		must(fit_write(f, file, &e));
		must(model_load(file, &back, &e));
		same_fit(&f->model.fit, &back.fit);
		assert_int_equal(back.term[5].mark, MODEL_FIXED);
		assert_string_equal(back.version, f->model.version);
		must(model_evaluate(&f->model, table.column, FIT_COLUMNS, 3000, &(struct model_rows){before, NULL, NULL}, &e));
		must(model_evaluate(&back, table.column, FIT_COLUMNS, 3000, &(struct model_rows){after, NULL, NULL}, &e));
		assert_memory_equal(before, after, sizeof(before));
		model_digest(&back, one);
		back.fit.known = false; /* the digest is of what decides a value */
		must(model_write(&back, file, &e));
		must(model_load(file, &back, &e));
		model_digest(&back, two);
		assert_string_equal(one, two);
	}
}

static void names_and_source_are_the_users_or_say_how_it_was_made(void **state)
{
	struct model m = electricity();
	struct fit_settings s = settings(&m, REGRESS_OLS);
	struct fit *f;

	(void)state;
	draw_rows(3000, 6, 5, 0.5, 3, 1);
	f = fitted(&s);
	assert_string_equal(f->model.name, "electricity");
	assert_string_equal(f->model.hardware, "first");
	assert_memory_equal(f->model.version, "fit-", 4);
	assert_memory_equal(f->model.version + 4, f->model.fit.coefficient_digest, 12);
	assert_string_equal(f->model.source, "fitted by ols to 3000 rows of 6 heat pumps, 2024-01-31T11:20:00Z to 2024-01-31T13:24:45Z; "
					     "template: electricity, version 1");
	s.name = "winter";
	s.version = "7";
	s.source = "a test";
	f = fitted(&s);
	assert_string_equal(f->model.name, "winter");
	assert_string_equal(f->model.version, "7");
	assert_string_equal(f->model.source, "a test");
}

static int try(const char *written, const char *from, const char *to, struct error *e)
{
	struct text t = TEXT_INIT;
	struct error not_written = ERROR_INIT;
	const char *at = strstr(written, from);
	struct model m;
	int result;

	if (!at)
		fail_msg("the file does not say %s", from);
	text_add_bytes(&t, written, (size_t)(at - written));
	text_add(&t, "%s%s", to, at + strlen(from));
	if (text_write_file(second, t.data, t.length, &not_written) < 0)
		fail_msg("%s", not_written.text);
	result = model_load(second, &m, e);
	text_free(&t);
	return result;
}

static void a_fit_that_is_said_of_other_coefficients_is_refused(void **state)
{
	struct model m = electricity();
	struct fit_settings s = settings(&m, REGRESS_OLS);
	struct error e = ERROR_INIT;
	char number[40], changed[40], *text;
	struct fit *f;

	(void)state;
	draw_rows(3000, 6, 5, 0.5, 3, 1);
	f = fitted(&s);
	must(fit_write(f, file, &e));
	text = content(file);
	for (int t = 0; t < 6; t++) {
		double c = f->model.term[t].coefficient;

		snprintf(number, sizeof(number), "%.17g", c);
		snprintf(changed, sizeof(changed), "%.17g", nextafter(c, 0));
		refused(try(text, number, changed, &e), ERROR_CONFIG,
			": fit.coefficient_digest: the coefficients are not those that were fitted");
	}
	must(try(text, "\"first\",", "\"second\",", &e));
	free(text);
}

static void what_is_wrong_in_a_fit_is_named_with_its_place(void **state)
{
	static const struct {
		const char *from, *to, *words;
	} cases[] = {
		{"\"method\": \"ols\"", "\"method\": \"old\"", ": fit.method: 'old' is none of ols, ridge, lasso"},
		{"\"seed\": 0", "\"seed\": -1", ": fit.seed: a whole number from 0"},
		{"\"lag\": ", "\"lagg\": ", ": fit.lagg: no such key; did you mean 'lag'?"},
		{"\"data_digest\": \"", "\"data_digest\": \"x", ": fit.data_digest: "},
		{"\"data_digest\": \"", "\"data_digest\": \"12\", \"from\": \"", "duplicate object key"},
		{"\"standard_errors\"", "\"standard_error\"", ": fit.standard_error: no such key; did you mean 'standard_errors'?"},
		{"\"fan_speed\": ", "\"fan_sped\": ", ": fit.standard_errors.fan_sped: no such key; did you mean 'fan_speed'?"},
		{"\"in_sample\": {", "\"in_sample\": {\"r2\": 1, ", ": fit.in_sample.r2: no such key"},
		{"\"heat_pump\": \"hp1\",", "\"heat_pump\": \"\",", ": fit.left_out[0].heat_pump: is empty"},
		{"\"heat_pump\": \"hp1\",", "\"heat_pump\": \"hp1\", \"not_defined\": 4,", ": fit.left_out[0].not_defined: a text"},
		{"\"coefficient\": ", "\"fit\": \"fixd\", \"coefficient\": ", ": terms[0].fit: 'fixd' is none of free, fixed, nonnegative"},
	};
	struct model m = electricity();
	struct fit_settings s = settings(&m, REGRESS_OLS);
	struct error e = ERROR_INIT;
	char *text;

	(void)state;
	draw_rows(3000, 6, 5, 0.5, 3, 1);
	must(fit_write(fitted(&s), file, &e));
	text = content(file);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		refused(try(text, cases[i].from, cases[i].to, &e), ERROR_CONFIG, cases[i].words);
	free(text);
}

static void what_cannot_be_written_is_said(void **state)
{
	struct error e = ERROR_INIT;
	struct model m = electricity();

	(void)state;
	refused(model_write(&m, "/nowhere/at/all.json", &e), ERROR_IO, "/nowhere/at/all.json");
	m.term[0].coefficient = NAN;
	refused(model_write(&m, file, &e), ERROR_DATA, "a number is not finite");
	m = electricity();
	strcpy(m.name, "\xff");
	refused(model_write(&m, file, &e), ERROR_DATA, "cannot be written");
}

static int start(void **state)
{
	int one, two;

	(void)state;
	snprintf(file, sizeof(file), "/tmp/heatbench-fit-XXXXXX");
	snprintf(second, sizeof(second), "/tmp/heatbench-fit-XXXXXX");
	one = mkstemp(file);
	two = mkstemp(second);
	return one < 0 || two < 0 ? -1 : close(one) | close(two);
}

static int end(void **state)
{
	(void)state;
	return unlink(file) | unlink(second);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_shipped_model_comes_back_as_it_was),
		cmocka_unit_test(a_fitted_model_says_the_same_after_it_was_read),
		cmocka_unit_test(names_and_source_are_the_users_or_say_how_it_was_made),
		cmocka_unit_test(a_fit_that_is_said_of_other_coefficients_is_refused),
		cmocka_unit_test(what_is_wrong_in_a_fit_is_named_with_its_place),
		cmocka_unit_test(what_cannot_be_written_is_said),
	};

	gsl_set_error_handler_off();
	return cmocka_run_group_tests(tests, start, end);
}
