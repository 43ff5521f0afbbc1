/*
 * document.h - values out of a document (JSON, RFC 8259) by their keys.
 *
 * A key is a member of the whole ("31") or a path of members with dots between ("hp1.powerInput"); a member whose name
 * is the whole key comes first. A value is a number, true (1), false (0), or a text that is a decimal number and nothing
 * else ("800.3"), as Redis has them.
 */
#ifndef HEATBENCH_DEVICE_DOCUMENT_H
#define HEATBENCH_DEVICE_DOCUMENT_H

#include <stdbool.h>
#include <stddef.h>

struct error;
struct document;

enum document_found {
	DOCUMENT_VALUE,
	DOCUMENT_NULL,	  /* it is there and says that it has no value */
	DOCUMENT_MISSING, /* nothing is there */
	DOCUMENT_WRONG,	  /* something else than a number */
};

/* Errors: ERROR_DATA: not JSON, or no object; with what it begins with. */
int document_parse(struct document **out, const char *body, size_t size, struct error *e);
void document_free(struct document *document); /* NULL is fine */

/* *value is written with DOCUMENT_VALUE alone. */
enum document_found document_number(const struct document *document, const char *key, double *value);

/* A text as it stands, a number or a switch as text; false: null, missing, or a part with members. */
bool document_text(const struct document *document, const char *key, char *out, size_t size);

/* "null", "missing", "no number" */
const char *document_found_name(enum document_found found);

#endif
