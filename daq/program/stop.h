/*
 * stop.h - what ends a run from outside. The user's wish to stop: Ctrl-C, SIGTERM, a closed terminal; the second
 * one does not wait. And the loss of a process that the run needs: then nobody waits for a hold of six hours.
 */
#ifndef HEATBENCH_PROGRAM_STOP_H
#define HEATBENCH_PROGRAM_STOP_H

struct session;
struct error;

/* From here on signals are taken by a thread of this room. Call after every fork. */
int stop_watch(struct error *e);

/* Readable once the user wants to stop; for poll. Valid from stop_prepare on. */
int stop_fd(void);

/* Makes the descriptor; before stop_watch, and before children that poll it are made. */
int stop_prepare(struct error *e);

/* The session that a stop ends; NULL: none (any more). */
void stop_session(struct session *session);

#endif
