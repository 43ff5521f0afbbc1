/* Lines without a kernel: rings, faulty end, PWM on a folder that looks like sysfs, and what is refused. */
#include "tests/check.h"

#include "daq/base/clock.h"
#include "daq/wire/lines_faulty.h"
#include "daq/wire/lines_pwm.h"
#include "daq/wire/lines_ring.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct lines_config board = {
	.name = "bench",
	.lines = 3,
	.line = {{.name = "relay", .kind = LINE_OUTPUT}, {.name = "flow", .kind = LINE_EDGES},
		{.name = "pump", .kind = LINE_PWM, .frequency = 1000, .duty = 1}},
};

static struct lines *memory(void)
{
	struct error e = ERROR_INIT;
	struct lines *l = NULL;

	must(lines_memory_open(&l, &board, &e));
	return l;
}

static void edges_come_out_in_order_and_once(void **state)
{
	struct lines *l = memory();
	struct edge edges[8];
	struct line_state s;

	(void)state;
	for (int i = 0; i < 5; i++)
		lines_memory_feed(l, 1, 100 + i, i % 2 == 0);
	assert_int_equal(lines_get(l, 1, &s), LINE_OK);
	assert_int_equal(s.edges, 5);
	assert_int_equal(s.lost_edges, 0);
	assert_int_equal(s.last, 104);
	assert_true(s.level);
	assert_int_equal(lines_take(l, 1, edges, 3), 3);
	assert_int_equal(edges[0].at, 100);
	assert_int_equal(lines_take(l, 1, edges, 8), 2);
	assert_int_equal(edges[1].at, 104);
	assert_true(edges[1].rising);
	assert_int_equal(lines_take(l, 1, edges, 8), 0);
	lines_close(l);
}

static void a_ring_that_runs_over_keeps_the_latest_and_counts_the_rest_as_lost(void **state)
{
	struct lines_ring *ring = calloc(1, sizeof(*ring));
	struct edge edge = {0, false}, out;

	(void)state;
	lines_ring_begin(ring, false);
	for (int i = 0; i < LINES_RING_EDGES + 10; i++) {
		edge.at = i;
		edge.rising = !edge.rising;
		lines_ring_put(ring, &edge);
	}
	assert_int_equal(ring->state.edges, LINES_RING_EDGES + 10);
	assert_int_equal(ring->state.lost_edges, 10);
	assert_int_equal(lines_ring_take(ring, &out, 1), 1);
	assert_int_equal(out.at, 10);
	free(ring);
}

static void a_gap_in_the_kernels_numbers_is_counted_once(void **state)
{
	struct lines_ring *ring = calloc(1, sizeof(*ring));
	struct edge up = {1, true};

	(void)state;
	lines_ring_begin(ring, false);
	lines_ring_put(ring, &up);
	lines_ring_lost(ring, 3); /* falling, rising, falling */
	lines_ring_put(ring, &up);
	assert_int_equal(ring->state.lost_edges, 3);
	lines_ring_put(ring, &up); /* and now one that nobody numbered */
	assert_int_equal(ring->state.lost_edges, 4);
	free(ring);
}

static void lost_edges_show_as_edges_that_do_not_alternate(void **state)
{
	static const struct lines_fault faults[] = {{.kind = LINES_LOST, .line = 1, .from = 3, .count = 1}};
	struct error e = ERROR_INIT;
	struct lines *inner = memory(), *l = NULL;
	struct line_state s;

	(void)state;
	must(lines_faulty_open(&l, inner, faults, 1, &e));
	for (int i = 0; i < 10; i++)
		lines_memory_feed(inner, 1, 100 * (i + 1), i % 2 == 0);
	assert_int_equal(lines_get(l, 1, &s), LINE_OK);
	assert_int_equal(s.edges, 9);
	assert_int_equal(s.lost_edges, 1);
	lines_close(l);
}

static void a_bouncing_contact_gives_three_edges_for_one(void **state)
{
	static const struct lines_fault faults[] = {
		{.kind = LINES_BOUNCE, .line = 1, .from = 0, .count = 1, .width = 300}};
	struct error e = ERROR_INIT;
	struct lines *inner = memory(), *l = NULL;
	struct edge edges[8];

	(void)state;
	must(lines_faulty_open(&l, inner, faults, 1, &e));
	lines_memory_feed(inner, 1, 1000, true);
	lines_memory_feed(inner, 1, 2000, false);
	assert_int_equal(lines_take(l, 1, edges, 8), 4);
	assert_int_equal(edges[1].at, 1100);
	assert_false(edges[1].rising);
	assert_int_equal(edges[2].at, 1200);
	assert_true(edges[2].rising);
	lines_close(l);
}

