#include "analytics/accuracy/comparison_events.h"

#include <math.h>
#include <stdlib.h>

enum { STRETCH = 600, APART = 1800, TRACE_SPAN = 900, LANES = 8 };

/* e[i] with what does not count as 0, and w[i] whether it counts, on a grid of one spacing. Returns its length. */
static int64_t on_grid(double **e, double **w, const struct study_pump *p, const struct comparison_rows *rows, double mean)
{
	double span = p->time[p->rows - 1] - p->time[0];
	int64_t n = (int64_t)(span / p->spacing + 0.5) + 1;

	if (n > 4 * p->rows + 1000)
		return 0; /* mostly gaps */
	*e = calloc((size_t)(n + LAGS + LANES), sizeof(double));
	*w = calloc((size_t)(n + LAGS + LANES), sizeof(double));
	if (!*e || !*w)
		return 0;
	for (int64_t i = 0; i < p->rows; i++) {
		int64_t k = (int64_t)((p->time[i] - p->time[0]) / p->spacing + 0.5);

		if (rows->reason[i] != INCLUDED || k >= n)
			continue;
		(*e)[k] = rows->estimate[i] - rows->reference[i] - mean;
		(*w)[k] = 1;
	}
	return n;
}

static double product(const double *restrict a, const double *restrict b, int64_t n)
{
	double lane[LANES] = {0}, sum = 0;

	for (int64_t i = 0; i < n; i += LANES)
		for (int j = 0; j < LANES; j++)
			lane[j] += a[i + j] * b[i + j];
	for (int j = 0; j < LANES; j++)
		sum += lane[j];
	return sum;
}

/* Where w is 0, ascending; NULL: no memory. */
static int64_t *find_holes(const double *w, int64_t n, int64_t *holes)
{
	int64_t *at;

	*holes = 0;
	for (int64_t i = 0; i < n; i++)
		*holes += w[i] == 0;
	at = malloc((size_t)(*holes + 1) * sizeof(*at));
	for (int64_t i = 0, k = 0; at && i < n; i++)
		if (w[i] == 0)
			at[k++] = i;
	return at;
}

/* Pairs (i, i + k) that both count: all, without those whose first or second is a hole, those where both are not taken off twice. */
static double pairs_at(const double *w, int64_t n, const int64_t *hole, int64_t holes, int64_t k)
{
	int64_t first = 0, second = 0, both = 0;

	for (int64_t h = 0; h < holes; h++) {
		first += hole[h] < n - k;
		second += hole[h] >= k;
		both += hole[h] < n - k && w[hole[h] + k] == 0;
	}
	return (double)(n - k - first - second + both);
}

/* r_k = (sum of products / number of pairs) / (sum of squares / number): of a series with holes (Parzen, Sankhya A 25 (1963) 383). */
static void autocorrelation(struct comparison *c, const struct study_pump *p, const struct comparison_rows *rows)
{
	double *e = NULL, *w = NULL, sum = 0, count = 0, variance;
	int64_t n, holes = 0, *hole = NULL;

	for (int k = 0; k <= LAGS; k++)
		c->acf[k] = NAN;
	for (int64_t i = 0; i < p->rows; i++)
		if (rows->reason[i] == INCLUDED) {
			sum += rows->estimate[i] - rows->reference[i];
			count++;
		}
	c->acf_spacing = p->spacing;
	if (count < 2 || isnan(p->spacing))
		return;
	n = on_grid(&e, &w, p, rows, sum / count);
	hole = find_holes(w, n, &holes);
	variance = hole && n > holes ? product(e, e, n) / (double)(n - holes) : 0;
	for (int k = 0; k <= LAGS && k < n && variance > 0; k++) {
		double pairs = pairs_at(w, n, hole, holes, k);

		/* Beyond n - k both are 0: the lanes may read on. */
		c->acf[k] = pairs >= 2 ? product(e, e + k, n - k) / pairs / variance : NAN;
	}
	free(hole);
	free(e);
	free(w);
}

struct stretch {
	double square;
	int64_t first, end; /* rows */
};

