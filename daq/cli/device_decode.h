/*
 * device_decode.h - M-Bus frames as text and as JSON, for the subcommands that show them.
 */
#ifndef HEATBENCH_CLI_DEVICE_DECODE_H
#define HEATBENCH_CLI_DEVICE_DECODE_H

#include "daq/base/error.h"

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

/* Every frame of `bytes`: printed, or added to `list` where that is not NULL. Errors: ERROR_DATA with `from` (a file, a meter) and
 * the byte that is off. */
int device_decode_show(const uint8_t *bytes, size_t size, const char *from, json_t *list, struct error *e);

#endif
