/*
 * lines_ends.h - the ends that lines_open chooses from. A private header of the lines.
 */
#ifndef HEATBENCH_WIRE_LINES_ENDS_H
#define HEATBENCH_WIRE_LINES_ENDS_H

#include "daq/wire/lines.h"

int lines_kernel_open(
	struct lines **out, const struct lines_config *config, struct clock_seat *seat, struct error *e);
bool lines_kernel_lacks_permission(const struct lines_config *config, char *why, size_t size);

int lines_virtual_open(
	struct lines **out, const struct lines_config *config, struct clock_seat *seat, struct error *e);

#endif
