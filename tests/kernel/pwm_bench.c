// SPDX-License-Identifier: GPL-2.0
/*
 * pwm_bench.c - a PWM chip of two channels that is not there: for tests in a guest kernel (Linux 6.1).
 *
 * It keeps what it is told. `refuse_above` makes it refuse a duty above so many per cent, as a chip does that cannot.
 */
#include <linux/module.h>
#include <linux/platform_device.h>
#include <linux/pwm.h>

static unsigned int refuse_above = 100;
module_param(refuse_above, uint, 0644);

static int bench_apply(struct pwm_chip *chip, struct pwm_device *pwm, const struct pwm_state *state)
{
	return state->duty_cycle * 100 > state->period * refuse_above ? -EINVAL : 0;
}

static const struct pwm_ops bench_ops = {.apply = bench_apply, .owner = THIS_MODULE};
static struct pwm_chip bench_chip = {.ops = &bench_ops, .npwm = 2};
static struct platform_device *bench_device;

static int __init bench_init(void)
{
	int result;

	bench_device = platform_device_register_simple("pwm-bench", -1, NULL, 0);
	if (IS_ERR(bench_device))
		return PTR_ERR(bench_device);
	bench_chip.dev = &bench_device->dev;
	result = pwmchip_add(&bench_chip);
	if (result)
		platform_device_unregister(bench_device);
	return result;
}

static void __exit bench_exit(void)
{
	pwmchip_remove(&bench_chip);
	platform_device_unregister(bench_device);
}

module_init(bench_init);
module_exit(bench_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("PWM chip for tests");
