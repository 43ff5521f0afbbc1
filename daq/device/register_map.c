#include "daq/device/register_map.h"

#include "daq/base/error.h"
#include "daq/base/units.h"
#include "daq/device/mbus_key.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const struct {
	const char *name;
	int words;
} types[] = {
	[REGISTER_U16] = {"u16", 1}, [REGISTER_S16] = {"s16", 1}, [REGISTER_U32] = {"u32", 2},
	[REGISTER_S32] = {"s32", 2}, [REGISTER_U64] = {"u64", 4}, [REGISTER_S64] = {"s64", 4},
	[REGISTER_F32] = {"f32", 2}, [REGISTER_BIT] = {"bit", 1},
};

static const char *const kinds[] = {
	[KIND_GAUGE] = "gauge",
	[KIND_COUNTER] = "counter",
	[KIND_STATE] = "state",
	[KIND_SETPOINT] = "setpoint",
};

enum { TYPES = sizeof(types) / sizeof(types[0]), KINDS = sizeof(kinds) / sizeof(kinds[0]) };

const char *map_kind_name(enum map_kind kind)
{
	static const char *const names[] = {[MAP_REGISTERS] = "registers", [MAP_DOCUMENT] = "document", [MAP_MBUS] = "M-Bus"};

	return names[kind];
}

int register_words(enum register_type type)
{
	return types[type].words;
}

const char *register_type_name(enum register_type type)
{
	return (unsigned)type < TYPES ? types[type].name : "?";
}

int register_type_parse(const char *name)
{
	for (int i = 0; i < TYPES; i++)
		if (strcmp(types[i].name, name) == 0)
			return i;
	return -1;
}

const char *register_kind_name(enum register_kind kind)
{
	return (unsigned)kind < KINDS ? kinds[kind] : "?";
}

int register_kind_parse(const char *name)
{
	for (int i = 0; i < KINDS; i++)
		if (strcmp(kinds[i], name) == 0)
			return i;
	return -1;
}

int register_find(const struct register_map *map, const char *name)
{
	for (int i = 0; i < map->rows; i++)
		if (strcmp(map->row[i].name, name) == 0)
			return i;
	return -1;
}

void register_map_order(struct register_map *map, enum word_order order)
{
	map->order = order;
	map->reordered = true;
	for (int i = 0; i < map->rows; i++)
		if (!map->row[i].own_order)
			map->row[i].order = order;
}

bool register_expected(const struct register_row *row, double value)
{
	return !row->expects || (value >= row->expect_min && value <= row->expect_max);
}

/* The words as one number, most significant first, whatever the device's order. */
static uint64_t join_words(const struct register_row *row, const uint16_t *words)
{
	int n = register_words(row->type);
	uint64_t raw = 0;

	for (int i = 0; i < n; i++)
		raw = raw << 16 | words[row->order == WORDS_HIGH_FIRST ? i : n - 1 - i];
	return raw;
}

bool register_decode(const struct register_row *row, const uint16_t *words, double *value)
{
	uint64_t raw = join_words(row, words);
	double v = NAN;

	for (int i = 0; i < row->refused_count; i++)
		if (raw == row->refused[i])
			goto invalid;
	switch (row->type) {
	case REGISTER_U16:
	case REGISTER_U32:
	case REGISTER_U64:
		v = (double)raw;
		break;
	case REGISTER_S16:
		v = (int16_t)raw;
		break;
	case REGISTER_S32:
		v = (int32_t)raw;
		break;
	case REGISTER_S64:
		v = (double)(int64_t)raw;
		break;
	case REGISTER_F32: {
		uint32_t bits = (uint32_t)raw;
		float f;

		memcpy(&f, &bits, sizeof(f));
		v = f;
		break;
	}
	case REGISTER_BIT:
		v = raw >> row->bit & 1;
		break;
	}
	if (!isfinite(v))
		goto invalid;
	*value = v * row->scale + row->offset;
	return true;
invalid:
	*value = NAN;
	return false;
}

