/*
 * live_process.h - heatbench-live on the run that is going on: started, listened to, and left to itself.
 *
 * Nobody waits for it: it is no child of the acquisition (whose children are missed when they end), holds
 * nothing of it (ports, guard, lock of the run), and ends by itself when the run has ended. What keeps it from
 * drawing is a warning in the log.
 */
#ifndef HEATBENCH_PROGRAM_LIVE_PROCESS_H
#define HEATBENCH_PROGRAM_LIVE_PROCESS_H

struct live_process;
struct log;

/* Shows the run in this folder. NULL where that cannot be; then the log says why, and the run goes on. */
struct live_process *live_process_start(const char *run, struct log *log);

/* Stops listening, before the log is closed; the window stays. NULL is fine. */
void live_process_leave(struct live_process *live);

#endif
