/*
 * listener.h - a serial line whose master is somebody else: what goes by is read, and nothing is ever sent.
 *
 * The port is opened for reading alone, so that not even a mistake could send. An adapter whose driver enable is wired to
 * a modem line must have it off: on real ports RTS is cleared. One handle, one thread, one port (flock, as daq/wire/port.h).
 */
#ifndef HEATBENCH_WIRE_LISTENER_H
#define HEATBENCH_WIRE_LISTENER_H

#include "daq/wire/words.h"

struct listener;

/* `config` as for words_open; RTU alone. Errors: as words_open. */
int listener_open(struct listener **out, const struct words_config *config, struct error *e);
void listener_close(struct listener *l); /* NULL is fine */

/* What has come, waiting up to `ms` real milliseconds for the first of it. Returns how many bytes, 0 for none, -1 when the
 * port is gone. */
int listener_read(struct listener *l, uint8_t *out, size_t room, int ms);

#endif