int register_encode(const struct register_row *row, double value, uint16_t *words, struct error *e)
{
	static const struct {
		double low, high;
	} span[] = {
		[REGISTER_U16] = {0, 65535},
		[REGISTER_S16] = {-32768, 32767},
		[REGISTER_U32] = {0, 4294967295.0},
		[REGISTER_S32] = {-2147483648.0, 2147483647.0},
		[REGISTER_U64] = {0, 9007199254740992.0}, /* what a double holds exactly */
		[REGISTER_S64] = {-9007199254740992.0, 9007199254740992.0},
		[REGISTER_F32] = {-3.4e38, 3.4e38},
		[REGISTER_BIT] = {0, -1},
	};
	int n = register_words(row->type);
	double raw = (value - row->offset) / row->scale;
	uint64_t bits;

	if (!row->writable || row->type == REGISTER_BIT)
		return error_set(e, ERROR_LIMIT, "register %s cannot be written", row->name);
	if (row->type != REGISTER_F32)
		raw = round(raw);
	if (!(raw >= span[row->type].low && raw <= span[row->type].high))
		return error_set(e, ERROR_LIMIT, "%g %s does not fit register %s (%s, %g to %g %s)", value, row->unit,
			row->name, register_type_name(row->type),
			span[row->type].low * row->scale + row->offset,
			span[row->type].high * row->scale + row->offset, row->unit);
	if (row->type == REGISTER_F32) {
		float f = (float)raw;
		uint32_t u;

		memcpy(&u, &f, sizeof(u));
		bits = u;
	} else {
		bits = raw < 0 ? (uint64_t)(int64_t)raw : (uint64_t)raw;
	}
	for (int i = 0; i < n; i++)
		words[row->order == WORDS_HIGH_FIRST ? n - 1 - i : i] = (uint16_t)(bits >> (16 * i));
	return 0;
}

