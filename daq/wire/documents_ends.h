/*
 * documents_ends.h - what the real ends of documents.h share: how long to wait, and stamps.
 */
#ifndef HEATBENCH_WIRE_DOCUMENTS_ENDS_H
#define HEATBENCH_WIRE_DOCUMENTS_ENDS_H

#include "daq/wire/documents.h"

struct documents_end {
	struct documents documents;
	struct documents_config config;
	struct clock_seat *seat;
	int64_t give_up; /* of the fetch under way, clock_wall_ms() */
	nanos begun;	 /* of it, bench time */
};

int documents_http_open(struct documents **out, const struct documents_config *config, struct clock_seat *seat,
	struct error *e);
int documents_redis_open(struct documents **out, const struct documents_config *config, struct clock_seat *seat,
	struct error *e);

/* A fetch begins, and ends: the modelled time of a virtual lab passes, and the stamps are in order. `sent` is the real
 * time from the begin until the request went out. */
void documents_begin(struct documents_end *end, struct documents_reply *r);
void documents_settle(struct documents_end *end, struct documents_reply *r, nanos sent);

/* Real milliseconds left to the fetch; 0: none. */
int documents_left(const struct documents_end *end);

/* In lock-step: whether the lab says that no answer comes before time moves. */
bool documents_silent(struct documents_end *end);

void documents_fail(struct documents_reply *r, enum wire_status status, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#endif
