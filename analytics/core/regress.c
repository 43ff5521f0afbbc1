#include "analytics/core/regress_private.h"

#include "daq/base/error.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEPENDENT 1e-13

const char *const regress_method_names[] = {"ols", "ridge", "lasso", "huber", "bisquare", "nonnegative", NULL};

static const char *column_name(const struct regress_rows *rows, int j, char room[24])
{
	if (rows->name)
		return rows->name[j];
	snprintf(room, 24, "column %d", j + 1);
	return room;
}

static int check_settings(const struct regress_rows *rows, const struct regress_settings *s, struct error *e)
{
	bool penalty = s->method == REGRESS_RIDGE || s->method == REGRESS_LASSO;
	char room[24];

	if (rows->p < 1 || rows->p > REGRESS_COLUMNS)
		return error_set(e, ERROR_USAGE, "a regression has 1 to %d columns, not %d", REGRESS_COLUMNS, rows->p);
	if (!penalty && !isnan(s->lambda))
		return error_set(e, ERROR_USAGE, "lambda belongs to ridge and lasso, not to %s", regress_method_names[s->method]);
	if (penalty && !isnan(s->lambda) && !(s->lambda >= 0 && s->lambda < INFINITY))
		return error_set(e, ERROR_USAGE, "lambda is %g; a number that is not below 0 was expected", s->lambda);
	for (int j = 0; s->role && j < rows->p; j++)
		if (s->role[j] == REGRESS_BOUNDED && s->method != REGRESS_NONNEGATIVE)
			return error_set(e, ERROR_USAGE, "%s keeps nothing from below 0, as wanted for %s: nonnegative does",
				regress_method_names[s->method], column_name(rows, j, room));
	return 0;
}

/* The columns to be found, the constant first. */
static int choose_columns(struct regress_task *task)
{
	const enum regress_role *role = task->settings->role;
	const struct regress_rows *rows = task->rows;

	for (int turn = 0; turn < 2; turn++)
		for (int j = 0; j < rows->p; j++) {
			bool first = !rows->column[j] && (!role || role[j] == REGRESS_FREE);

			if (first != (turn == 0))
				continue;
			if (role && role[j] == REGRESS_FIXED) {
				task->offset[j] = task->settings->fixed[j];
				continue;
			}
			task->constant = task->constant || first;
			task->bounded[task->count] = role && role[j] == REGRESS_BOUNDED;
			task->which[task->count++] = j;
		}
	if (task->count == 0)
		return error_set(task->e, ERROR_USAGE, "every coefficient is fixed: nothing is left to be found");
	return 0;
}

/* One pass over the rows, by stretches of one group. */
static int take_rows(struct regress_task *task)
{
	const struct regress_rows *rows = task->rows;
	const bool *out = task->settings->left_out;
	int groups = rows->group ? rows->groups : 1;

	task->group = calloc((size_t)groups, sizeof(*task->group));
	if (!task->group)
		return error_set(task->e, ERROR_SYSTEM, "no memory for %d groups of rows", groups);
	for (int g = 0; g < groups; g++)
		task->group[g] = triangle_empty(rows->p);
	for (size_t from = 0, to; from < rows->n; from = to) {
		int g = rows->group ? rows->group[from] : 0;

		for (to = from + 1; to < rows->n && (!rows->group || rows->group[to] == g); to++)
			if (!rows->group) {
				to = rows->n;
				break;
			}
		if (!out || !out[g])
			triangle_add(&task->group[g], rows->column, rows->y, NULL, from, to);
	}
	task->all = triangle_empty(task->count);
	for (int g = 0; g < groups; g++) {
		task->group[g] = triangle_pick(&task->group[g], task->which, task->count, task->offset);
		triangle_join(&task->all, &task->group[g]);
	}
	return 0;
}

static int refuse_dependent(const struct regress_task *task, int last, unsigned among)
{
	char names[300] = "", room[24];
	size_t length = 0;
	int count = 0, left = 0;

	for (int k = 0; k <= last; k++)
		left += among >> k & 1;
	if (left == 1)
		return error_set(task->e, ERROR_DATA, "%s is 0 in all %zu rows: leave it out, or fix its coefficient",
			column_name(task->rows, task->which[last], room), task->all.n);
	for (int k = 0; k <= last && length < sizeof(names); k++) {
		if (!(among >> k & 1))
			continue;
		count++;
		length += (size_t)snprintf(names + length, sizeof(names) - length, "%s%s", count == 1 ? "" : count == left ? " and " : ", ",
			column_name(task->rows, task->which[k], room));
	}
	return error_set(task->e, ERROR_DATA,
		"%s cannot be told apart in these %zu rows: one is a sum of the others; leave one out, or fix its coefficient", names,
		task->all.n);
}

static int check_rows(const struct regress_task *task)
{
	unsigned among;
	int last;

	if (task->all.n <= (size_t)task->count)
		return error_set(task->e, ERROR_DATA, "%zu rows are too few for %d coefficients", task->all.n, task->count);
	if (!triangle_finite(&task->all))
		return error_set(task->e, ERROR_DATA, "a row has a number that is not finite");
	last = triangle_dependent(&task->all, DEPENDENT, &among);
	return last < 0 ? 0 : refuse_dependent(task, last, among);
}

void regress_lengths(const struct triangle *t, bool constant, long double *out)
{
	for (int j = 0; j < t->p; j++) {
		long double sum = 0;

		for (int i = constant; i <= j; i++)
			sum += t->r[i][j] * t->r[i][j];
		out[j] = sqrtl(sum) > DEPENDENT * triangle_length(t, j) ? sqrtl(sum) : 0;
	}
}

/* Of the columns for which `take` holds: the triangle and their places. */
static struct triangle part(const struct triangle *t, const bool *take, int *place)
{
	int count = 0;

