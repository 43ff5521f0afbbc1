/*
 * device_views.h - what a word, or two neighbouring words, could mean.
 */
#ifndef HEATBENCH_CLI_DEVICE_VIEWS_H
#define HEATBENCH_CLI_DEVICE_VIEWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum device_view { VIEW_U16, VIEW_S16, VIEW_U32_HIGH, VIEW_S32_HIGH, VIEW_F32_HIGH, VIEW_U32_LOW, VIEW_S32_LOW, VIEW_F32_LOW,
	VIEW_ASCII, VIEWS };

const char *device_view_name(enum device_view view);

/* Words it takes: 1 or 2 (ASCII is shown for one). */
int device_view_words(enum device_view view);

/* The value as text. Returns whether it looks like something a maker would put there: a float of ordinary size, a
 * long number that leaves its highest digits empty, printable letters. One word alone proves nothing: never plausible. */
bool device_view(enum device_view view, const uint16_t *words, char *out, size_t size);

#endif
