/*
 * dut_option.h - --dut NAME:serial=...,firmware=...: which device stands on the bench today.
 */
#ifndef HEATBENCH_PROGRAM_DUT_OPTION_H
#define HEATBENCH_PROGRAM_DUT_OPTION_H

struct bench;
struct error;

/* Takes "wilo:serial=4711,firmware=2.13" into the bench. Errors: ERROR_USAGE with what was expected and the nearest name. */
int dut_option_apply(struct bench *bench, const char *text, struct error *e);

#endif