	for (int j = 0; j < t->p; j++)
		if (take[j])
			place[count++] = j;
	return triangle_pick(t, place, count, NULL);
}

static void penalise(struct triangle *t, bool constant, double lambda)
{
	long double length[REGRESS_COLUMNS];

	regress_lengths(t, constant, length);
	for (int j = constant; j < t->p; j++)
		triangle_penalise(t, j, sqrtl(lambda) * length[j]);
}

void regress_bread(const struct triangle *t, bool constant, double lambda, const bool *found, double *out)
{
	int place[REGRESS_COLUMNS];
	struct triangle some = part(t, found, place);
	double inverse[REGRESS_COLUMNS * REGRESS_COLUMNS];
	long double b[REGRESS_COLUMNS];

	if (!isnan(lambda))
		penalise(&some, constant, lambda);
	triangle_solve(&some, b, inverse);
	memset(out, 0, (size_t)t->p * (size_t)t->p * sizeof(*out));
	for (int i = 0; i < some.p; i++)
		for (int j = 0; j < some.p; j++)
			out[place[i] * t->p + place[j]] = inverse[i * some.p + j];
}

bool regress_ridge(const struct triangle *t, bool constant, double lambda, struct regress_answer *out)
{
	long double length[REGRESS_COLUMNS], b[REGRESS_COLUMNS];
	int place[REGRESS_COLUMNS];
	struct triangle moving;

	regress_lengths(t, constant, length);
	for (int j = 0; j < t->p; j++) {
		out->b[j] = 0;
		out->found[j] = length[j] > 0 || (constant && j == 0);
	}
	moving = part(t, out->found, place);
	penalise(&moving, constant, lambda);
	triangle_solve(&moving, b, NULL);
	for (int k = 0; k < moving.p; k++) {
		out->b[place[k]] = b[k];
		if (!isfinite(b[k]))
			return false;
	}
	return true;
}

/* By the triangle of all rows. */
static int solve(const struct regress_task *task, double lambda, struct regress_answer *answer)
{
	switch (task->settings->method) {
	case REGRESS_RIDGE:
		if (!regress_ridge(&task->all, task->constant, lambda, answer))
			return error_set(task->e, ERROR_DATA, "ridge with lambda %g gives no numbers", lambda);
		return 0;
	case REGRESS_LASSO:
		if (!regress_lasso(&task->all, task->constant, lambda, answer))
			return error_set(task->e, ERROR_DATA,
				"lasso with lambda %g does not settle: columns are nearly sums of each other", lambda);
		return 0;
	case REGRESS_NONNEGATIVE:
		return regress_nonnegative(task, answer);
	default:
		triangle_solve(&task->all, answer->b, NULL);
		for (int k = 0; k < task->count; k++)
			answer->found[k] = true;
		return 0;
	}
}

/* From the columns to be found to all columns. */
static void spread(const struct regress_task *task, const struct regress_answer *answer, const double *bread, struct regress *out)
{
	int p = task->rows->p, used = 0;

	for (int j = 0; j < p; j++)
		out->coefficient[j] = task->offset[j];
	for (int k = 0; k < task->count; k++) {
		out->coefficient[task->which[k]] = (double)answer->b[k];
		out->found[task->which[k]] = answer->found[k];
		used += answer->found[k];
		for (int l = 0; l < task->count; l++)
			out->bread[task->which[k] * p + task->which[l]] = bread[k * task->count + l];
	}
	if (task->all.n > (size_t)used)
		out->residual_sd = sqrt((double)triangle_squares(&task->all, answer->b) / (double)(task->all.n - (size_t)used));
}

static int fit_task(struct regress_task *task, struct regress *out)
{
	struct regress_answer answer = {{0}, {0}};
	double bread[REGRESS_COLUMNS * REGRESS_COLUMNS];
	enum regress_method method = task->settings->method;
	double lambda = task->settings->lambda;

	if ((method == REGRESS_RIDGE || method == REGRESS_LASSO) && isnan(lambda) && regress_choose(task, &lambda) < 0)
		return -1;
	if (solve(task, lambda, &answer) < 0)
		return -1;
	regress_bread(&task->all, task->constant, method == REGRESS_RIDGE ? lambda : NAN, answer.found, bread);
	out->lambda = lambda;
	spread(task, &answer, bread, out);
	if (method == REGRESS_HUBER || method == REGRESS_BISQUARE)
		return regress_robust(task, out);
	return 0;
}

int regress_fit(const struct regress_rows *rows, const struct regress_settings *settings, struct regress *out, struct error *e)
{
	struct regress_task task = {.rows = rows, .settings = settings, .e = e};
	struct regress fit = {
		.method = settings->method, .p = rows->p, .residual_sd = NAN, .lambda = NAN, .scale = NAN, .low_weight = NAN};
	int result = -1;

	if (check_settings(rows, settings, e) < 0 || choose_columns(&task) < 0 || take_rows(&task) < 0 || check_rows(&task) < 0)
		goto out;
	fit.n = task.all.n;
	if (fit_task(&task, &fit) < 0)
		goto out;
	*out = fit;
	result = 0;
out:
	free(task.group);
	return result;
}

static double at(const struct regress_rows *rows, const double *coefficient, size_t row)
{
	double sum = 0;

	for (int j = 0; j < rows->p; j++)
		sum += rows->column[j] ? coefficient[j] * rows->column[j][row] : coefficient[j];
	return sum;
}

double regress_at(const struct regress_rows *rows, const struct regress *fit, size_t row)
{
	return at(rows, fit->coefficient, row);
}

double regress_residual(const struct regress_rows *rows, const double *coefficient, size_t row)
{
	return rows->y[row] - at(rows, coefficient, row);
}
