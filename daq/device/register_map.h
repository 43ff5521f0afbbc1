/*
 * register_map.h - a device's data sheet as rows, decoded once for all devices.
 *
 * Maps are Lua files in daq/device/maps/ (read by daq/script/map_file.h); this room knows only the rows.
 */
#ifndef HEATBENCH_DEVICE_REGISTER_MAP_H
#define HEATBENCH_DEVICE_REGISTER_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct error;

enum register_type { REGISTER_U16, REGISTER_S16, REGISTER_U32, REGISTER_S32, REGISTER_U64, REGISTER_S64,
	REGISTER_F32, REGISTER_BIT };
enum word_order { WORDS_HIGH_FIRST, WORDS_LOW_FIRST };
/* What a row is found by: an address, a path in a document (a CiC's feed, a key of Redis), a record of an M-Bus telegram. */
enum map_kind { MAP_REGISTERS, MAP_DOCUMENT, MAP_MBUS };
enum register_kind { KIND_GAUGE, KIND_COUNTER, KIND_STATE, KIND_SETPOINT };

struct register_row {
	char name[32];
	int address;  /* 0-based protocol address; of the other kinds of map the index of the row */
	char key[96]; /* of the other kinds: what the device calls it; "" : address */
	int function; /* 3 or 4 */
	enum register_type type;
	enum word_order order;
	bool own_order;		       /* the row says its order: another one for the map leaves it alone */
	bool alone;		       /* only readable by itself: inside a longer read its words mean something else */
	int bit;		       /* REGISTER_BIT: 0..15 */
	double scale, offset;	       /* value = raw * scale + offset, in `unit` */
	char unit[16];		       /* "1" for a pure number */
	enum register_kind kind;
	char quantity[48];	       /* "volume flow", "electric power" ... */
	double resolution;	       /* in the unit; by default |scale| for integers, NaN for floats */
	double nominal;		       /* a typical value, for dry runs; NaN: none */
	double min, max;	       /* plausible range in the unit; NaN: open */
	bool expects;		       /* where the map fits and the device works, it reads within: */
	double expect_min, expect_max;
	bool writable;
	int refused_count;	       /* raw values that mean "not valid" */
	uint64_t refused[4];
	int page;		       /* of the manual; 0: see map */
	char help[96];
};

/* An example from outside: a reply frame as printed in a manual or taken from a real meter. */
struct register_example {
	char frame[600]; /* hex. RTU with CRC: the reply to a read of `address`; M-Bus: a telegram, from 68h to 16h */
	int address;
	char name[32]; /* row that it shows */
	double value, tolerance;
	char source[128];
};

struct register_map {
	enum map_kind kind;
	char name[32], title[96], manual[160];
	enum word_order order;
	bool reordered;		      /* by register_map_order() */
	int max_words;		      /* longest read that the device takes */
	int max_gap;		      /* unread words that may be read along to join two blocks */
	int rows;
	struct register_row *row;
	int examples;
	struct register_example *example;
	int identities;		      /* rows that say which device it is */
	int identity[8];	      /* index into row; -1: the telegram's header tells it (M-Bus) */
	char identity_name[8][32];    /* "serial", "firmware", "model" ... */
	int check;		      /* row whose value never changes: proves that the bus is in step; -1 */
	char baud_hint[64];	      /* factory setting, for messages: "2400 8N1, unit 1" */
	char source[128];	      /* file */
};

int register_find(const struct register_map *map, const char *name); /* index or -1 */

/* Another word order for the rows that do not say their own: some devices have it as a setting. */
void register_map_order(struct register_map *map, enum word_order order);

/* Whether a reading is where the row expects it; true where the row expects nothing. */
bool register_expected(const struct register_row *row, double value);

const char *map_kind_name(enum map_kind kind); /* "registers", "document", "M-Bus" */
int register_words(enum register_type type);			     /* 1, 2 or 4 */
const char *register_type_name(enum register_type type);
int register_type_parse(const char *name);  /* -1: unknown */
const char *register_kind_name(enum register_kind kind);
int register_kind_parse(const char *name); /* -1: unknown */

/* Words -> value in the row's unit. Returns false (and NaN) where the device marks the value invalid or a
 * float is not finite. */
bool register_decode(const struct register_row *row, const uint16_t *words, double *value);

/* Value -> words (register_words() of them). Errors: ERROR_LIMIT where it does not fit or the row is not
 * writable. */
int register_encode(const struct register_row *row, double value, uint16_t *words, struct error *e);

/* "verified by 3 examples" or "unverified": whether anything from outside shows that the map is right. */
bool register_map_verified(const struct register_map *map);

/* Decodes every example and compares. Errors: ERROR_CONFIG with the example that does not fit. */
int register_map_prove(const struct register_map *map, struct error *e);

/* Finds faults of the rows: a name twice, registers that overlap in part, unknown unit, bad addresses. */
int register_map_check(const struct register_map *map, struct error *e);

void register_map_free(struct register_map *map); /* NULL is fine */

/* One read transaction that serves several rows. */
struct register_block {
	int function, address, count;
	int rows;
	int row[64];	  /* index into map->row */
	int at[64];	  /* word offset of each */
};

/* Joins the wanted rows (indexes) into the fewest blocks. `out` holds up to `room` blocks; returns how many
 * are needed, or -1 (ERROR_CONFIG) when they do not fit. */
int register_coalesce(const struct register_map *map, const int *rows, int count, struct register_block *out,
	int room, struct error *e);

#endif
