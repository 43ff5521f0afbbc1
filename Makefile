# heatbench: `make demo` runs the benches on the virtual lab, `make test` passes the tests.
# BUILD=dir builds elsewhere; CC=clang, SANITIZE=address,undefined or SANITIZE=thread as wanted.

BUILD ?= build
ifeq ($(origin CC),default)
CC := gcc
endif
Q := $(if $(V),,@)
SANITIZE ?=
WERROR ?=
VERSION := 0.1.0

PACKAGES := libmodbus libserialport sqlite3 jansson gsl nettle libgpiod libcurl hiredis
LUA := $(shell command -v pkg-config >/dev/null && pkg-config --exists lua5.4 && echo lua5.4 || echo lua-5.4)

CPPFLAGS += -I. -D_GNU_SOURCE -DHEATBENCH_VERSION='"$(VERSION)"' $(shell command -v pkg-config >/dev/null && pkg-config --cflags $(PACKAGES) $(LUA))
CFLAGS ?= -O2 -g
CFLAGS += -std=c17 -Wall -Wextra -Wpedantic -Wshadow -Wvla -Wformat=2 -Wstrict-prototypes -Wmissing-prototypes \
	-Wwrite-strings -fno-common $(if $(WERROR),-Werror) \
	$(if $(SANITIZE),-fsanitize=$(SANITIZE) -fno-omit-frame-pointer -fno-sanitize-recover=all)
LDLIBS += $(shell command -v pkg-config >/dev/null && pkg-config --libs $(PACKAGES) $(LUA)) -ludunits2 -lm -lpthread
LDFLAGS += $(if $(SANITIZE),-fsanitize=$(SANITIZE))

# Rooms, lowest first; what a room may include is checked by tests/house.sh.
ROOMS := daq/base daq/wire daq/device daq/store daq/acquire daq/script daq/recording daq/program analytics/core analytics/accuracy benches/pump benches/flow benches/meters fixtures/lab \
	daq/cli

# Programs: name and the file that holds main().
PROGRAMS := heatbench heatbench-pump heatbench-flow heatbench-meters heatbench-evaluate heatbench-accuracy heatbench-runs heatbench-live heatbench-device heatbench-lab
MAIN_heatbench := daq/cli/heatbench.c
MAIN_heatbench-pump := benches/pump/main.c
MAIN_heatbench-flow := benches/flow/main.c
MAIN_heatbench-meters := benches/meters/main.c
MAIN_heatbench-evaluate := daq/cli/evaluate.c
MAIN_heatbench-accuracy := daq/cli/accuracy.c
MAIN_heatbench-runs := daq/cli/runs.c
MAIN_heatbench-live := daq/cli/live.c
MAIN_heatbench-device := daq/cli/device.c
MAIN_heatbench-lab := fixtures/lab/main.c
MAINS := $(foreach p,$(PROGRAMS),$(MAIN_$(p)))