static int worse_first(const void *a, const void *b)
{
	const struct stretch *x = a, *y = b;

	return (x->square < y->square) - (x->square > y->square);
}

static void trace(struct comparison_event *ev, const struct study_pump *p, const struct comparison_rows *rows, int64_t worst)
{
	double step = 2.0 * TRACE_SPAN / (TRACE - 1);
	int64_t i = worst;

	while (i > 0 && p->time[i - 1] >= ev->time - TRACE_SPAN)
		i--;
	for (int k = 0; k < TRACE; k++) {
		double at = -TRACE_SPAN + k * step;

		while (i + 1 < p->rows && p->time[i + 1] <= ev->time + at)
			i++;
		ev->at[k] = at;
		ev->r[k] = ev->m[k] = NAN;
		if (p->time[i] <= ev->time + at && ev->time + at < p->time[i] + p->step[i]) {
			ev->r[k] = rows->reference[i];
			ev->m[k] = rows->estimate[i];
		}
	}
	ev->n = TRACE;
}

static struct comparison_event event_of(const struct stretch *s, const struct study_pump *p, const struct comparison_rows *rows, double all)
{
	struct comparison_event ev = {.share = all > 0 ? s->square / all : NAN, .outside = NAN};
	int64_t worst = s->first, a, b;
	double most = -1;

	for (int64_t i = s->first; i < s->end; i++) {
		double error = rows->reason[i] == INCLUDED ? fabs(rows->estimate[i] - rows->reference[i]) : -1;

		if (error > most) {
			most = error;
			worst = i;
		}
	}
	for (a = worst; a > 0 && rows->reason[a - 1] == INCLUDED && fabs(rows->estimate[a - 1] - rows->reference[a - 1]) > most / 2;)
		a--;
	for (b = worst; b + 1 < p->rows && rows->reason[b + 1] == INCLUDED && fabs(rows->estimate[b + 1] - rows->reference[b + 1]) > most / 2;)
		b++;
	ev.time = p->time[worst];
	ev.seconds = p->time[b] + p->step[b] - p->time[a];
	ev.reference = rows->reference[worst];
	ev.estimate = rows->estimate[worst];
	ev.outside = p->column[ROLE_OUTSIDE] ? p->column[ROLE_OUTSIDE][worst] : NAN;
	ev.regime = rows->regime[worst];
	trace(&ev, p, rows, worst);
	return ev;
}

static int64_t find_stretches(struct stretch *s, const struct study_pump *p, const struct comparison_rows *rows, double *all)
{
	int64_t n = 0, key = INT64_MIN;

	for (int64_t i = 0; i < p->rows; i++) {
		double error = rows->estimate[i] - rows->reference[i];
		int64_t now = (int64_t)floor(p->time[i] / STRETCH);

		if (rows->reason[i] != INCLUDED)
			continue;
		if (now != key)
			s[n++] = (struct stretch){.first = i};
		key = now;
		s[n - 1].square += error * error * p->step[i];
		s[n - 1].end = i + 1;
		*all += error * error * p->step[i];
	}
	return n;
}

static void worst(struct comparison *c, const struct study_pump *p, const struct comparison_rows *rows)
{
	size_t most = (size_t)((p->time[p->rows - 1] - p->time[0]) / STRETCH) + 2;
	struct stretch *s = calloc(most < (size_t)p->rows ? most : (size_t)p->rows, sizeof(*s));
	double all = 0;
	int64_t n;

	if (!s)
		return;
	n = find_stretches(s, p, rows, &all);
	qsort(s, (size_t)n, sizeof(*s), worse_first);
	for (int64_t i = 0; i < n && c->events < WORST; i++) {
		bool near = false;

		for (int k = 0; k < c->events; k++)
			near |= fabs(c->event[k].time - p->time[s[i].first]) < APART;
		if (near)
			continue;
		c->event[c->events] = event_of(&s[i], p, rows, all);
		c->event[c->events++].pump = c->pump;
	}
	free(s);
}

void comparison_events(struct comparison *c, const struct study_pump *p, const struct comparison_rows *rows)
{
	if (p->rows < 2)
		return;
	autocorrelation(c, p, rows);
	worst(c, p, rows);
}
