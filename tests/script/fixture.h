/*
 * fixture.h - bench files and procedures written to a folder of their own, and a target that only remembers.
 */
#ifndef HEATBENCH_TESTS_SCRIPT_FIXTURE_H
#define HEATBENCH_TESTS_SCRIPT_FIXTURE_H

/* cmocka wants these before itself. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daq/acquire/bench.h"
#include "daq/acquire/target.h"
#include "daq/base/error.h"
#include "daq/base/text.h"
#include "daq/script/bench_file.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char fixture_folder[64] = "";

/* Path of a file in the folder of this test program; valid until the 16th call from here. */
static inline const char *fixture_path(const char *name)
{
	static char paths[16][128];
	static int next;
	char *path = paths[next++ % 16];

	if (!fixture_folder[0]) {
		snprintf(fixture_folder, sizeof(fixture_folder), "/tmp/heatbench-script-XXXXXX");
		assert_non_null(mkdtemp(fixture_folder));
	}
	snprintf(path, sizeof(paths[0]), "%s/%s", fixture_folder, name);
	return path;
}

static inline const char *fixture_write(const char *name, const char *text)
{
	const char *path = fixture_path(name);
	struct error e = ERROR_INIT;

	if (text_write_file(path, text, strlen(text), &e) != 0)
		fail_msg("%s", e.text);
	return path;
}

static inline int fixture_remove(void **state)
{
	char command[128];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf '%s'", fixture_folder);
	return fixture_folder[0] ? system(command) : 0;
}

/* The sentence must end with `text`, after a path of this program's folder, or contain it. */
static inline void assert_sentence(const struct error *e, const char *text)
{
	if (!strstr(e->text, text))
		fail_msg("expected \"%s\" in: %s", text, e->text);
}

/* A small rig: one dut with duty, relay and flow, and a valve. Other files append to its beginning. */
#define FIXTURE_RIG                                                                                             \
	"local odu = modbus_rtu{ name = 'odu', port = '/dev/null-port', baud = 19200, parity = 'E' }\n"         \
	"local hp = device{ name = 'hp', bus = odu, unit = 1, map = 'quatt-odu' }\n"                            \
	"dut{ name = 'wilo', kind = 'pump', profile = 'wilo-ipwm1' }\n"                                         \
	"channel{ name = 'wilo_duty', from = hp.pump_speed, dut = 'wilo', role = 'duty', output = true }\n"     \
	"channel{ name = 'wilo_relay', from = hp.pump_relay, dut = 'wilo', role = 'relay', output = true }\n"   \
	"channel{ name = 'wilo_flow', from = hp.flow, dut = 'wilo', role = 'flow' }\n"                          \
	"channel{ name = 'outside', from = hp.outside_temperature, role = 'outside' }\n"
#define FIXTURE_END "return bench{ name = 'rig', tick = '1 s' }\n"

static inline struct bench *fixture_bench(const char *more)
{
	struct error e = ERROR_INIT;
	struct bench *bench = NULL;
	char text[8192];

	snprintf(text, sizeof(text), "%s%s%s", FIXTURE_RIG, more, FIXTURE_END);
	if (bench_file_read(&bench, fixture_write("rig.lua", text), &e) != 0)
		fail_msg("%s", e.text);
	return bench;
}

/* Maps are those of the source tree, whatever the environment says. */
static inline void fixture_environment(void)
{
	unsetenv("HEATBENCH_MAPS");
	setenv("CMOCKA_MESSAGE_OUTPUT", "TAP", 0);
}

#endif
