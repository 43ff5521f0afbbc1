/*
 * guard.h - the process that brings the bench to the safe state when the acquisition cannot.
 *
 * Forked before any thread and any port. The acquisition sends it a pulse; when the pulses stop (a hung bus, a
 * stopped process) it kills the acquisition, and when the acquisition is gone without having said that the
 * bench is safe, it opens the ports itself and walks the bench file's safe steps. It ignores Ctrl-C and leaves
 * the terminal's session, so that what ends the acquisition does not end it.
 */
#ifndef HEATBENCH_ACQUIRE_GUARD_H
#define HEATBENCH_ACQUIRE_GUARD_H

#include "daq/acquire/bench.h"

struct guard;

/* `lifetime_fd` (-1: none) is kept open in the guard: a virtual lab lives until guard and acquisition are gone. */
int guard_start(struct guard **out, const struct bench *bench, int lifetime_fd, struct error *e);

/* Where the guard writes what it had to do (guard.log in the run's folder). */
void guard_folder(struct guard *guard, const char *run_path);

/* Outputs are about to leave the safe state / have been brought to it. */
void guard_arm(struct guard *guard);
void guard_disarm(struct guard *guard);

/* Still alive; at least every second while armed, else the guard acts after GUARD_PATIENCE_MS. */
void guard_pulse(struct guard *guard);

enum { GUARD_PATIENCE_MS = 3000 };

/* Lets it end, and waits for it. While armed this makes it walk the safe steps: close the ports before.
 * Returns false when it had to and could not. NULL is fine (true). */
bool guard_end(struct guard *guard);

#endif
