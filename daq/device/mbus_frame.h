/*
 * mbus_frame.h - frames of the M-Bus link layer (EN 13757-2, frame class FT 1.2): made, checked, and found among noise.
 *
 *	ACK	E5
 *	short	10 C A CS 16
 *	long	68 L L 68 C A CI data CS 16	L: from C to the last of the data, 3 to 255; without data a control frame
 *
 * CS is the sum of the bytes from C to the last of the data, modulo 256. Pure: no port, no clock.
 */
#ifndef HEATBENCH_DEVICE_MBUS_FRAME_H
#define HEATBENCH_DEVICE_MBUS_FRAME_H

#include <stddef.h>
#include <stdint.h>

struct error;

enum { MBUS_FRAME_MAX = 261, MBUS_USER_DATA = 7 /* where a long frame's data begin */ };

/* C fields (EN 13757-2, 5.3): what a master says, and what it is answered. MBUS_FCB is the frame count bit. */
enum { MBUS_SND_NKE = 0x40, MBUS_SND_UD = 0x53, MBUS_REQ_UD2 = 0x5B, MBUS_FCB = 0x20, MBUS_RSP_UD = 0x08, MBUS_FROM_MASTER = 0x40 };
/* Addresses that are no meter's own. */
enum { MBUS_PRIMARY_MAX = 250, MBUS_SELECTED = 253 };

enum mbus_frame_kind { MBUS_ACK, MBUS_SHORT, MBUS_LONG };

struct mbus_frame {
	enum mbus_frame_kind kind;
	int c, a, ci; /* -1: it has none */
	int size;
	uint8_t data[MBUS_FRAME_MAX]; /* all of it; user data from MBUS_USER_DATA to size - 2 */
};

enum mbus_found {
	MBUS_FOUND_NOTHING,  /* nothing begins here */
	MBUS_FOUND_FRAME,
	MBUS_FOUND_CHECKSUM, /* a frame by its lengths whose checksum or end is wrong */
	MBUS_FOUND_CUT,	     /* the beginning of a frame: bytes are missing */
};

/* The frame that begins with the first byte. `e` (may be NULL) says for anything but a frame which byte is off, counted
 * from 0, and what was expected. `out` is written with MBUS_FOUND_FRAME only. */
enum mbus_found mbus_frame_parse(const uint8_t *bytes, size_t have, struct mbus_frame *out, struct error *e);

/* Write a frame to `out` (MBUS_FRAME_MAX bytes), return its size. `size` of the data is at most 252. */
int mbus_frame_short(uint8_t *out, int c, int a);
int mbus_frame_long(uint8_t *out, int c, int a, int ci, const uint8_t *data, int size);

/* What has come and holds no whole frame yet. */
struct mbus_reader {
	uint8_t data[1024];
	size_t have;
	long noise; /* bytes passed over */
};

/* Takes in what came; what has no room is noise. */
void mbus_reader_put(struct mbus_reader *r, const uint8_t *data, size_t size);

/* The next frame, past what is none. MBUS_FOUND_CHECKSUM: one was broken; the search goes on inside it with the next call,
 * for a frame may begin where a byte of the one before got lost. MBUS_FOUND_NOTHING: more must come. */
enum mbus_found mbus_reader_next(struct mbus_reader *r, struct mbus_frame *frame, struct error *e);

/* Nothing more comes: what waits for the rest of a frame is given up, and searched for frames inside it.
 * MBUS_FOUND_CUT: there was none, and bytes are missing; MBUS_FOUND_NOTHING: nothing was left. */
enum mbus_found mbus_reader_end(struct mbus_reader *r, struct mbus_frame *frame, struct error *e);

/* How many bytes the frame that has begun still needs; 0: none has. */
int mbus_reader_missing(const struct mbus_reader *r);

#endif
