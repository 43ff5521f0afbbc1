/* Bench files with lines: what they mean, and what is said about a wrong one. */
#include "tests/script/fixture.h"

#include <math.h>

#define BOARD "local io = lines{ name = 'lines' }\n"
#define PUMP \
	"dut{ name = 'wilo', kind = 'pump', profile = 'wilo-ipwm1' }\n" \
	"local power = relay{ name = 'relay', bus = io, chip = 'gpiochip0', line = 17, active_low = true }\n" \
	"local pwm = pwm_output{ name = 'pwm', bus = io, chip = 'pwmchip0', inverted = true }\n" \
	"channel{ name = 'duty', from = pwm.duty, dut = 'wilo', role = 'duty', output = true }\n" \
	"channel{ name = 'relay', from = power.state, dut = 'wilo', role = 'relay', output = true }\n"
#define SAFE "safe{ channel = 'duty', value = '1000 permille' }\nsafe{ channel = 'relay', value = 0 }\n"
#define END "return bench{ name = 'pump' }\n"

static void refused(const char *text, const char *sentence)
{
	struct error e = ERROR_INIT;
	struct bench *bench = NULL;

	if (bench_file_read(&bench, fixture_write("bad.lua", text), &e) == 0) {
		bench_free(bench);
		fail_msg("was taken, expected: %s", sentence);
	}
	assert_sentence(&e, sentence);
}

static void a_pump_on_lines_starts_safe(void **state)
{
	struct error e = ERROR_INIT;
	struct bench *bench = NULL;
	const struct lines_config *board;

	(void)state;
	if (bench_file_read(&bench, fixture_write("lines.lua", BOARD PUMP SAFE END), &e) != 0)
		fail_msg("%s", e.text);
	assert_int_equal(bench->bus[0].kind, BUS_LINES);
	board = &bench->bus[0].lines;
	assert_int_equal(board->lines, 2);
	assert_true(board->line[0].active_low && !board->line[0].initial);
	assert_int_equal(board->line[1].kind, LINE_PWM);
	assert_true(board->line[1].active_low);
	assert_true(board->line[1].duty == 1.0 && board->line[1].frequency == 1000.0);
	assert_int_equal(bench->device[1].on_line.line, 1);
	bench_free(bench);
}

static void a_pwm_output_without_a_safe_step_is_refused(void **state)
{
	(void)state;
	refused(BOARD PUMP "safe{ channel = 'relay', value = 0 }\n" END,
		"pwm_output 'pwm' has no safe step: nothing says what signal it starts with");
}

static void a_line_that_is_taken_names_who_has_it(void **state)
{
	(void)state;
	refused(BOARD PUMP "pulse_input{ name = 'flow', bus = io, chip = 'gpiochip0', line = 17 }\n",
		"pulse_input: line 17 of gpiochip0 is 'relay' already");
}

static void registers_and_lines_do_not_share_a_bus(void **state)
{
	(void)state;
	refused(BOARD "device{ name = 'm', bus = io, unit = 1, map = 'sdm120' }\n", "bus 'lines' carries lines, not registers");
	refused("local m = modbus_tcp{ name = 'm', host = 'x' }\nrelay{ name = 'r', bus = m, chip = 'gpiochip0', line = 1 }\n",
		"bus 'm' carries registers, not lines");
}

static void a_vendor_that_is_not_known_is_named_with_the_nearest(void **state)
{
	(void)state;
	refused(BOARD "pwm_feedback{ name = 'fb', bus = io, chip = 'gpiochip0', line = 5, profile = 'wilo-ipwm3' }\n",
		"wilo-ipwm");
}

static void quantities_of_lines_have_units(void **state)
{
	(void)state;
	refused(BOARD "pulse_input{ name = 'f', bus = io, chip = 'gpiochip0', line = 5, pulses = 1200 }\n",
		"pulse_input.pulses = 1200 has no unit");
	refused(BOARD "pwm_output{ name = 'p', bus = io, chip = 'pwmchip0', frequency = '1 l/h' }\n", "pwm_output.frequency");
	refused(BOARD "relay{ name = 'r', bus = io, chip = 'gpiochip0', lin = 3 }\n",
		"relay: unknown key 'lin' (did you mean 'line'?)");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_pump_on_lines_starts_safe),
		cmocka_unit_test(a_pwm_output_without_a_safe_step_is_refused),
		cmocka_unit_test(a_line_that_is_taken_names_who_has_it),
		cmocka_unit_test(registers_and_lines_do_not_share_a_bus),
		cmocka_unit_test(a_vendor_that_is_not_known_is_named_with_the_nearest),
		cmocka_unit_test(quantities_of_lines_have_units),
	};

	fixture_environment();
	return cmocka_run_group_tests(tests, NULL, fixture_remove);
}
