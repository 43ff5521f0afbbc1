/*
 * line_device.h - devices on lines (GPIO, PWM) as rows, so that channels name their points like registers.
 *
 * A row's address is the number of the point; nothing is read by it.
 */
#ifndef HEATBENCH_DEVICE_LINE_DEVICE_H
#define HEATBENCH_DEVICE_LINE_DEVICE_H

#include "daq/device/register_map.h"

enum { RELAY_STATE };
enum { PWM_DUTY };
enum { PULSES_FREQUENCY, PULSES_COUNT, PULSES_FLOW, PULSES_VOLUME, PULSES_LAST_EDGE, PULSES_POINTS };
enum { FEEDBACK_DUTY, FEEDBACK_FREQUENCY, FEEDBACK_POWER, FEEDBACK_FLOW, FEEDBACK_STATE, FEEDBACK_POINTS };
enum { LINE_POINTS = 8 };

extern const struct register_map line_map_relay, line_map_pwm, line_map_pulses, line_map_feedback;

#endif
