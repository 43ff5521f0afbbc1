#include "analytics/accuracy/fit_private.h"

#include "analytics/core/rng.h"
#include "daq/base/error.h"
#include "daq/store/digest.h"

#include <endian.h>
#include <math.h>
#include <string.h>

void fit_add(const struct fit_design *d, const double *coefficient, double floor, size_t from, size_t to, struct fit_sums *sums)
{
	for (size_t i = from; i < to; i++) {
		double heat = d->heat ? d->heat[i] : 0, value = heat, error;

		for (int t = 0; t < d->p; t++)
			value += d->term[t] ? coefficient[t] * d->term[t][i] : coefficient[t];
		if (value < floor) {
			value = floor;
			sums->floored++;
		}
		error = value - (d->y[i] + heat);
		sums->squares += (long double)error * error;
		sums->absolute += fabs(error);
		sums->errors += error;
		sums->reference += d->y[i] + heat;
	}
	sums->rows += to - from;
}

struct model_scores fit_scores(const struct fit_sums *s)
{
	struct model_scores out = {s->rows, NAN, NAN, NAN, NAN};

	if (s->rows == 0)
		return out;
	out.rmse = (double)sqrtl(s->squares / s->rows);
	out.mae = (double)(s->absolute / s->rows);
	out.mean_error = (double)(s->errors / s->rows);
	if (s->reference > 0)
		out.energy_error = (double)(s->errors / s->reference);
	return out;
}

static void shuffle(struct rng *rng, int fold[FIT_FOLDS])
{
	for (int i = 0; i < FIT_FOLDS; i++) {
		int j = (int)rng_below(rng, (uint32_t)i + 1);

		fold[i] = fold[j];
		fold[j] = i;
	}
}

/* Of each five days in a row every fold gets one, so that all folds see the whole season. */
void fit_folds(const struct fit_design *d, bool by_day, int seed, int *group)
{
	struct rng rng = rng_seeded((uint64_t)seed);
	int days = 0, fold[FIT_FOLDS];

	for (size_t i = 0; i < d->n; i++) {
		bool next = i == 0 || d->pump[i] != d->pump[i - 1];

		if (next)
			days = 0;
		else if (d->day[i] != d->day[i - 1])
			next = ++days % FIT_FOLDS == 0;
		if (next)
			shuffle(&rng, fold);
		group[i] = by_day ? d->pump[i] * FIT_FOLDS + fold[days % FIT_FOLDS] : d->pump[i];
	}
}

/* The bits of a number, least byte first; one pattern for all that is missing. */
static uint64_t bits(double v)
{
	uint64_t raw = UINT64_C(0x7ff8000000000000);

	if (!isnan(v))
		memcpy(&raw, &v, sizeof(raw));
	return htole64(raw);
}

static void add_text(struct digest *digest, const char *kind, const char *name, const char *unit)
{
	digest_add(digest, kind, strlen(kind));
	digest_add(digest, name, strlen(name) + 1);
	digest_add(digest, unit, strlen(unit) + 1);
}

/* The columns of the template's inputs, in its order; their number. */
static int inputs(const struct fit_rows *rows, const struct model *m, struct digest *digest, const double **out)
{
	int count = 0;

	for (int i = 0; i < m->inputs; i++)
		for (size_t c = 0; m->input[i].measured && c < rows->columns; c++)
			if (strcmp(rows->column[c].name, m->input[i].name) == 0) {
				add_text(digest, "input ", rows->column[c].name, rows->column[c].unit);
				out[count++] = rows->column[c].value;
				break;
			}
	return count;
}

int fit_digest(const struct fit_rows *rows, const struct model *m, const struct fit_design *d, char out[65], struct error *e)
{
	struct digest *digest = digest_new();
	const double *input[MODEL_INPUTS];
	uint64_t row[3 + MODEL_INPUTS];
	int count;

	if (!digest)
		return error_set(e, ERROR_SYSTEM, "no memory for the digest of the rows");
	add_text(digest, "target ", model_target_names[m->target], rows->target_unit);
	for (int i = 0; i < rows->heat_pumps; i++)
		add_text(digest, "heat pump ", rows->heat_pump_name[i], "");
	count = inputs(rows, m, digest, input);
	for (size_t i = 0; i < rows->n; i++) {
		if (d->why[i] != FIT_USED)
			continue;
		row[0] = htole64((uint64_t)rows->heat_pump[i]);
		row[1] = bits(rows->time[i]);
		row[2] = bits(rows->target[i]);
		for (int k = 0; k < count; k++)
			row[3 + k] = bits(input[k][i]);
		digest_add(digest, row, (size_t)(3 + count) * sizeof(*row));
	}
	digest_end(digest, out);
	return 0;
}
