#include "daq/script/procedure_calls.h"

#include "daq/acquire/bench.h"
#include "daq/base/error.h"
#include "daq/base/text.h"
#include "daq/script/procedure_form.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static json_t *number_or_null(double v)
{
	return isfinite(v) ? json_real(v) : json_null();
}

static int do_set(struct call_context *c, const struct call_form *f, json_t *answer, struct error *e)
{
	(void)answer;
	return c->target->set(c->target->self, f->index, f->number, e);
}

static int do_hold(struct call_context *c, const struct call_form *f, json_t *answer, struct error *e)
{
	(void)answer;
	return c->target->wait(c->target->self, f->duration, e);
}

static int do_step(struct call_context *c, const struct call_form *f, json_t *answer, struct error *e)
{
	struct target_step step = {.set_point = f->number};

	(void)answer;
	text_copy(step.name, sizeof(step.name), f->name);
	text_copy(step.dut, sizeof(step.dut), f->dut);
	text_copy(step.valve, sizeof(step.valve), f->valve);
	text_copy(step.unit, sizeof(step.unit), f->unit);
	return c->target->step(c->target->self, &step, e);
}

static json_t *measured(const struct bench *bench, const struct measurement *m)
{
	json_t *all = json_object();

	for (int i = 0; i < bench->channels; i++) {
		json_t *one = json_object();
		const struct {
			const char *name;
			double value;
		} parts[] = {{"mean", m[i].mean}, {"sd", m[i].sd}, {"min", m[i].min}, {"max", m[i].max},
			{"last", m[i].last}};

		for (size_t k = 0; k < sizeof(parts) / sizeof(parts[0]); k++)
			if (isfinite(parts[k].value)) /* unknown is nil, never a number */
				json_object_set_new(one, parts[k].name, json_real(parts[k].value));
		json_object_set_new(one, "n", json_integer(m[i].good));
		json_object_set_new(one, "bad", json_integer(m[i].bad));
		json_object_set_new(all, bench->channel[i].name, one);
	}
	return all;
}

static int do_measure(struct call_context *c, const struct call_form *f, json_t *answer, struct error *e)
{
	const struct bench *bench = c->target->bench;
	struct measurement *m = calloc((size_t)bench->channels + 1, sizeof(*m));
	int result;

	if (!m)
		return error_set(e, ERROR_SYSTEM, "no memory for a measurement");
	result = c->target->measure(c->target->self, f->name, f->duration, m, e);
	if (result == 0)
		json_array_append_new(answer, measured(bench, m));
	free(m);
	return result;
}

static int do_settle(struct call_context *c, const struct call_form *f, json_t *answer, struct error *e)
{
	(void)answer;
	return c->target->settle(c->target->self, f->index, f->band, f->window, f->limit, e);
}

/* Reads once a tick until the value has arrived. */
static int do_await(struct call_context *c, const struct call_form *f, json_t *answer, struct error *e)
{
	const struct target *t = c->target;
	const struct bench_channel *channel = &t->bench->channel[f->index];
	enum quality quality = QUALITY_GAP;
	double value = NAN;

	for (nanos waited = 0;; waited += t->bench->tick) {
		if (t->read(t->self, f->index, &value, &quality, e) != 0)
			return -1;
		if (c->dry || (quality == QUALITY_GOOD && fabs(value - f->number) <= f->band))
			break;
		if (waited >= f->limit)
			return error_set(e, ERROR_LIMIT, "%s did not come within %g of %g %s in %g s (now %g, %s)",
				channel->name, f->band, f->number, channel->unit, (double)f->limit / 1e9, value,
				quality_name(quality));
		if (t->wait(t->self, t->bench->tick, e) != 0)
			return -1;
	}
	json_array_append_new(answer, number_or_null(value));
	return 0;
}

static int do_read(struct call_context *c, const struct call_form *f, json_t *answer, struct error *e)
{
	enum quality quality = QUALITY_GAP;
	double value = NAN;

	if (c->target->read(c->target->self, f->index, &value, &quality, e) != 0)
		return -1;
	json_array_append_new(answer, number_or_null(value));
	json_array_append_new(answer, json_string(quality_name(quality)));
	return 0;
}

static int do_ask(struct call_context *c, const struct call_form *f, json_t *answer, struct error *e)
{
	char said[512] = "";
	json_t *text;

	if (c->target->ask(c->target->self, f->text, said, sizeof(said), e) != 0)
		return -1;
	text = json_string(said);
	if (!text)
		return error_set(e, ERROR_LIMIT, "the answer to \"%s\" is not UTF-8", f->text);
	json_array_append_new(answer, text);
	return 0;
}

