# parkd: the whole build. `make V=1` shows the commands; `make SAN=address,undefined BUILD=build/asan`
# builds a second tree with sanitizers. Objects, dependencies and programs stay in $(BUILD).

VERSION := 0.1.0
PREFIX  ?= /usr/local
BUILD   ?= build
CC      ?= cc
PKG_CONFIG ?= pkg-config
OPT     ?= -O2 -g
WERROR  ?= -Werror
SAN     ?=
DESTDIR ?=

PACKAGES := libmodbus libmosquitto sqlite3 libcurl libsystemd libconfig jansson libmicrohttpd libcrypto expat libzip

# Files and times beyond 2^31 on 32-bit machines too; no library of PACKAGES is asked for a time_t or given one.
CPPFLAGS += -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -D_TIME_BITS=64 -DPARKD_VERSION='"$(VERSION)"' -I.
# The test build with named moments at which it can be killed (daemon/base/crash.h).
ifneq ($(CRASH),)
CPPFLAGS += -DPARKD_CRASH
CRASH_SRC := tests/fault/crash_point.c
endif
# Of a build with OPT=--coverage: a daemon that a test kills leaves its counts.
ifneq ($(COUNTS),)
COUNTS_SRC := tests/fault/kept_counts.c
endif
ifeq ($(SAN),)
CPPFLAGS += -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2
endif
# Texts are cut to their buffers on purpose, hence no -Wformat-truncation; what an initialiser leaves
# out is zero, hence no -Wmissing-field-initializers.
CFLAGS   += -std=c11 $(OPT) -Wall -Wextra $(WERROR) -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
            -Wpointer-arith -Wvla -Wformat=2 -Wno-unknown-warning-option -Wno-format-truncation -Wno-missing-field-initializers -Wundef -Wwrite-strings -fPIE -fstack-protector-strong \
            $(if $(SAN),-fsanitize=$(SAN) -fno-omit-frame-pointer -fno-sanitize-recover=all) \
            $(shell $(PKG_CONFIG) --cflags $(PACKAGES))
LDFLAGS  += -pie -Wl,-z,relro,-z,now,--as-needed $(if $(SAN),-fsanitize=$(SAN))
LDLIBS   := $(shell $(PKG_CONFIG) --libs $(PACKAGES)) -lpthread -lm

# The library: everything but the programs' own files.
LIB_SRC  := $(filter-out daemon/main.c,$(wildcard daemon/*.c daemon/[!c]*/*.c daemon/core/*.c \
              daemon/config/*.c sensors/*.c sensors/*/*.c)) $(CRASH_SRC)
