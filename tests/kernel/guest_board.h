/*
 * guest_board.h - the board of the guest: a relay, a flow meter and a feedback on gpio-sim, a pump on the PWM
 * chip.
 */
#ifndef HEATBENCH_TESTS_KERNEL_GUEST_BOARD_H
#define HEATBENCH_TESTS_KERNEL_GUEST_BOARD_H

#include "tests/kernel/guest.h"

#include "daq/wire/lines_gpiod.h"

enum { RELAY, FLOW, FEEDBACK, PUMP, LINES };

static struct clock *system_time;
static struct clock_seat *seat;

static struct lines_config board(void)
{
	struct lines_config c = {
		.name = "bench",
		.lines = LINES,
		.line = {{.name = "relay", .kind = LINE_OUTPUT, .chip = SIM_LABEL, .offset = 0},
			{.name = "flow", .kind = LINE_EDGES, .chip = SIM_LABEL, .offset = 1},
			{.name = "feedback", .kind = LINE_EDGES, .chip = SIM_LABEL, .offset = 2},
			{.name = "pump",
				.kind = LINE_PWM,
				.chip = "pwmchip0",
				.frequency = 1000,
				.duty = 0.95}},
	};

	return c;
}

static struct lines *opened; /* closed after a test that did not come so far */

static struct lines *open_board(const struct lines_config *c)
{
	struct error e = ERROR_INIT;

	opened = NULL;
	must(lines_open(&opened, c, seat, &e));
	return opened;
}

static void close_board(struct lines *l)
{
	lines_close(l);
	opened = NULL;
}

static int close_after(void **state)
{
	(void)state;
	close_board(opened);
	return 0;
}

/* What main() of both programs does. */
static int run_with_seat(int (*tests)(void))
{
	int failed;

	setvbuf(stdout, NULL, _IOLBF, 0);
	print_message("# libgpiod %s\n", lines_gpiod_version());
	system_time = clock_open_system(1);
	seat = clock_join(system_time, "test");
	failed = tests();
	clock_leave(seat);
	clock_close(system_time);
	return failed;
}

#endif