static void a_chip_that_is_gone_says_so_and_an_output_that_refuses_too(void **state)
{
	static const struct lines_fault faults[] = {{.kind = LINES_REFUSED, .line = 0, .from = 1, .count = 1},
		{.kind = LINES_GONE, .line = 2, .from = 0, .count = 1}};
	struct error e = ERROR_INIT;
	struct lines *inner = memory(), *l = NULL;
	struct line_state s;

	(void)state;
	must(lines_faulty_open(&l, inner, faults, 2, &e));
	assert_int_equal(lines_set(l, 0, true), LINE_OK);
	assert_int_equal(lines_set(l, 0, false), LINE_REFUSED);
	assert_non_null(strstr(lines_detail(l), "refuses"));
	assert_int_equal(lines_get(l, 0, &s), LINE_OK);
	assert_true(s.level);
	assert_int_equal(lines_set_duty(l, 2, 0.5), LINE_GONE);
	assert_int_equal(lines_set_duty(l, 2, 0.5), LINE_OK);
	assert_near(lines_memory_duty(inner, 2), 0.5, 0);
	assert_int_equal(lines_set_duty(l, 2, 1.01), LINE_REFUSED);
	assert_int_equal(lines_set_duty(l, 2, NAN), LINE_REFUSED);
	assert_int_equal(lines_set(l, 1, true), LINE_REFUSED);
	lines_close(l);
}

/* A folder that looks like /sys/class/pwm with one chip of two channels, the first exported. */
struct tree {
	char root[64];
};

static void put(const struct tree *t, const char *file, const char *text)
{
	char path[160];
	FILE *f;

	snprintf(path, sizeof(path), "%s/pwmchip0/%s", t->root, file);
	f = fopen(path, "w");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static long number(const struct tree *t, const char *file)
{
	char path[160];
	long v = -1;
	FILE *f;

	snprintf(path, sizeof(path), "%s/pwmchip0/%s", t->root, file);
	f = fopen(path, "r");
	assert_non_null(f);
	assert_int_equal(fscanf(f, "%ld", &v), 1);
	fclose(f);
	return v;
}

static void plant(struct tree *t)
{
	char path[160];

	strcpy(t->root, "/tmp/heatbench-pwm-XXXXXX");
	assert_non_null(mkdtemp(t->root));
	snprintf(path, sizeof(path), "%s/pwmchip0", t->root);
	mkdir(path, 0700);
	snprintf(path, sizeof(path), "%s/pwmchip0/pwm0", t->root);
	mkdir(path, 0700);
	put(t, "npwm", "2\n");
	put(t, "export", "");
	put(t, "pwm0/period", "0\n");
	put(t, "pwm0/duty_cycle", "0\n");
	put(t, "pwm0/enable", "0\n");
	put(t, "pwm0/polarity", "normal\n");
}

static void fell(const struct tree *t)
{
	static const char *const files[] = {
		"pwm0/period", "pwm0/duty_cycle", "pwm0/enable", "pwm0/polarity", "npwm", "export"};
	char path[160];

	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++) {
		snprintf(path, sizeof(path), "%s/pwmchip0/%s", t->root, files[i]);
		unlink(path);
	}
	snprintf(path, sizeof(path), "%s/pwmchip0/pwm0", t->root);
	rmdir(path);
	snprintf(path, sizeof(path), "%s/pwmchip0", t->root);
	rmdir(path);
	rmdir(t->root);
}

static const struct line_config pump = {
	.name = "pump", .kind = LINE_PWM, .chip = "pwmchip0", .offset = 0, .frequency = 1000, .duty = 0.95};

static void a_pwm_is_set_before_it_is_enabled_and_stays_on_when_closed(void **state)
{
	struct error e = ERROR_INIT;
	struct lines_pwm *p = NULL;
	struct tree t;
	char why[128];

	(void)state;
	plant(&t);
	must(lines_pwm_open(&p, t.root, &pump, &e));
	assert_int_equal(number(&t, "pwm0/period"), 1000000);
	assert_int_equal(number(&t, "pwm0/duty_cycle"), 950000);
	assert_int_equal(number(&t, "pwm0/enable"), 1);
	assert_int_equal(lines_pwm_set(p, 0.25, why, sizeof(why)), LINE_OK);
	assert_int_equal(number(&t, "pwm0/duty_cycle"), 250000);
	lines_pwm_close(p);
	assert_int_equal(number(&t, "pwm0/enable"), 1);
	assert_int_equal(number(&t, "pwm0/duty_cycle"), 250000);
	fell(&t);
}

