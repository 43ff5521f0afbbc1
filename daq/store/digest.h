/*
 * digest.h - SHA-256 of texts; that of a file is in reader.h.
 */
#ifndef HEATBENCH_STORE_DIGEST_H
#define HEATBENCH_STORE_DIGEST_H

#include <stddef.h>

/* 64 hex digits and a zero. */
void digest_bytes(const void *bytes, size_t length, char out[65]);

#endif
