/*
 * lock.h - one writer per run: flock() on the file `lock` in the run's folder, which names its process.
 *
 * On a file of its own, because closing any descriptor of run.db would drop SQLite's locks on it. The
 * kernel lets go when the process ends, however it ends; a child forked by the writer that lives on holds on.
 */
#ifndef HEATBENCH_STORE_LOCK_H
#define HEATBENCH_STORE_LOCK_H

struct error;

/* Takes the lock; returns a descriptor. Errors: ERROR_BUSY with the writer's process, ERROR_IO. */
int lock_take(const char *folder, struct error *e);

/* Lets go; `remove_file` takes the file away too: at the end of a run it has no more meaning. */
void lock_drop(const char *folder, int fd, int remove_file);

/* Process id of whoever writes the run, 0 if nobody does. Changes nothing. */
int lock_holder(const char *folder);

#endif
