/*
 * live_gnuplot.h - a gnuplot that stays, for one picture after the other.
 *
 * It is another process, and whatever it does (die, hang, be killed, have its window closed) every call here
 * comes back: it is fed through a socket pair, so there is no SIGPIPE; it says when a picture is done, within
 * a deadline or it is killed; SIGINT, SIGTERM and SIGHUP end every wait. $HEATBENCH_GNUPLOT names another
 * gnuplot.
 */
#ifndef HEATBENCH_CLI_LIVE_GNUPLOT_H
#define HEATBENCH_CLI_LIVE_GNUPLOT_H

#include <stdbool.h>
#include <stddef.h>

struct error;
struct text;
struct live_gnuplot;

enum live_event {
	LIVE_FAILED = -1, /* with an error */
	LIVE_DONE = 0,	  /* the script was carried out; the time is over */
	LIVE_CLOSED,	  /* gnuplot ended by itself, with status 0: its window was closed */
	LIVE_STOPPED,	  /* Ctrl-C, or told to end */
};

/* Starts it, with so much time for each script. From here on the signals above wait for the calls below.
 * Errors: ERROR_SYSTEM. */
int live_gnuplot_open(struct live_gnuplot **out, int deadline_ms, struct error *e);

/* Ends it: it is asked to, and killed where it does not. NULL is fine. */
void live_gnuplot_close(struct live_gnuplot *g);

/* Has a script carried out. What it printed goes to `answer` (may be NULL), which the caller frees. Errors:
 * ERROR_SYSTEM with gnuplot's last words. */
enum live_event live_gnuplot_do(
	struct live_gnuplot *g, const char *script, size_t length, struct text *answer, struct error *e);

/* Lets time pass. */
enum live_event live_gnuplot_wait(struct live_gnuplot *g, int ms, struct error *e);

#endif