CTL_SRC  := $(wildcard daemon/ctl/*.c)
SIM_SRC  := $(wildcard tests/parksim/*.c)
UNIT_SRC := $(wildcard tests/unit/test_*.c)
SIMULATE_SRC := $(wildcard tests/simulate/simulate_*.c)
BENCH_SRC := $(wildcard tests/bench/bench_*.c)
FUZZ_SRC := $(wildcard tests/fuzz/fuzz_*.c)
FAULT_SRC := $(wildcard tests/fault/fault_*.c)

obj      = $(patsubst %.c,$(BUILD)/%.o,$(1))
LIB      := $(BUILD)/libparkd.a
PROGRAMS := $(BUILD)/parkd $(BUILD)/parkctl $(BUILD)/parksim
UNITS    := $(patsubst tests/unit/%.c,$(BUILD)/%,$(UNIT_SRC))
SIMULATIONS := $(patsubst tests/simulate/%.c,$(BUILD)/%,$(SIMULATE_SRC))
BENCHES  := $(patsubst tests/bench/%.c,$(BUILD)/%,$(BENCH_SRC))
FUZZERS  := $(patsubst tests/fuzz/%.c,$(BUILD)/%,$(FUZZ_SRC))
FAULTS   := $(patsubst tests/fault/%.c,$(BUILD)/%,$(FAULT_SRC))
# What lies under the real daemon, preloaded.
SHIMS    := $(addprefix $(BUILD)/,worn_disk.so slow_names.so moved_clock.so failing_memory.so)

Q := $(if $(V),,@)
say = $(if $(V),,@printf '  %-7s %s\n' '$(1)' '$(2)')

.PHONY: all units simulations benches faults test bench fuzzers fuzz install deb clean format
all: $(PROGRAMS)
units: $(UNITS)
simulations: $(SIMULATIONS)
benches: $(BENCHES)
fuzzers: $(FUZZERS)
faults: $(FAULTS) $(SHIMS)

$(BUILD)/%.o: %.c
	$(call say,CC,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

# Files that a source takes in whole with EMBED() (daemon/base/embed.h).
$(BUILD)/daemon/store/schema.o: $(wildcard daemon/store/*.sql)
$(BUILD)/daemon/ctl/report_html.o: daemon/ctl/report.css
$(BUILD)/daemon/serve/page.o: $(wildcard daemon/serve/page/*)
$(BUILD)/tests/parksim/city_page.o: tests/parksim/page.html

$(LIB): $(call obj,$(LIB_SRC))
	$(call say,AR,$@)
	$(Q)rm -f $@ && $(AR) rcs $@ $^

link = $(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $(filter %.o,$^) $(filter %.a,$^) $(LDLIBS)

$(BUILD)/parkd: $(call obj,daemon/main.c $(COUNTS_SRC)) $(LIB)
	$(call say,LINK,$@)
	$(link)
$(BUILD)/parkctl: $(call obj,$(CTL_SRC)) $(LIB)
	$(call say,LINK,$@)
	$(link)
$(BUILD)/parksim: $(call obj,$(SIM_SRC))
	$(call say,LINK,$@)
	$(link) -lgnutls
$(BUILD)/test_modbus $(BUILD)/test_bus $(BUILD)/test_probe: $(BUILD)/tests/unit/faulty_peer.o
$(BUILD)/test_station: $(BUILD)/tests/unit/board_peer.o
$(UNITS): $(BUILD)/%: $(BUILD)/tests/unit/%.o $(LIB)
	$(call say,LINK,$@)
	$(link) -lcmocka
# What a platform is told is judged by parksim's receivers.
$(BUILD)/simulate_city: $(call obj,$(addprefix tests/parksim/,city_book.c city_hefei.c city_hangzhou.c \
              city_xuzhou.c city_rules.c city_seal.c city_receivers.c sim.c))
$(SIMULATIONS): $(BUILD)/%: $(BUILD)/tests/simulate/%.o $(LIB)
	$(call say,LINK,$@)
	$(link)
$(BENCHES): $(BUILD)/%: $(BUILD)/tests/bench/%.o $(LIB)
	$(call say,LINK,$@)
	$(link)
$(FUZZERS): $(BUILD)/%: $(BUILD)/tests/fuzz/%.o $(LIB)
	$(call say,LINK,$@)
	$(link) -fsanitize=fuzzer -lcmocka

# The fault machine: a disk that can fail lies below SQLite (a VFS) and below the store's own calls.
REFUSING := $(addprefix $(BUILD)/,fault_statements fault_pictures)
BREAKING := $(filter-out $(REFUSING),$(FAULTS))
parts = $(call obj,$(addprefix tests/fault/,$(addsuffix .c,$(1))))
$(BREAKING): $(call parts,disk disk_vfs disk_calls life life_steps life_rules run)
$(BREAKING): WRAPPED := open64 read pread64 write pwrite64 fdatasync fsync unlink rename
$(BUILD)/fault_memory: $(BUILD)/tests/fault/failing_memory.o
$(SHIMS): $(BUILD)/%.so: tests/fault/%.c
	$(call say,LINK,$@)
	$(Q)mkdir -p $(@D) && $(CC) $(CPPFLAGS) $(CFLAGS) -fPIC -shared -o $@ $<
$(BUILD)/fault_line: $(BUILD)/tests/unit/faulty_peer.o
$(BUILD)/fault_frames $(BUILD)/fault_poller: $(BUILD)/tests/fault/wire.o
wrap = $(patsubst %,-Wl$(comma)--wrap=%,$(1))
comma := ,
$(REFUSING): $(call parts,refusal run)
$(REFUSING): WRAPPED := sqlite3_prepare_v3 sqlite3_exec sqlite3_step read write pread64 pwrite64 open64 openat64 \
                 close fstat64 fstatvfs64 rename renameat fdopendir
$(FAULTS): $(BUILD)/%: $(BUILD)/tests/fault/%.o $(LIB)
	$(call say,LINK,$@)
	$(link) -lcmocka $(call wrap,$(WRAPPED))

test:
	./scripts/test
bench: all benches
	$(Q)tests/bench/run --build $(BUILD)

fuzz:
	$(Q)$(MAKE) CC=clang SAN=fuzzer-no-link,address,undefined BUILD=$(BUILD)/fuzz fuzzers
	$(Q)tests/fuzz/run $(BUILD)/fuzz

install: all
	$(Q)DESTDIR='$(DESTDIR)' PREFIX='$(PREFIX)' BUILD='$(BUILD)' scripts/install

# Into $(BUILD)/deb; `make deb ARCH=arm64` for another machine (scripts/setup cross arm64).
deb:
	$(Q)scripts/deb --lintian --out '$(BUILD)/deb' $(if $(ARCH),--arch '$(ARCH)')

clean:
	rm -rf $(BUILD)
format:
	clang-format -i $(shell git ls-files '*.c' '*.h')

-include $(shell [ -d $(BUILD) ] && find $(BUILD) -name '*.d')
