/*
 * device_document.h - a document's points, read once.
 */
#ifndef HEATBENCH_CLI_DEVICE_DOCUMENT_H
#define HEATBENCH_CLI_DEVICE_DOCUMENT_H

#include <stdbool.h>

struct device_options;
struct error;

/* Whether --on names a document: http://, https:// or redis://. */
bool device_document_is(const char *on);

/* Fetches it and prints the points of --map. Returns an exit status, or -1 with an error. */
int device_document_read(const struct device_options *options, struct error *e);

#endif
