#include "analytics/accuracy/model_forms.h"

#include "analytics/core/regress.h"

#include <limits.h>
#include <math.h>
#include <string.h>

static const double none = NAN;

static int read_scores(const struct place *at, struct model_scores *out)
{
	struct model_scores s = {0};
	int rows;

	if (place_integer(at, "rows", 0, 0, INT_MAX, &rows) < 0 || place_number(at, "rmse", NULL, &s.rmse) < 0 ||
		place_number(at, "mae", NULL, &s.mae) < 0 || place_number(at, "mean_error", NULL, &s.mean_error) < 0 ||
		place_number(at, "energy_error", &none, &s.energy_error) < 0)
		return -1;
	s.rows = (size_t)rows;
	*out = s;
	return 0;
}

static int read_in_sample(const struct place *at, struct model_fit *fit)
{
	static const char *const keys[] = {"rows", "rmse", "mae", "mean_error", "energy_error", NULL};

	return place_check(at, keys) < 0 ? -1 : read_scores(at, &fit->in_sample);
}

static int read_pump(const struct place *at, struct model_fit *fit)
{
	static const char *const keys[] = {"heat_pump", "not_defined", "rows", "rmse", "mae", "mean_error", "energy_error", NULL};
	struct model_fit_pump pump = {.left_out = {0, NAN, NAN, NAN, NAN}};

	if (place_check(at, keys) < 0 || place_text(at, "heat_pump", NULL, pump.name, sizeof(pump.name)) < 0)
		return -1;
	if (place_has(at, "not_defined")) {
		if (place_text(at, "not_defined", NULL, pump.why, sizeof(pump.why)) < 0)
			return -1;
	} else if (read_scores(at, &pump.left_out) < 0) {
		return -1;
	}
	fit->pump[fit->pumps++] = pump;
	return 0;
}

static int read_errors(const struct place *at, struct model *m)
{
	char names[MODEL_TERMS][MODEL_TERM_NAME];
	const char *known[MODEL_TERMS + 1] = {NULL};

	for (int t = 0; t < m->terms; t++)
		known[t] = model_term_name(m, t, names[t]);
	if (place_check(at, known) < 0)
		return -1;
	for (int t = 0; t < m->terms; t++)
		if (place_number(at, known[t], &none, &m->fit.standard_error[t]) < 0)
			return -1;
	return 0;
}

static int read_digest(const struct place *at, const char *key, char out[65])
{
	if (place_text(at, key, NULL, out, 65) < 0)
		return -1;
	if (strlen(out) != 64 || strspn(out, "0123456789abcdef") != 64)
		return place_refuse(at, key, "64 hexadecimal digits of a SHA-256 were expected");
	return 0;
}

static int read_head(const struct place *at, struct model_fit *fit)
{
	static const char *const keys[] = {"method", "lambda", "seed", "data_digest", "coefficient_digest", "from", "to", "lag",
		"standard_errors", "in_sample", "left_out", NULL};
	int method;

	if (place_check(at, keys) < 0 || place_choice(at, "method", regress_method_names, -1, &method) < 0 ||
		place_number(at, "lambda", &none, &fit->lambda) < 0 || place_integer(at, "seed", 0, 0, INT_MAX, &fit->seed) < 0 ||
		place_integer(at, "lag", 0, 0, INT_MAX, &fit->lag) < 0 ||
		place_text(at, "from", NULL, fit->from, sizeof(fit->from)) < 0 ||
		place_text(at, "to", NULL, fit->to, sizeof(fit->to)) < 0 ||
		read_digest(at, "data_digest", fit->data_digest) < 0 ||
		read_digest(at, "coefficient_digest", fit->coefficient_digest) < 0)
		return -1;
	strcpy(fit->method, regress_method_names[method]);
	return 0;
}

static int read_parts(const struct place *at, struct model *m)
{
	static const char *const parts[] = {"standard_errors", "in_sample"};
	struct place down;
	int count;

	for (int i = 0; i < 2; i++) {
		if (!place_has(at, parts[i]))
			return place_refuse(at, parts[i], "is missing: an object in braces was expected");
		down = place_down(at, parts[i], -1);
		if ((i ? read_in_sample(&down, &m->fit) : read_errors(&down, m)) < 0)
			return -1;
	}
	count = place_count(at, "left_out", MODEL_FIT_PUMPS);
	for (int i = 0; i < count; i++) {
		down = place_down(at, "left_out", i);
		if (read_pump(&down, &m->fit) < 0)
			return -1;
	}
	return count < 0 ? -1 : 0;
}

int model_read_fit(const struct place *at, struct model *m)
{
	char digest[65];

	if (read_head(at, &m->fit) < 0 || read_parts(at, m) < 0)
		return -1;
	model_coefficient_digest(m, digest);
	if (strcmp(digest, m->fit.coefficient_digest) != 0)
		return place_refuse(at, "coefficient_digest",
			"the coefficients are not those that were fitted (theirs is %.8s..., the file's terms have %.8s...); where they "
			"were changed on purpose, take \"fit\" out of the file",
			m->fit.coefficient_digest, digest);
	m->fit.known = true;
	return 0;
}

int model_put_number(json_t *object, const char *key, double value)
{
	return isnan(value) ? 0 : json_object_set_new(object, key, json_real(value));
}

static int put_scores(json_t *to, const struct model_scores *s)
{
	return json_object_set_new(to, "rows", json_integer((json_int_t)s->rows)) < 0 ||
			       model_put_number(to, "rmse", s->rmse) < 0 || model_put_number(to, "mae", s->mae) < 0 ||
			       model_put_number(to, "mean_error", s->mean_error) < 0 ||
			       model_put_number(to, "energy_error", s->energy_error) < 0
		       ? -1
		       : 0;
}

static json_t *pump_json(const struct model_fit_pump *pump)
{
	json_t *to = json_pack("{s:s}", "heat_pump", pump->name);
	int put;

	if (!to)
		return NULL;
	put = pump->why[0] ? json_object_set_new(to, "not_defined", json_string(pump->why)) : put_scores(to, &pump->left_out);
	if (put == 0)
		return to;
	json_decref(to);
	return NULL;
}

static json_t *head_json(const struct model_fit *fit)
{
	json_t *to = json_pack("{s:s, s:i, s:i, s:s, s:s, s:s, s:s}", "method", fit->method, "seed", fit->seed, "lag", fit->lag,
		"data_digest", fit->data_digest, "coefficient_digest", fit->coefficient_digest, "from", fit->from, "to", fit->to);

	if (to && model_put_number(to, "lambda", fit->lambda) < 0) {
		json_decref(to);
		return NULL;
	}
	return to;
}

json_t *model_fit_json(const struct model *m)
{
	json_t *to = head_json(&m->fit), *errors = json_object(), *scores = json_object(), *pumps = json_array();
	char room[MODEL_TERM_NAME];
	int failed = !to || put_scores(scores, &m->fit.in_sample) < 0;

	for (int t = 0; t < m->terms; t++)
		failed |= model_put_number(errors, model_term_name(m, t, room), m->fit.standard_error[t]) < 0;
	for (int i = 0; i < m->fit.pumps; i++)
		failed |= json_array_append_new(pumps, pump_json(&m->fit.pump[i])) < 0;
	failed |= json_object_set(to, "standard_errors", errors) < 0 || json_object_set(to, "in_sample", scores) < 0 ||
		  json_object_set(to, "left_out", pumps) < 0;
	json_decref(errors);
	json_decref(scores);
	json_decref(pumps);
	if (!failed)
		return to;
	json_decref(to);
	return NULL;
}