static void an_inverting_driver_stage_is_made_up_for(void **state)
{
	struct line_config inverted = pump;
	struct error e = ERROR_INIT;
	struct lines_pwm *p = NULL;
	struct tree t;

	(void)state;
	plant(&t);
	inverted.active_low = true;
	must(lines_pwm_open(&p, t.root, &inverted, &e));
	assert_int_equal(number(&t, "pwm0/duty_cycle"), 50000);
	lines_pwm_close(p);
	fell(&t);
}

static void a_pwm_chip_or_channel_that_is_not_there_is_named(void **state)
{
	struct line_config other = pump;
	struct error e = ERROR_INIT;
	struct lines_pwm *p = NULL;
	struct tree t;

	(void)state;
	plant(&t);
	strcpy(other.chip, "pwmchip7");
	refused(lines_pwm_open(&p, t.root, &other, &e), ERROR_DEVICE, "pump: there is no PWM chip pwmchip7");
	other = pump;
	other.offset = 5;
	refused(lines_pwm_open(&p, t.root, &other, &e), ERROR_DEVICE, "channels 0 to 1, and no channel 5");
	other.offset = 1; /* there, but its folder never comes */
	refused(lines_pwm_open(&p, t.root, &other, &e), ERROR_DEVICE, "cannot export channel 1");
	fell(&t);
}

static void a_running_pwm_with_the_other_polarity_is_refused_and_not_switched_off(void **state)
{
	struct error e = ERROR_INIT;
	struct lines_pwm *p = NULL;
	struct tree t;

	(void)state;
	plant(&t);
	put(&t, "pwm0/polarity", "inversed\n");
	put(&t, "pwm0/enable", "1\n");
	refused(lines_pwm_open(&p, t.root, &pump, &e), ERROR_DEVICE, "inversed");
	assert_int_equal(number(&t, "pwm0/enable"), 1);
	put(&t, "pwm0/enable", "0\n");
	must(lines_pwm_open(&p, t.root, &pump, &e));
	lines_pwm_close(p);
	fell(&t);
}

static int open_board(const struct lines_config *config, struct error *e)
{
	struct clock *clock = clock_open_system(1);
	struct clock_seat *seat = clock_join(clock, "test");
	struct lines *l = NULL;
	int result = lines_open(&l, config, seat, e);

	lines_close(l);
	clock_leave(seat);
	clock_close(clock);
	return result;
}

static void boards_that_make_no_sense_are_refused_before_anything_is_touched(void **state)
{
	struct lines_config config = board;
	struct error e = ERROR_INIT;

	(void)state;
	config.line[2].duty = NAN;
	refused(open_board(&config, &e), ERROR_CONFIG, "pump: a duty of nan");
	config.line[2].duty = 1;
	config.line[2].frequency = 0;
	refused(open_board(&config, &e), ERROR_CONFIG, "pump: a PWM of 0 Hz");
	config.lines = 0;
	refused(open_board(&config, &e), ERROR_CONFIG, "expected 1 to 32 lines");
}

static void a_chip_or_socket_that_is_not_there_is_named(void **state)
{
	struct lines_config config = board;
	struct error e = ERROR_INIT;
	char why[128];

	(void)state;
	strcpy(config.line[0].chip, "gpiochip77");
	refused(open_board(&config, &e), ERROR_DEVICE, "relay: there is no GPIO chip gpiochip77");
	assert_true(lines_lacks_permission(&config, why, sizeof(why)));
	assert_string_equal(why, "relay: there is no GPIO chip gpiochip77");
	strcpy(config.socket, "/nowhere/lines");
	refused(open_board(&config, &e), ERROR_DEVICE, "cannot reach the line socket /nowhere/lines");
	assert_false(lines_lacks_permission(&config, why, sizeof(why))); /* the kernel's chips are not what this board is made of */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(edges_come_out_in_order_and_once),
		cmocka_unit_test(a_ring_that_runs_over_keeps_the_latest_and_counts_the_rest_as_lost),
		cmocka_unit_test(a_gap_in_the_kernels_numbers_is_counted_once),
		cmocka_unit_test(lost_edges_show_as_edges_that_do_not_alternate),
		cmocka_unit_test(a_bouncing_contact_gives_three_edges_for_one),
		cmocka_unit_test(a_chip_that_is_gone_says_so_and_an_output_that_refuses_too),
		cmocka_unit_test(a_pwm_is_set_before_it_is_enabled_and_stays_on_when_closed),
		cmocka_unit_test(an_inverting_driver_stage_is_made_up_for),
		cmocka_unit_test(a_pwm_chip_or_channel_that_is_not_there_is_named),
		cmocka_unit_test(a_running_pwm_with_the_other_polarity_is_refused_and_not_switched_off),
		cmocka_unit_test(boards_that_make_no_sense_are_refused_before_anything_is_touched),
		cmocka_unit_test(a_chip_or_socket_that_is_not_there_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
