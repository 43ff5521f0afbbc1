/*
 * bench_reader.h - a bench file while it is being read: what its constructors wrote, not yet joined.
 *
 * Constructors (bench_build.c) check each table by its shape (bench_settings.c) and note the names of things
 * that may come later in the file; bench_resolve.c joins them when the file has ended.
 */
#ifndef HEATBENCH_SCRIPT_BENCH_READER_H
#define HEATBENCH_SCRIPT_BENCH_READER_H

#include "daq/acquire/bench.h"
#include "daq/script/data_file.h"
#include "daq/script/settings_lua.h"
#include "daq/script/source_files.h"

enum { QUANTITY_TEXT = 48 };

/* Quantities stay texts until their unit is known. */
struct bus_form {
	struct bench_bus bus;
	int parity; /* index into "NEO" */
};

struct device_form {
	struct bench_device device;
	const char *bench_file;
	struct bench_reader *reader;
	int keep_raw;
	int word_order; /* 0: as the map says, else enum word_order + 1 */
};

struct channel_form {
	struct bench_channel channel;
	nanos every; /* 0: each tick */
	double gain;
	char offset[QUANTITY_TEXT], resolution[QUANTITY_TEXT], uncertainty[QUANTITY_TEXT];
	char min[QUANTITY_TEXT], max[QUANTITY_TEXT], nominal[QUANTITY_TEXT];
	char dut[32], certificate[64];
	struct bench_reader *reader;
};

struct dut_form {
	struct bench_dut dut;
	struct bench_reader *reader;
};

struct limit_form {
	struct bench_limit limit;
	char dut[32], set_point[QUANTITY_TEXT], min[QUANTITY_TEXT], max[QUANTITY_TEXT];
	int rule;
};

struct safe_form {
	struct bench_safe safe;
	char channel[48], value[QUANTITY_TEXT];
};

struct interlock_form {
	struct bench_interlock interlock;
	char channel[48], min[QUANTITY_TEXT], max[QUANTITY_TEXT];
};

struct certificate_form {
	struct bench_certificate certificate;
	char U[QUANTITY_TEXT], unit[16];
};

struct bench_reader {
	struct bench *bench;
	struct source_files files;
	struct data_file file;
	char path[SOURCE_PATH];
	char source[160]; /* of bench{...}; "" before */
	struct channel_form channel[BENCH_CHANNELS];
	struct limit_form limit[BENCH_LIMITS];
	struct safe_form safe[BENCH_SAFE];
	struct interlock_form interlock[BENCH_INTERLOCKS];
	char certificate_unit[BENCH_CERTIFICATES][16];
	int channels, limits, safes, interlocks;
};

/* bench_settings.c */
extern const char *const bench_parities, *const *const bench_rules;
extern const struct setting bench_rows[], rtu_rows[], tcp_rows[], device_rows[], channel_rows[], dut_rows[],
	limit_rows[], safe_rows[], certificate_rows[];

/* bench_build.c, bench_bytes.c, bench_documents.c, bench_lines.c, bench_parts.c: the constructors, as data_file.h wants them, and their keys. */
extern const struct shape bench_shape_bench, bench_shape_rtu, bench_shape_tcp, bench_shape_device,
	bench_shape_channel, bench_shape_dut, bench_shape_limit, bench_shape_safe, bench_shape_interlock, bench_shape_certificate,
	bench_shape_lines, bench_shape_relay, bench_shape_pwm, bench_shape_pulses, bench_shape_feedback, bench_shape_evaluation,
	bench_shape_serial, bench_shape_serial_tcp, bench_shape_scale, bench_shape_http_feed, bench_shape_redis,
	bench_shape_mbus, bench_shape_mbus_tcp;