bool register_map_verified(const struct register_map *map)
{
	return map->examples > 0;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* "01 04 .." -> bytes; -1 for anything that is not pairs of hex digits. */
static int parse_hex(const char *text, uint8_t *out, int room)
{
	int n = 0;

	while (*text) {
		int high, low;

		if (*text == ' ') {
			text++;
			continue;
		}
		high = hex_digit(text[0]);
		low = high < 0 ? -1 : hex_digit(text[1]);
		if (low < 0 || n == room)
			return -1;
		out[n++] = (uint8_t)(high << 4 | low);
		text += 2;
	}
	return n;
}

/* CRC-16/MODBUS: polynomial 0x8005 reflected, initial 0xFFFF ("Modbus over serial line" V1.02, 6.2.2). */
static uint16_t frame_crc(const uint8_t *bytes, int n)
{
	uint16_t crc = 0xffff;

	for (int i = 0; i < n; i++) {
		crc ^= bytes[i];
		for (int b = 0; b < 8; b++)
			crc = crc & 1 ? (uint16_t)(crc >> 1 ^ 0xa001) : (uint16_t)(crc >> 1);
	}
	return crc;
}

static int not_as_expected(const struct register_map *map, const struct register_example *x, int row, double value, struct error *e)
{
	return error_set(e, ERROR_CONFIG, "map %s: example '%.160s' gives %s = %.9g %s, expected %.9g (%s)", map->name, x->frame, x->name,
		value, map->row[row].unit, x->value, x->source);
}

static int prove_example(const struct register_map *map, const struct register_example *x, struct error *e)
{
	uint8_t frame[128];
	uint16_t words[64];
	int n = parse_hex(x->frame, frame, sizeof(frame)), row = register_find(map, x->name), at;
	double value;

	if (n < 7 || frame[2] != n - 5 || frame[2] / 2 > 62)
		return error_set(e, ERROR_CONFIG, "map %s: example '%s' is not a Modbus RTU reply", map->name, x->frame);
	if (frame_crc(frame, n - 2) != (frame[n - 2] | frame[n - 1] << 8))
		return error_set(e, ERROR_CONFIG, "map %s: example '%s' fails its CRC", map->name, x->frame);
	if (row < 0)
		return error_set(e, ERROR_CONFIG, "map %s: example names no register of it: '%s'", map->name, x->name);
	at = map->row[row].address - x->address;
	if (at < 0 || (at + register_words(map->row[row].type)) * 2 > frame[2])
		return error_set(e, ERROR_CONFIG, "map %s: example '%s' does not hold %s", map->name, x->frame, x->name);
	for (int i = 0; i < frame[2] / 2; i++)
		words[i] = (uint16_t)(frame[3 + 2 * i] << 8 | frame[4 + 2 * i]);
	if (!register_decode(&map->row[row], words + at, &value) || !(fabs(value - x->value) <= x->tolerance))
		return not_as_expected(map, x, row, value, e);
	return 0;
}

static int prove_telegram(const struct register_map *map, const struct register_example *x, struct error *e)
{
	uint8_t bytes[MBUS_FRAME_MAX];
	int n = parse_hex(x->frame, bytes, sizeof(bytes)), row = register_find(map, x->name);
	double value;

	if (n < 0)
		return error_set(e, ERROR_CONFIG, "map %s: telegram '%.160s' is not pairs of hex digits", map->name, x->frame);
	if (row < 0)
		return error_set(e, ERROR_CONFIG, "map %s: telegram names no point of it: '%s'", map->name, x->name);
	if (mbus_key_show(map->row[row].key, map->row[row].unit, bytes, (size_t)n, &value, e) != 0)
		return -1;
	value = value * map->row[row].scale + map->row[row].offset;
	return fabs(value - x->value) <= x->tolerance ? 0 : not_as_expected(map, x, row, value, e);
}

int register_map_prove(const struct register_map *map, struct error *e)
{
	for (int i = 0; i < map->examples; i++)
		if ((map->kind == MAP_MBUS ? prove_telegram : prove_example)(map, &map->example[i], e) != 0)
			return -1;
	return 0;
}

static int check_pair(const struct register_map *map, const struct register_row *a, const struct register_row *b,
	struct error *e)
{
	int a_end = a->address + register_words(a->type), b_end = b->address + register_words(b->type);

	if (strcmp(a->name, b->name) == 0)
		return error_set(e, ERROR_CONFIG, "map %s: register '%s' is there twice", map->name, a->name);
	if (map->kind != MAP_REGISTERS)
		return strcmp(a->key, b->key) != 0 ? 0
						   : error_set(e, ERROR_CONFIG, "map %s: '%s' and '%s' have the same key '%s'",
							     map->name, a->name, b->name, a->key);
	if (a->function != b->function || a_end <= b->address || b_end <= a->address)
		return 0;
	if (a->address == b->address && a_end == b_end)
		return 0; /* two views of the same words: bits of a word, a raw and a scaled reading */
	return error_set(e, ERROR_CONFIG, "map %s: registers '%s' (%d..%d) and '%s' (%d..%d) overlap", map->name,
		a->name, a->address, a_end - 1, b->name, b->address, b_end - 1);
}

int register_map_check(const struct register_map *map, struct error *e)
{
	for (int i = 0; i < map->rows; i++) {
		const struct register_row *row = &map->row[i];
		struct error why = ERROR_INIT;

		if (row->address < 0 || row->address + register_words(row->type) > 65536)
			return error_set(e, ERROR_CONFIG, "map %s: register '%s': address %d is outside 0 to 65535",
				map->name, row->name, row->address);
		if (!unit_known(row->unit))
			return error_set(e, ERROR_CONFIG, "map %s: register '%s': unknown unit '%s'", map->name, row->name,
				row->unit);
		if (row->scale == 0 || !isfinite(row->scale) || !isfinite(row->offset))
			return error_set(e, ERROR_CONFIG, "map %s: register '%s': scale %g, offset %g", map->name,
				row->name, row->scale, row->offset);
		if (map->kind == MAP_MBUS && mbus_key_check(row->key, row->unit, &why) != 0)
			return error_set(e, ERROR_CONFIG, "map %s: point '%s': %s", map->name, row->name, why.text);
		if (register_words(row->type) > map->max_words)
			return error_set(e, ERROR_CONFIG, "map %s: register '%s' has more words than the device gives at once (%d)",
				map->name, row->name, map->max_words);
	}
	for (int i = 0; i < map->rows; i++)
		for (int k = i + 1; k < map->rows; k++)
			if (check_pair(map, &map->row[i], &map->row[k], e) != 0)
				return -1;
	return 0;
}

void register_map_free(struct register_map *map)
{
	if (!map)
		return;
	free(map->row);
	free(map->example);
	free(map);
}