static int do_note(struct call_context *c, const struct call_form *f, json_t *answer, struct error *e)
{
	(void)answer;
	return c->target->note(c->target->self, f->text, e);
}

static const struct {
	const char *name;
	int (*carry_out)(struct call_context *c, const struct call_form *f, json_t *answer, struct error *e);
} calls[] = {
	{"step", do_step}, {"set", do_set}, {"hold", do_hold}, {"measure", do_measure}, {"settle", do_settle},
	{"await", do_await}, {"read", do_read}, {"ask", do_ask}, {"note", do_note},
};
enum { CALLS = sizeof(calls) / sizeof(calls[0]) };

const char *const procedure_call_names[] = {"step", "set", "hold", "measure", "settle", "await", "read", "ask",
	"note", NULL};

static int find_call(const char *name)
{
	for (int i = 0; i < CALLS; i++)
		if (name && strcmp(calls[i].name, name) == 0)
			return i;
	return -1;
}

/* The child's line goes before the sentence. */
static json_t *refusal(const char *at, const char *name, const struct error *inner)
{
	struct text text = TEXT_INIT;
	json_t *reply;

	text_add(&text, "%s: %s: %s", at, name, inner->text);
	reply = json_pack("{s:s, s:i}", "error", text.data ? text.data : inner->text, "code", (int)inner->code);
	text_free(&text);
	return reply;
}

static int carry_out(struct call_context *context, int call, const struct call_form *form, const char *at,
	json_t **answer, struct error *e)
{
	struct error inner = ERROR_INIT;
	json_t *values = json_array();

	if (calls[call].carry_out(context, form, values, &inner) == 0) {
		*answer = json_pack("{s:o}", "return", values);
		return 0;
	}
	json_decref(values);
	if (inner.code == ERROR_STOPPED || inner.code == ERROR_SYSTEM)
		return error_set(e, inner.code, "%s", inner.text);
	*answer = refusal(at, calls[call].name, &inner);
	return 0;
}

static int record(struct call_context *context, const char *what, const json_t *answer, struct error *e)
{
	char *text;
	int result;

	if (!context->target->record)
		return 0;
	text = json_dumps(answer, JSON_COMPACT | JSON_REAL_PRECISION(17));
	if (!text)
		return error_set(e, ERROR_SYSTEM, "no memory to record a call");
	result = context->target->record(context->target->self, context->number, what, text, e);
	free(text);
	return result;
}

/* *answer stays NULL where the call is to be carried out. */
static int recall(struct call_context *context, const char *what, json_t **answer, struct error *e)
{
	char *text = NULL;
	int result = 0;

	if (!context->target->recall)
		return 0;
	if (context->target->recall(context->target->self, context->number, what, &text, e) != 0)
		return -1;
	if (text) {
		*answer = json_loads(text, 0, NULL);
		if (!json_is_object(*answer))
			result = error_set(e, ERROR_DATA, "the record of call %ld (%s) is no JSON object", context->number,
				what);
	}
	free(text);
	return result;
}

int procedure_call(struct call_context *context, const json_t *message, json_t **answer, struct error *e)
{
	const char *name = json_string_value(json_object_get(message, "call"));
	const char *at = json_string_value(json_object_get(message, "at"));
	struct call_form form;
	struct error inner = ERROR_INIT;
	struct text what = TEXT_INIT;
	json_t *reply = NULL;
	int call = find_call(name), result = -1;

	if (call < 0 || !at)
		return error_set(e, ERROR_SYSTEM, "the procedure sent a call that does not exist");
	if (call_form_read(&form, name, json_object_get(message, "arguments"), context->target->bench, &inner) != 0) {
		*answer = refusal(at, name, &inner);
		return 0;
	}
	call_form_describe(&form, name, context->target->bench, &what);
	if (what.failed) {
		error_set(e, ERROR_SYSTEM, "no memory for a call");
		goto out;
	}
	context->number++;
	if (recall(context, what.data, &reply, e) != 0)
		goto out;
	if (!reply && (carry_out(context, call, &form, at, &reply, e) != 0 ||
			      record(context, what.data, reply, e) != 0))
		goto out;
	*answer = reply;
	reply = NULL;
	result = 0;
out:
	json_decref(reply);
	text_free(&what);
	return result;
}

void procedure_calls_help(FILE *to)
{
	for (int i = 0; i < CALLS; i++)
		call_form_help(calls[i].name, to);
}
