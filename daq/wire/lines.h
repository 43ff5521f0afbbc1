/*
 * lines.h - wires that carry levels: GPIO outputs, GPIO inputs with time-stamped edges, PWM outputs.
 *
 * A `lines` handle is one board of lines: what one thread drives and reads. Ends: the kernel's (GPIO through
 * libgpiod 1.6 or 2.x, chosen at build time, PWM through /sys/class/pwm), the virtual lab's (a Unix socket,
 * lines_virtual.c), and a faulty one for tests. Edges carry the kernel's stamps (CLOCK_MONOTONIC), taken where
 * the edge happened, not where it was read.
 *
 * What the hardware forces:
 *  - libgpiod 1.6's kernel queue holds 16 events and overflows without a word: the end reads edges in a thread
 *    of its own into a ring, and what was lost shows as edges that do not alternate (lost_edges).
 *  - A kernel PWM is never disabled or unexported: an iPWM1 pump whose signal is cut runs at full speed. An
 *    output keeps its level after lines_close where the kernel lets it.
 */
#ifndef HEATBENCH_WIRE_LINES_H
#define HEATBENCH_WIRE_LINES_H

#include "daq/base/clock.h"

#include <stddef.h>
#include <stdbool.h>
#include <stdint.h>

enum line_kind { LINE_OUTPUT, LINE_EDGES, LINE_PWM };
enum line_pull { LINE_PULL_NONE, LINE_PULL_UP, LINE_PULL_DOWN };

struct line_config {
	char name[32];	 /* for messages; in a virtual lab the name of its line */
	enum line_kind kind;
	char chip[64];	 /* "gpiochip0", "/dev/gpiochip0" or a chip's label; PWM: "pwmchip0" */
	int offset;	 /* line of the chip; channel of the PWM chip */
	bool active_low; /* electrical low means 1 (outputs and edges); PWM: the driver stage inverts the signal */
	bool initial;	 /* LINE_OUTPUT: level it takes when requested */
	enum line_pull pull;
	double frequency; /* LINE_PWM: Hz */
	double duty;	  /* LINE_PWM: share of the period it starts with, 0..1 */
};

enum { LINES_MOST = 32 };

struct lines_config {
	char name[32]; /* of the board */
	char socket[128]; /* virtual lab: path of its line socket; "": the kernel's lines */
	int lines;
	struct line_config line[LINES_MOST];
};

struct edge {
	nanos at; /* bench time */
	bool rising;
};

/* Of one input since it was opened. */
struct line_state {
	uint64_t edges, lost_edges; /* lost: two edges of a kind in a row, a gap in the kernel's numbers, or (libgpiod
				       1.6, at least one) a kernel queue that was found full */
	bool level;
	nanos last; /* of the last edge; 0: none yet */
};

enum line_status { LINE_OK = 0, LINE_GONE, LINE_REFUSED };

struct lines;

struct lines_ops {
	enum line_status (*set)(struct lines *l, int line, bool level);
	enum line_status (*set_duty)(struct lines *l, int line, double duty);
	enum line_status (*get)(struct lines *l, int line, struct line_state *state);
	int (*take)(struct lines *l, int line, struct edge *out, int room);
	const char *(*detail)(struct lines *l);
	void (*use_seat)(struct lines *l, struct clock_seat *seat);
	void (*close)(struct lines *l);
};

struct lines {
	const struct lines_ops *ops;
};

/* Requests every line of the board. Errors: ERROR_BUSY (a line in use, by whom: the consumer's label),
 * ERROR_DEVICE (no such chip, line or PWM channel; a PWM that refuses its period or duty), each with names. */
int lines_open(struct lines **out, const struct lines_config *config, struct clock_seat *seat, struct error *e);
void lines_close(struct lines *l); /* NULL is fine */
void lines_use_seat(struct lines *l, struct clock_seat *seat);

/* An output's level, in logical terms (active_low is applied below). */
enum line_status lines_set(struct lines *l, int line, bool level);

/* A PWM's duty as a share of the period, 0..1; inversion by the driver stage is applied below. */
enum line_status lines_set_duty(struct lines *l, int line, double duty);

/* State of an input, and the edges that came since they were last taken (oldest first, logical levels).
 * Returns how many; when the ring ran over, the oldest are gone and counted as lost. */
enum line_status lines_get(struct lines *l, int line, struct line_state *state);
int lines_take(struct lines *l, int line, struct edge *out, int room);

/* What the last refusal was about, in words. */
const char *lines_detail(struct lines *l);

/* Why the calling user cannot open the board ("there is no GPIO chip ...", "user lab is not in group gpio"), or false. */
bool lines_lacks_permission(const struct lines_config *config, char *why, size_t size);

#endif