int bench_build_bench(lua_State *L, void *self, const char *source, struct error *e);
int bench_build_rtu(lua_State *L, void *self, const char *source, struct error *e);
int bench_build_tcp(lua_State *L, void *self, const char *source, struct error *e);
int bench_build_device(lua_State *L, void *self, const char *source, struct error *e);
int bench_build_channel(lua_State *L, void *self, const char *source, struct error *e);
int bench_build_dut(lua_State *L, void *self, const char *source, struct error *e);
int bench_build_limit(lua_State *L, void *self, const char *source, struct error *e);
int bench_build_safe(lua_State *L, void *self, const char *source, struct error *e);
int bench_build_interlock(lua_State *L, void *self, const char *source, struct error *e);
int bench_build_lines(lua_State *L, void *self, const char *source, struct error *e);
int bench_build_relay(lua_State *L, void *self, const char *source, struct error *e);
int bench_build_pwm(lua_State *L, void *self, const char *source, struct error *e);
int bench_build_pulses(lua_State *L, void *self, const char *source, struct error *e);
int bench_build_feedback(lua_State *L, void *self, const char *source, struct error *e);
int bench_build_serial(lua_State *L, void *self, const char *source, struct error *e);
int bench_build_serial_tcp(lua_State *L, void *self, const char *source, struct error *e);
int bench_build_http_feed(lua_State *L, void *self, const char *source, struct error *e);
int bench_build_redis(lua_State *L, void *self, const char *source, struct error *e);
int bench_build_scale(lua_State *L, void *self, const char *source, struct error *e);
int bench_build_mbus(lua_State *L, void *self, const char *source, struct error *e);
int bench_build_mbus_tcp(lua_State *L, void *self, const char *source, struct error *e);
int bench_build_evaluation(lua_State *L, void *self, const char *source, struct error *e);
int bench_build_certificate(lua_State *L, void *self, const char *source, struct error *e);

int bench_add_bus(lua_State *L, struct bench_reader *reader, struct bus_form *form, const char *source,
	const char *what, struct error *e);

/* bench_mbus.c: whether the device's address is one of its bus's kind. Errors: ERROR_CONFIG. */
int bench_check_meter(const struct bench *bench, const struct bench_device *device, const char *source, struct error *e);

/* A handle in Lua: what modbus_rtu{...} and device{...} return, and what device.register gives. */
enum handle_kind { HANDLE_BUS, HANDLE_DEVICE, HANDLE_REGISTER };
struct bench_handle {
	enum handle_kind kind;
	int index, reg;
};

/* bench_handle.c: the handle on top of the stack, or a name ("odu", "odu.flow"). Errors: ERROR_CONFIG. */
void bench_handle_push(lua_State *L, struct bench_reader *reader, enum handle_kind kind, int index);
int bench_handle_read(lua_State *L, const struct bench *bench, enum handle_kind kind, struct bench_handle *out,
	const char *where, struct error *e);

/* bench_resolve.c: joins what was noted. Errors: ERROR_CONFIG. */
int bench_resolve(struct bench_reader *reader, struct error *e);
int bench_resolve_lines(struct bench *bench, struct error *e); /* bench_lines.c: what outputs start with */
int bench_resolve_interlocks(struct bench_reader *reader, struct bench *bench, struct error *e);
int bench_check_document_channel(const struct bench *bench, const struct bench_channel *c, struct error *e); /* bench_documents.c */
int bench_resolve_limits(struct bench_reader *reader, struct bench *bench, struct error *e);

/* bench_checks.c */

/* A name as parts of file names, columns and messages take it; a column's has no '-'. */
int bench_check_name(const char *name, bool column, const char *source, const char *what, struct error *e);
int bench_check_room(int count, int room, const char *what, const char *source, struct error *e);
int bench_name_twice(const char *source, const char *what, const char *name, const char *first, struct error *e);


/* A quantity in `unit`; "" leaves *out alone. `what` is the key path, "channel.min". */
int bench_quantity(const char *text, const char *unit, double *out, const char *source, const char *what,
	struct error *e);

/* The unit of a difference of values in `unit`: a difference of temperatures is K. */
const char *bench_difference_unit(const char *unit);

#endif
