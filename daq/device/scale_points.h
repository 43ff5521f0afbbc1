/*
 * scale_points.h - a scale as rows, so that channels name its points like registers (as line_device.h does for lines).
 */
#ifndef HEATBENCH_DEVICE_SCALE_POINTS_H
#define HEATBENCH_DEVICE_SCALE_POINTS_H

#include "daq/device/register_map.h"

enum { SCALE_POINT_WEIGHT, SCALE_POINT_STATE, SCALE_POINT_TARE, SCALE_POINT_ZERO, SCALE_POINTS };

extern const struct register_map scale_map;

#endif
