/*
 * bus_documents.h - inside buses of documents: bus_documents.c fetches and reads values, bus_documents_judge.c says what a
 * document is worth.
 */
#ifndef HEATBENCH_ACQUIRE_BUS_DOCUMENTS_H
#define HEATBENCH_ACQUIRE_BUS_DOCUMENTS_H

#include "daq/acquire/bus_private.h"

#include "daq/acquire/document_clock.h"
#include "daq/device/document.h"

enum { DOCUMENTS_SILENT_IS_OUT = 2 }; /* fetches without an answer */

struct bus_documents {
	struct documents *wire;
	struct document *document; /* the latest that could be read; NULL: none yet */
	struct documents_reply reply;
	enum quality quality; /* of the fetch and of the document as a whole */
	int64_t fetched;      /* tick of the latest fetch of a feed */
	struct document_clock clock;
	enum wire_status said;		      /* what the journal was last told of */
	enum document_found told[BENCH_CHANNELS]; /* the same of each channel's key */
	bool told_time, told_identity, told_long;
	char *kept; /* last raw document, for "on change" */
};

/* The fetch that has just ended: silence backs off, and every change of what goes wrong is told. GOOD: there is a document. */
enum quality documents_judge_fetch(struct bus *bus, int device);

/* Whose the latest document is: GOOD, or SUSPECT where it is another one's or does not say. */
enum quality documents_judge_identity(struct bus *bus, int device);

/* Whether it is new, by its own time stamp: GOOD, STALE or SUSPECT. */
enum quality documents_judge_time(struct bus *bus, int device);

/* What the latest document says of its maker; false: `missing` is the key without a text. */
bool documents_read_identity(struct bus *bus, int device, struct bus_identity *out, const char **missing);

#endif
