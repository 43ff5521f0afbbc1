/*
 * view.h - shows a run while it goes on: a screen where the output is a terminal, plain lines where not.
 *
 * A thread of its own that only looks (session_view); a terminal that blocks blocks nobody else.
 */
#ifndef HEATBENCH_PROGRAM_VIEW_H
#define HEATBENCH_PROGRAM_VIEW_H

#include "daq/acquire/session.h"

struct view;

struct view_setup {
	struct session *session;
	const struct bench *bench;
	const char *run; /* its folder */
	bool simulated;
	nanos duration; /* expected, from the dry run; 0: not known */
	int steps;	/* expected */
};

int view_start(struct view **out, const struct view_setup *setup, struct error *e);

/* While somebody else uses the terminal (a question to the operator). NULL is fine. */
void view_pause(struct view *view);
void view_resume(struct view *view);

/* Ends the thread and leaves the terminal in order. NULL is fine. */
void view_stop(struct view *view);

#endif
