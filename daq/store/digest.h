/*
 * digest.h - SHA-256 of texts, at once or bit by bit; that of a file is in reader.h.
 */
#ifndef HEATBENCH_STORE_DIGEST_H
#define HEATBENCH_STORE_DIGEST_H

#include <stddef.h>

/* 64 hex digits and a zero. */
void digest_bytes(const void *bytes, size_t length, char out[65]);

struct digest;

struct digest *digest_new(void); /* NULL: no memory */
void digest_add(struct digest *digest, const void *bytes, size_t length);

/* What came out, and lets go. NULL gives "". */
void digest_end(struct digest *digest, char out[65]);

#endif
