/*
 * procedure.h - a procedure: Lua 5.4 in a process of its own, which can be killed.
 *
 * The child sees no files, processes or coroutines; memory and the subjects of patterns are capped; an
 * endless loop between two calls runs into an instruction limit that pcall cannot swallow. Each call travels
 * over a socket pair to the parent, which checks it and asks the target (daq/acquire/target.h).
 *
 *	step{ "wilo at 100", dut = "wilo", valve = "open", set_point = 100, unit = "..." }   begins a step
 *	set("wilo_duty", 100)          output channel, in its unit; or set("flow_sp", "800 l/h")
 *	hold(10) or hold("10 s")       lets time pass
 *	measure{ samples = 30 } or measure{ duration = "30 s", name = "..." }
 *	                               -> { channel = { mean=, sd=, min=, max=, last=, n=, bad= }, ... }
 *	settle{ "wilo_flow", within = "10 l/h", window = "10 s", limit = "120 s" }
 *	await{ "valve_position", near = "30 %", within = "2 %", limit = "180 s" }   -> value
 *	read("wilo_flow")              -> value or nil, quality
 *	ask("Close the valve, then Enter")   -> answer; needs a terminal or --answers
 *	note("text") · print(...) · assert(cond, "why") · error("why")
 *	bench.name, bench.title, bench.tick (s), bench.dry, bench.has("valve"), bench.roles.valve,
 *	bench.channels.wilo_duty = { unit=, quantity=, min=, max=, output=, dut=, role= },
 *	bench.duts (array of { name=, kind=, profile=, serial=, firmware=, duty=, relay=, flow= ... : channel
 *	names by role; those of the whole bench where the dut has none })
 *	argument                       text given at the start, or false
 *
 * Every call takes its arguments in order or by name: set{ channel = "wilo_duty", value = 100 }.
 */
#ifndef HEATBENCH_SCRIPT_PROCEDURE_H
#define HEATBENCH_SCRIPT_PROCEDURE_H

#include <stddef.h>

#include "daq/acquire/target.h"

#include <stdbool.h>
#include <stdio.h>

struct procedure;

struct procedure_options {
	long instructions;   /* between two calls; 0: 50 million */
	long memory;	     /* bytes; 0: 64 MiB */
	long calls;	     /* at most; 0: no limit */
	int stop_fd;	     /* readable when the user wants to stop; -1: none */
	bool trace;	     /* note which lines ran, for procedure_unreached() */
	bool dry;	     /* nothing moves: await is content at once, and the procedure sees bench.dry */
	const char *argument; /* text that the procedure sees as `argument`; NULL: none */
};

/* Starts the child (call before threads are started: it forks, and the child ends with the thread that
 * forked it). `bench` must live until procedure_close. Errors: ERROR_IO, ERROR_CONFIG (syntax). */
int procedure_start(struct procedure **out, const char *path, const struct bench *bench,
	const struct procedure_options *options, struct error *e);

/* Serves the child until it ends. 0: it ran to its end. Errors: ERROR_LIMIT (a step failed, assert, budget),
 * ERROR_CONFIG (unknown channel, wrong type: with file and line), ERROR_STOPPED, and those of the target. */
int procedure_serve(struct procedure *p, const struct target *target, struct error *e);

/* Lines with code that never ran, as "12-14, 20"; "" if all did. Valid until procedure_close. Functions that
 * ran or could be reached by name are looked into; one that was built inside a function that never ran, or
 * handed away without ever being in a variable, is not seen. */
const char *procedure_unreached(struct procedure *p);

/* Ends the child if it still runs; NULL is fine. */
void procedure_close(struct procedure *p);

/* The calls and their arguments, as Markdown. */
void procedure_help(FILE *to);

#endif
