/*
 * bench.h - a bench as its file describes it: buses, devices, channels, devices under test, limits, safe state.
 *
 * Made by daq/script/bench_file.h, read by everything that acquires. Plain data; indexes count from 0.
 */
#ifndef HEATBENCH_ACQUIRE_BENCH_H
#define HEATBENCH_ACQUIRE_BENCH_H

#include "daq/base/clock.h"
#include "daq/device/register_map.h"
#include "daq/wire/bytes.h"
#include "daq/wire/documents.h"
#include "daq/wire/lines.h"
#include "daq/wire/words.h"

enum { BENCH_BUSES = 24, BENCH_DEVICES = 32, BENCH_CHANNELS = 256, BENCH_DUTS = 16, BENCH_LIMITS = 256,
	BENCH_SAFE = 32, BENCH_INTERLOCKS = 32, BENCH_CERTIFICATES = 32, BENCH_EXPECT = 8, BENCH_SETTINGS = 256 };

enum keep_raw { KEEP_AUTO, KEEP_ALWAYS, KEEP_ON_CHANGE, KEEP_NEVER }; /* AUTO: always up to a day's run */

enum bench_bus_kind { BUS_WORDS, BUS_LINES, BUS_BYTES, BUS_DOCUMENTS, BUS_MBUS };

struct bench_bus {
	enum bench_bus_kind kind;
	struct words_config words; /* of the other kinds only the name */
	struct lines_config lines;
	struct bytes_config bytes;
	struct documents_config documents;
	char time_key[96];  /* of a document: its own time stamp, ms since 1970; "" : it has none */
	int retries;	    /* of a request, M-Bus */
	nanos retry_after;  /* back-off after a device was silent */
	bool listen_only;   /* somebody else is master: listened to, and nothing is ever sent */
	char source[160];   /* file:line of its constructor */
};

/* What a device on lines is (daq/device/line_device.h); on words it is what its map says. */
enum bench_line_kind { LINE_DEVICE_RELAY, LINE_DEVICE_PWM, LINE_DEVICE_PULSES, LINE_DEVICE_FEEDBACK };

struct bench_line_device {
	enum bench_line_kind kind;
	int line;		/* of the bus's lines */
	double pulses_per_litre; /* PULSES */
	nanos min_width;	/* PULSES: shorter is bounce */
	char profile[32];	/* FEEDBACK: vendor's codes; "" : duty and frequency alone */
	double power_max, power_offset, flow_max; /* FEEDBACK: what 75 % (70 %) means; NaN: as the profile says */
};

struct bench_device {
	char name[32];
	int bus, unit;
	const struct register_map *map; /* owned by the bench; of a device on lines: constant */
	struct bench_line_device on_line;
	struct { char protocol[24], unit[8]; } on_bytes; /* a scale (daq/device/scale.h) */
	struct { char secondary[20]; int reset; } on_mbus; /* "": `unit` is the primary address; reset -1: none */
	nanos late_max;	    /* how late a reply may come after its time-out */
	enum keep_raw keep_raw;
	int expects;	    /* identity that the bench file demands */
	struct { char what[32], value[64]; } expect[BENCH_EXPECT];
	char source[160];
};

struct bench_channel {
	char name[48];
	int device, reg;     /* index of the row in the device's map */
	int every;	     /* ticks between two samples: its rate group */
	char quantity[48], unit[16];
	double gain, offset; /* calibration: value = gain * decoded + offset */
	double resolution, uncertainty; /* in unit; uncertainty expanded, k = 2; NaN: not known */
	nanos stale_after;   /* a value that has not changed for longer is stale; 0: it may stand still */
	double min, max;     /* plausible; outside is quality "range" (a set point: refused) */
	double nominal;	     /* for dry runs; NaN: the middle of min..max */
	enum register_kind kind;
	bool output;	     /* may be set by a procedure */
	int dut;	     /* -1: none */
	char role[24];	     /* duty, relay, feedback, flow, power, valve ... */
	int certificate;     /* -1: none */
	char source[160];
};

struct bench_dut {
	char name[32], kind[32], profile[32];
	char serial[64], firmware[64]; /* as expected or typed; "" unknown */
	int serial_device, firmware_device; /* device whose identity gives it; -1: typed */
	char source[160];
};

struct bench_limit {
	int dut; /* -1: every one */
	char quantity[48], valve[24], unit[16], rule[16];
	double set_point, min, max; /* NaN: open */
	char source[160];
};

/* The way to the safe state, in this order. */
struct bench_safe {
	int channel;
	double value;
	nanos pause; /* after it, before the next */
	char source[160];
};

/* Ends the run when a good value of the channel is out of bounds. */
struct bench_interlock {
	int channel;
	double min, max; /* in the channel's unit; infinite: open */
	nanos blind;	 /* without a good value for longer it ends the run as well; 0: it may be blind */
	char because[96], source[160];
};

struct bench_certificate {
	char id[64], laboratory[64], date[16], due[16], file[128];
	double U, k;
	int points;
	double reading[32], correction[32];
	char source[160];
};

/* What the evaluation must know; its program knows the keys. Of one device under test: "hp3.heat_class". */
struct bench_setting {
	char name[80], value[128], source[160];
};

struct bench {
	char name[32], title[96];
	char file[256];	 /* the bench file */
	char digest[65]; /* SHA-256 over it, everything it included and the maps it used */
	nanos tick;
	bool daily; /* one database for each UTC day */
	int buses, devices, channels, duts, limits, safes, interlocks, certificates, settings;
	struct bench_bus bus[BENCH_BUSES];
	struct bench_device device[BENCH_DEVICES];
	struct bench_channel channel[BENCH_CHANNELS];
	struct bench_dut dut[BENCH_DUTS];
	struct bench_limit limit[BENCH_LIMITS];
	struct bench_safe safe[BENCH_SAFE];
	struct bench_interlock interlock[BENCH_INTERLOCKS];
	struct bench_certificate certificate[BENCH_CERTIFICATES];
	struct bench_setting setting[BENCH_SETTINGS];
	int maps;
	struct register_map *map[BENCH_DEVICES];
	int files; /* every file read: copied into the run as evidence */
	char used[64][256];
};

int bench_find_channel(const struct bench *bench, const char *name); /* index or -1 */
int bench_find_dut(const struct bench *bench, const char *name);
int bench_find_bus(const struct bench *bench, const char *name);
/* A decoded reading in the channel's unit: gain and offset, then what the certificate says is to be added there (linear between its
 * points, constant beyond them). NaN stays NaN. */
double bench_reading(const struct bench *bench, const struct bench_channel *channel, double decoded);
/* Name of the known channel nearest to `word`, or NULL. */
const char *bench_nearest_channel(const struct bench *bench, const char *word);

void bench_free(struct bench *bench); /* NULL is fine */

#endif
