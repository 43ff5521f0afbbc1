/*
 * lines_pwm.h - one channel of a kernel PWM chip, through sysfs. A private header of the lines.
 *
 * Never disabled and never unexported, not even when closed: what hangs on it may run at full speed without a
 * signal. Every change is ordered so that the kernel never sees a duty longer than the period.
 */
#ifndef HEATBENCH_WIRE_LINES_PWM_H
#define HEATBENCH_WIRE_LINES_PWM_H

#include "daq/wire/lines.h"

#define LINES_PWM_ROOT "/sys/class/pwm"

struct lines_pwm;

/* Exports the channel where it is not, sets period and duty, enables it last, reads back. An enabled channel
 * keeps running while it is set. `root` is LINES_PWM_ROOT but in tests. Errors: ERROR_DEVICE. */
int lines_pwm_open(
	struct lines_pwm **out, const char *root, const struct line_config *config, struct error *e);
void lines_pwm_close(struct lines_pwm *pwm); /* leaves the signal as it is; NULL is fine */

/* `duty` in 0..1, logical. Fills `why` unless LINE_OK. */
enum line_status lines_pwm_set(struct lines_pwm *pwm, double duty, char *why, size_t size);

#endif