# libgpiod 1.6 and 2.x have nothing in common but the name: the file that does not fit stays out.
GPIOD_OTHER := $(shell command -v pkg-config >/dev/null && pkg-config --atleast-version=2 libgpiod 2>/dev/null && echo 1 || echo 2)
SOURCES := $(filter-out daq/wire/lines_gpiod$(GPIOD_OTHER).c,$(foreach r,$(ROOMS),$(wildcard $(r)/*.c)))
OBJECTS := $(patsubst %.c,$(BUILD)/obj/%.o,$(SOURCES))
LIBRARY_OBJECTS := $(patsubst %.c,$(BUILD)/obj/%.o,$(filter-out $(MAINS) fixtures/lab/%,$(SOURCES)))
LIBRARY := $(BUILD)/libheatbench.a
# The virtual lab is a house of its own: it may use daq/base and nothing else of ours.
LAB_OBJECTS := $(patsubst %.c,$(BUILD)/obj/%.o,$(filter-out $(MAINS),$(filter fixtures/lab/%,$(SOURCES))))
LAB_LIBRARY := $(BUILD)/liblab.a
BINARIES := $(addprefix $(BUILD)/,$(foreach p,$(PROGRAMS),$(if $(wildcard $(MAIN_$(p))),$(p))))

TEST_SOURCES := $(wildcard tests/*/test_*.c)
TEST_BINARIES := $(patsubst tests/%.c,$(BUILD)/tests/%,$(TEST_SOURCES))
BENCH_BINARIES := $(patsubst tests/%.c,$(BUILD)/tests/%,$(wildcard tests/bench/*.c))
# What several tests share, and programs that tests and campaigns call: no tests themselves.
TEST_PARTS := $(patsubst %.c,$(BUILD)/obj/%.o,$(wildcard tests/accuracy/plants*.c tests/accuracy/lab_logs.c))
TEST_LIBRARY := $(BUILD)/libtests.a
TEST_PROGRAMS := $(addprefix $(BUILD)/tests/accuracy/,make_run cover dump)
TEST_SCRIPTS := $(wildcard tests/*.sh tests/*/test_*.sh tests/*/test_*.py)

.PHONY: all setup demo test tests test-asan test-tsan test-kernel test-long bench clean
all: $(BINARIES)

setup:
	@sh scripts/setup

$(BUILD)/obj/%.o: %.c
	@mkdir -p $(@D)
	@echo "  CC  $<"
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

$(LIBRARY): $(LIBRARY_OBJECTS)
	@rm -f $@
	@echo "  AR  $@"
	$(Q)ar rcs $@ $^

$(LAB_LIBRARY): $(LAB_OBJECTS)
	@rm -f $@
	@echo "  AR  $@"
	$(Q)ar rcs $@ $^

define PROGRAM_RULE
$(BUILD)/$(1): $(BUILD)/obj/$(MAIN_$(1):.c=.o) $(if $(filter heatbench-lab,$(1)),$(LAB_LIBRARY)) $(LIBRARY)
	@echo "  LD  $$@"
	$(Q)$$(CC) $$(LDFLAGS) -o $$@ $$^ $$(LDLIBS)
endef
$(foreach p,$(PROGRAMS),$(eval $(call PROGRAM_RULE,$(p))))

$(TEST_LIBRARY): $(TEST_PARTS)
	@rm -f $@
	@echo "  AR  $@"
	$(Q)ar rcs $@ $^

$(BUILD)/tests/%: tests/%.c $(TEST_LIBRARY) $(LAB_LIBRARY) $(LIBRARY)
	@mkdir -p $(@D)
	@echo "  LD  $@"
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP $(LDFLAGS) -o $@ $< $(TEST_LIBRARY) $(LAB_LIBRARY) $(LIBRARY) $(LDLIBS) -lcmocka

tests: all $(TEST_BINARIES) $(TEST_PROGRAMS)

# Two commands for a fresh machine.
demo:
	@sh scripts/setup
	@echo "building ..."
	@$(MAKE) --no-print-directory -s -j2 all
	@sh scripts/demo $(BUILD)

test:
	@sh scripts/setup test
	@echo "building ..."
	@$(MAKE) --no-print-directory -s -j2 tests
	@echo "testing ..."
	@BUILD=$(abspath $(BUILD)) tests/run $(BUILD)/results $(TEST_BINARIES) $(TEST_SCRIPTS)

# The same tests under sanitizers; scripts that only drive other programs are run once, above.
test-asan:
	@$(MAKE) --no-print-directory -s -j2 BUILD=$(BUILD)-asan SANITIZE=address,undefined tests
	@BUILD=$(abspath $(BUILD)-asan) tests/run $(BUILD)-asan/results $(patsubst $(BUILD)/%,$(BUILD)-asan/%,$(TEST_BINARIES)) \
		$(filter tests/program/%,$(TEST_SCRIPTS))

test-tsan:
	@$(MAKE) --no-print-directory -s -j2 BUILD=$(BUILD)-tsan SANITIZE=thread tests
	@BUILD=$(abspath $(BUILD)-tsan) tests/run $(BUILD)-tsan/results \
		$(patsubst $(BUILD)/%,$(BUILD)-tsan/%,$(filter $(BUILD)/tests/base/% $(BUILD)/tests/wire/% $(BUILD)/tests/acquire/% $(BUILD)/tests/recording/% $(BUILD)/tests/store/test_days $(BUILD)/tests/accuracy/test_study,$(TEST_BINARIES)))

# Lines and serial ports on a real kernel, in a guest: downloads what it needs into $(BUILD)/kernel.
test-kernel:
	@sh tests/kernel/run $(BUILD)

# Campaigns on the virtual lab, 40 minutes at most: docs/reliability.md. LONG=N: N times as long; SEED=N: other ones.
test-long:
	@sh scripts/setup test
	@$(MAKE) --no-print-directory -s -j2 all $(TEST_PROGRAMS)
	@BUILD=$(abspath $(BUILD)) LONG=$(or $(LONG),1) SEED=$(or $(SEED),1) TEST_SECONDS=$(or $(TEST_SECONDS),86400) \
		tests/run $(BUILD)/results-long $(addprefix tests/long/campaign_,days.py schedules.py kills.py coverage.py flow.py accuracy.py); \
		status=$$?; grep -h '^# figure: ' $(BUILD)/results-long/*.tap | sed 's/^# figure: /  /'; exit $$status

bench: all
	@$(MAKE) --no-print-directory -s -j2 $(BENCH_BINARIES)
	@sh tests/bench/run $(BUILD)

clean:
	rm -rf $(BUILD)

-include $(OBJECTS:.o=.d) $(TEST_BINARIES:=.d) $(TEST_PARTS:.o=.d) $(TEST_PROGRAMS:=.d)
