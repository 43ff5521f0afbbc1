/*
 * documents.h - wires that carry documents: a page over HTTP (libcurl), registers of Redis (hiredis).
 *
 * A document is text. Over HTTP it is what the server sends; from Redis it is made here: one JSON object with a member for
 * each key that was asked for, a string, or null where Redis has none. Nothing here decodes values (daq/device/document.h).
 *
 * A fetch is bounded in real time by the response time-out, whatever the other side does: connecting, name look-up and a
 * trickle of bytes included. Connections are kept between fetches and opened again by the next fetch after they broke, so
 * that opening an end touches nobody. No proxy and no redirect is followed: another machine's values are not this one's.
 */
#ifndef HEATBENCH_WIRE_DOCUMENTS_H
#define HEATBENCH_WIRE_DOCUMENTS_H

#include "daq/base/clock.h"
#include "daq/wire/words.h"

enum documents_kind { DOCUMENTS_HTTP, DOCUMENTS_REDIS };

enum { DOCUMENTS_MOST = 1 << 20 }; /* bytes of one document; longer ones are refused */

struct documents_config {
	enum documents_kind kind;
	char name[32];	/* of the bus; in a virtual lab also of its endpoint */
	char url[256];	/* HTTP */
	char host[128]; /* Redis */
	int tcp_port, database;
	char password[64];	/* Redis: AUTH; "" none */
	nanos response_timeout; /* bench time, for the whole of a fetch */
};

/* Status: TIMEOUT; GONE: nobody listens, or no such host; CHECKSUM: the document was cut short; EXCEPTION: refused (`code`: HTTP
 * status; 0: Redis, whose words are in `detail`); MISMATCH: no HTTP or Redis at all, or longer than DOCUMENTS_MOST. */
struct documents_reply {
	enum wire_status status;
	int code;
	bool unchanged; /* OK: the server says that it is what it gave last; there is no body */
	nanos before, after, last; /* bench time: the connection stood and the request went out; the same; last byte */
	const char *body; /* OK: `size` bytes and a zero; the end's own, until its next fetch */
	size_t size;
	char detail[200]; /* with any other status: what happened, in words */
};

struct documents;

struct documents_ops {
	void (*fetch)(struct documents *d, const char *const *keys, int count, struct documents_reply *reply);
	void (*forget)(struct documents *d); /* absent: there is nothing to forget */
	void (*use_seat)(struct documents *d, struct clock_seat *seat);
	void (*close)(struct documents *d);
};

struct documents {
	const struct documents_ops *ops;
};

/* `seat` is the calling thread's. Errors: ERROR_CONFIG (no such kind of URL), ERROR_SYSTEM. */
int documents_open(struct documents **out, const struct documents_config *config, struct clock_seat *seat, struct error *e);
void documents_close(struct documents *d); /* NULL is fine */
void documents_use_seat(struct documents *d, struct clock_seat *seat);

/* One document. Redis: the values of `keys` in one MGET; HTTP: `keys` are not looked at. */
void documents_fetch(struct documents *d, const char *const *keys, int count, struct documents_reply *reply);

/* The last document was of no use: the next fetch must not be answered with "unchanged". */
void documents_forget(struct documents *d);

/* "http://cic1:8080/beta/feed/data.json", "redis://cic1:6379/0"; returns `out`. */
const char *documents_address(const struct documents_config *config, char *out, size_t size);

/* Whether the host has no address, in words ("no host is called 'cic9' ..."); looks it up for `ms` real time at most. */
bool documents_host_unknown(const struct documents_config *config, int ms, char *why, size_t size);

#endif
