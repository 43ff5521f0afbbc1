/*
 * procedure.h - a procedure: Lua 5.4 in a process of its own, which can be killed.
 *
 * The child sees no files, processes or coroutines; memory and the subjects of patterns are capped; an
 * endless loop between two calls runs into an instruction limit that pcall cannot swallow. Each call travels
 * over a socket pair to the parent, which asks the target (daq/acquire/target.h).
 *
 *	step{ "wilo at 100", dut = "wilo", valve = "open", set_point = 100, unit = "..." }   begins a step
 *	set("wilo_duty", 100)          output channel, in its unit; or set("flow_sp", "800 l/h")
 *	hold(10) or hold("10 s")       lets time pass
 *	measure{ samples = 30 } or measure{ duration = "30 s", name = "..." }
 *	                               -> { channel = { mean=, sd=, min=, max=, last=, n=, bad= }, ... }
 *	settle{ "wilo_flow", within = "10 l/h", window = "10 s", limit = "120 s" }
 *	read("wilo_flow")              -> value or nil, quality
 *	ask("Close the valve, then Enter")   -> answer; needs a terminal or --answers
 *	note("text") · assert(cond, "why") · error("why")
 *	bench.name, bench.tick, bench.duts (array of { name=, kind=, profile=, duty=, relay=, flow= ... :
 *	channel names by role }), bench.has("valve")
 */
#ifndef HEATBENCH_SCRIPT_PROCEDURE_H
#define HEATBENCH_SCRIPT_PROCEDURE_H

#include "daq/acquire/target.h"

#include <stdbool.h>

struct procedure;

struct procedure_options {
	long instructions;   /* between two calls; 0: 50 million */
	long memory;	     /* bytes; 0: 64 MiB */
	long calls;	     /* at most; 0: no limit */
	int stop_fd;	     /* readable when the user wants to stop; -1: none */
	bool trace;	     /* note which lines ran, for procedure_unreached() */
	const char *argument; /* text that the procedure sees as `argument`; NULL: none */
};

/* Starts the child (call before threads are started: it forks). Errors: ERROR_IO, ERROR_CONFIG (syntax). */
int procedure_start(struct procedure **out, const char *path, const struct bench *bench,
	const struct procedure_options *options, struct error *e);

/* Serves the child until it ends. 0: it ran to its end. Errors: ERROR_LIMIT (a step failed, assert, budget),
 * ERROR_CONFIG (unknown channel, wrong type: with file and line), ERROR_STOPPED. */
int procedure_serve(struct procedure *p, const struct target *target, struct error *e);

/* Lines with code that never ran, as "12-14, 20"; "" if all did. Valid until procedure_close. */
const char *procedure_unreached(struct procedure *p);

/* Ends the child if it still runs; NULL is fine. */
void procedure_close(struct procedure *p);

#endif
