#include "daq/program/view.h"

#include "daq/base/error.h"
#include "daq/base/text.h"
#include "daq/base/units.h"

#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { SCREEN_MS = 250 };

struct view {
	struct view_setup setup;
	pthread_t thread;
	atomic_bool stop;
	pthread_mutex_t paint; /* held while painting, and while paused */
};

bool view_is_screen(void)
{
	const char *terminal = getenv("TERM");

	return isatty(STDOUT_FILENO) && terminal && strcmp(terminal, "dumb") != 0;
}

static void add_time(struct text *t, nanos duration)
{
	int64_t s = duration > 0 ? duration / NANOS_PER_S : 0;

	text_add(t, "%lld:%02lld:%02lld", (long long)(s / 3600), (long long)(s / 60 % 60), (long long)(s % 60));
}

static void add_value(struct text *t, const struct bench_channel *c, const struct board_value *v, nanos now)
{
	char number[32] = "-", unit[24];

	if (!isnan(v->value))
		snprintf(number, sizeof(number), "%.*f", c->resolution >= 1 ? 0 : c->resolution >= 0.1 ? 1 : 2, v->value);
	text_add(t, "  %-22s %12s%-10s %-10s", c->name, number, unit_label(c->unit, unit),
		quality_name(v->quality));
	if (v->at)
		text_add(t, " %6.1f s ago", (double)(now - v->at) / 1e9);
	text_add(t, "\033[K\n");
}

/* 99th percentile of the wake-ups' lateness, as the upper edge of its bin in us; 0 without any. */
static double late_p99(const struct bus_health *h)
{
	int64_t all = 0, sum = 0;

	for (int i = 0; i < BUS_LATENESS; i++)
		all += h->lateness[i];
	for (int i = 0; i < BUS_LATENESS; i++) {
		sum += h->lateness[i];
		if (all && sum * 100 >= all * 99)
			return ldexp(1, i);
	}
	return 0;
}

static void add_bus(struct text *t, const char *name, const struct bus_health *h)
{
	text_add(t, "  bus %-8s %7lld exchanges, %lld time-outs, %lld bad, %lld late, %lld ticks missed, busy %.0f %%",
		name, (long long)h->transactions, (long long)h->timeouts, (long long)(h->checksums + h->wrong),
		(long long)h->late, (long long)h->missed_ticks, h->span ? 100.0 * (double)h->busy / (double)h->span : 0.0);
	if (late_p99(h) >= 1000)
		text_add(t, ", woken within %.0f ms", late_p99(h) / 1000);
	else if (late_p99(h) > 0)
		text_add(t, ", woken within %.0f us", late_p99(h));
	text_add(t, "\033[K\n");
}

static void add_progress(struct view *view, struct text *t, const struct session_view *v)
{
	nanos elapsed = v->now - v->started;

	text_add(t, "step %lld/%d  \033[1m%s\033[0m   %s\033[K\n", (long long)v->step_number, view->setup.steps,
		v->step.name, v->doing);
	text_add(t, "elapsed ");
	add_time(t, elapsed);
	if (view->setup.duration) {
		text_add(t, "  remaining about ");
		add_time(t, view->setup.duration - elapsed);
	}
	text_add(t, "  scans %lld, not good %lld values, dropped %llu\033[K\n\033[K\n", (long long)v->counts.scans,
		(long long)v->counts.not_good, (unsigned long long)v->drops);
}

/* Lines that are too long are cut (no wrapping, ?7l): else they would push the picture off a small terminal. */
static void paint_screen(struct view *view, const struct session_view *v)
{
	const struct bench *bench = view->setup.bench;
	struct winsize size = {.ws_row = 24};
	struct text t = TEXT_INIT;
	int room;

	ioctl(STDOUT_FILENO, TIOCGWINSZ, &size);
	room = size.ws_row - 8 - bench->buses;
	text_add(&t, "\033[?7l\033[H\033[1m%s\033[0m  %s%s\033[K\n", bench->title[0] ? bench->title : bench->name,
		view->setup.run, view->setup.simulated ? "  (simulated)" : "");
	add_progress(view, &t, v);
	for (int c = 0; c < bench->channels && c < room; c++)
		add_value(&t, &bench->channel[c], &v->value[c], v->now);
	if (bench->channels > room && room > 0)
		text_add(&t, "  ... %d more channels\033[K\n", bench->channels - room);
	text_add(&t, "\033[K\n");
	for (int b = 0; b < bench->buses; b++)
		add_bus(&t, bench->bus[b].words.name, &v->health[b]);
	text_add(&t, "\033[KCtrl-C ends safely\033[J\033[?7h");
	if (!t.failed && write(STDOUT_FILENO, t.data, t.length) < 0)
		atomic_store(&view->stop, true); /* the terminal is gone; the run is not */
	text_free(&t);
}

void view_stepped(void *setup, int64_t number, const char *name, nanos at)
{
	const struct view_setup *s = setup;

	if (view_is_screen())
		return;
	printf("%9.1f s  step %lld/%d  %s\n", at > 0 ? (double)at / 1e9 : 0.0, (long long)number, s->steps, name);
	fflush(stdout);
}

static void *view_thread(void *argument)
{
	struct view *view = argument;
	struct session_view *v = malloc(sizeof(*v));

	while (v && !atomic_load(&view->stop)) {
		pthread_mutex_lock(&view->paint);
		session_view(view->setup.session, v);
		paint_screen(view, v);
		pthread_mutex_unlock(&view->paint);
		usleep(SCREEN_MS * 1000);
	}
	free(v);
	return NULL;
}

int view_start(struct view **out, const struct view_setup *setup, struct error *e)
{
	struct view *view = calloc(1, sizeof(*view));
	int result;

	if (!view)
		return error_set(e, ERROR_SYSTEM, "no memory for the view");
	view->setup = *setup;
	pthread_mutex_init(&view->paint, NULL);
	printf("\033[2J\033[?25l");
	fflush(stdout);
	result = pthread_create(&view->thread, NULL, view_thread, view);
	if (result != 0) {
		free(view);
		return error_set(e, ERROR_SYSTEM, "no thread for the view: %s", strerror(result));
	}
	*out = view;
	return 0;
}

void view_pause(struct view *view)
{
	if (!view)
		return;
	pthread_mutex_lock(&view->paint);
	printf("\033[?25h\n");
	fflush(stdout);
}

void view_resume(struct view *view)
{
	if (!view)
		return;
	printf("\033[2J\033[?25l");
	fflush(stdout);
	pthread_mutex_unlock(&view->paint);
}

void view_stop(struct view *view)
{
	if (!view)
		return;
	atomic_store(&view->stop, true);
	pthread_join(view->thread, NULL);
	printf("\033[?25h\n");
	fflush(stdout);
	pthread_mutex_destroy(&view->paint);
	free(view);
}
