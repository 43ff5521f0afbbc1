/*
 * view.h - shows a run while it goes on: a screen where the output is a terminal, plain lines where not.
 *
 * The screen is a thread of its own that only looks (session_view); a terminal that blocks blocks nobody else.
 * Plain lines are one for each step, by view_stepped.
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

/* Whether the output is a terminal that can be painted. */
bool view_is_screen(void);

/* The form that session_setup.stepped wants; `setup` is a struct view_setup, of which only `steps` is used.
 * Prints a line, where there is no screen. */
void view_stepped(void *setup, int64_t number, const char *name, nanos at);

/* The screen. */
int view_start(struct view **out, const struct view_setup *setup, struct error *e);

/* While somebody else uses the terminal (a question to the operator). NULL is fine. */
void view_pause(struct view *view);
void view_resume(struct view *view);

/* Ends the thread and leaves the terminal in order. NULL is fine. */
void view_stop(struct view *view);

#endif
