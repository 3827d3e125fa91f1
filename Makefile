# SPDX-License-Identifier: Apache-2.0
# How dualgate is built and tested. Everything is found by wildcard: a new source file, test, proto
# file or migration needs no line here. Nothing is written outside build/ (and var/ by `make run`).
#
# One object folder per flavour, so that switching between them never rebuilds:
#   build/release  what is installed     build/asan  what the tests run (gcc, ASan + UBSan)
#   build/clang    a second opinion      build/fuzz  libFuzzer targets (clang)
#   build/cov      the same, counting lines

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
.SUFFIXES:
MAKEFLAGS += --no-builtin-rules --no-print-directory
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c

VERSION := 0.1.0
BUILD ?= build
PREFIX ?= /usr/local
ifndef JOBS
JOBS := $(shell nproc)
endif
FUZZ_SECONDS ?= 60
PYTHON := /usr/bin/python3
GCC ?= gcc
CLANG ?= clang-14
export BUILD PYTHON JOBS FUZZ_SECONDS
export PYTHONDONTWRITEBYTECODE := 1

# ---- what there is ---------------------------------------------------------------------------

lib_src := $(sort $(wildcard gateway/*/*.c) $(wildcard adapters/*/*.c))
main_src := $(wildcard gateway/main.c)
headers := $(sort $(wildcard gateway/*/*.h))
protos := $(sort $(wildcard proto/*.proto))
migrations := $(sort $(wildcard deploy/sql/*.sql))
test_src := $(sort $(wildcard tests/unit/*_test.c tests/golden/*_test.c tests/system/*_test.c \
    tests/fault/*_test.c))
helper_src := $(sort $(wildcard tests/system/*_helper.c tests/fault/*_helper.c))
bench_src := $(sort $(wildcard tests/bench/*.c))
fuzz_src := $(sort $(wildcard tests/fuzz/*_fuzz.c))
c_files := $(sort $(lib_src) $(main_src) $(headers) $(test_src) $(helper_src) $(bench_src) $(fuzz_src) \
    $(wildcard tests/*/*.h) $(wildcard deploy/examples/*/*.c))

# ---- flags (reference: every one is accepted by both compilers unless marked) ------------------

warn := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wstrict-prototypes \
    -Wold-style-definition -Wmissing-prototypes -Wmissing-declarations -Wredundant-decls \
    -Wnested-externs -Wundef -Wvla -Wwrite-strings -Wcast-qual -Wcast-align -Wpointer-arith \
    -Wformat=2 -Wimplicit-fallthrough -Wswitch-enum -Wdouble-promotion -Wnull-dereference -Werror
warn_gcc := -Wduplicated-cond -Wduplicated-branches -Wlogical-op -Warith-conversion
warn_clang := -Wmissing-variable-declarations -Wcomma -Wassign-enum -Wextra-semi-stmt

# Foreign and generated headers by -isystem: their warnings are not ours to mend.
includes := -Igateway -isystem $(BUILD)/gen -isystem /usr/include/postgresql \
    -isystem /usr/include/libxml2
base_flags := -std=c11 -D_GNU_SOURCE $(includes)
libs := -luv -lmosquitto -lprotobuf-c -lpq -lyajl -ljansson -lfyaml -lxml2 -lcsv -lmicrohttpd \
    -lssl -lcrypto -lm -pthread
hardening := -fstack-protector-strong -fstack-clash-protection -fcf-protection \
    -D_FORTIFY_SOURCE=3 -fPIE
sanitize := -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
link_common := -Wl,--as-needed

release_cc := $(GCC)
release_cflags := -O2 -g $(hardening) $(warn) $(warn_gcc)
release_ldflags := -pie -Wl,-z,relro,-z,now

asan_cc := $(GCC)
asan_cflags := -O1 -g $(sanitize) $(warn) $(warn_gcc)
asan_ldflags := $(sanitize)

# clang 14 knows _FORTIFY_SOURCE up to 2 only.
clang_cc := $(CLANG)
clang_cflags := -O2 -g $(filter-out -D_FORTIFY_SOURCE=3,$(hardening)) $(warn) $(warn_clang)
clang_ldflags := -pie

fuzz_cc := $(CLANG)
fuzz_cflags := -O1 -g -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all \
    -fno-omit-frame-pointer $(warn)
fuzz_ldflags := -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all

# What of the readers the corpora reach: the targets again, counting lines.
cov_cc := $(CLANG)
cov_cflags := -O1 -g -fsanitize=fuzzer-no-link -fprofile-instr-generate -fcoverage-mapping $(warn)
cov_ldflags := -fsanitize=fuzzer -fprofile-instr-generate

# cmocka hands every test a state that most do not want.
test_cflags := -Itests -Wno-unused-parameter

# ---- generated code --------------------------------------------------------------------------

gen := $(BUILD)/gen
pb_c := $(patsubst proto/%.proto,$(gen)/%.pb-c.c,$(protos))
ifneq ($(protos),)
pb_c += $(gen)/google/protobuf/descriptor.pb-c.c
endif
pb_h := $(pb_c:.c=.h)
gen_src := $(pb_c) $(gen)/descriptor_set.c $(gen)/migrations.c $(gen)/version.c

$(gen)/%.pb-c.c $(gen)/%.pb-c.h &: proto/%.proto $(protos)
	@mkdir -p $(gen) && echo "  PROTOC   $<"
	@protoc-c -Iproto -I/usr/include --c_out=$(gen) $<

$(gen)/google/protobuf/descriptor.pb-c.c $(gen)/google/protobuf/descriptor.pb-c.h &: \
    /usr/include/google/protobuf/descriptor.proto
	@mkdir -p $(gen) && echo "  PROTOC   $<"
	@protoc-c -I/usr/include --c_out=$(gen) $<

/usr/include/google/protobuf/descriptor.proto:
	@echo "libprotobuf-dev is missing: run make deps" >&2; exit 1

$(gen)/descriptor_set.bin: $(protos)
	@mkdir -p $(gen) && echo "  PROTOC   $@"
	@if [ -n "$(protos)" ]; then protoc -Iproto -I/usr/include --include_imports \
	    --descriptor_set_out=$@ $(protos); else : > $@; fi

$(gen)/descriptor_set.c: $(gen)/descriptor_set.bin deploy/dev/embed
	@deploy/dev/embed bytes descriptor_set $< > $@

# The listing is a prerequisite of its own: a migration that was removed must leave the binary too.
$(gen)/migrations.list: FORCE
	@mkdir -p $(gen); printf '%s\n' $(migrations) > $@.new; \
	    cmp -s $@.new $@ && rm $@.new || mv $@.new $@
$(gen)/migrations.c: $(gen)/migrations.list $(migrations) deploy/dev/embed
	@deploy/dev/embed files embedded_migrations $(migrations) > $@

$(gen)/version.c: FORCE
	@mkdir -p $(gen); v="$(VERSION)"; \
	    d=$$(git describe --always --dirty --match 'v*' 2>/dev/null || true); \
	    printf 'extern const char dualgate_version[];\nconst char dualgate_version[] = "%s";\n' \
	        "$$v$${d:+ ($$d)}" > $@.new; cmp -s $@.new $@ && rm $@.new || mv $@.new $@
FORCE:

# ---- objects, library, programs: one set of rules per flavour -----------------------------------

define flavour
$(1)_obj := $$(patsubst %.c,$(BUILD)/$(1)/%.o,$$(lib_src))
$(1)_gen_obj := $$(patsubst $(gen)/%.c,$(BUILD)/$(1)/gen/%.o,$$(gen_src))
$(1)_lib := $(BUILD)/$(1)/libdualgate.a
$(1)_tests := $$(patsubst %.c,$(BUILD)/$(1)/%,$$(test_src) $$(helper_src))
$(1)_bench := $$(patsubst %.c,$(BUILD)/$(1)/%,$$(bench_src))
$(1)_bin := $$(if $$(main_src),$(BUILD)/$(1)/dualgate)

$(BUILD)/$(1)/gen/%.o: $(gen)/%.c Makefile | $$(pb_h)
	@mkdir -p $$(@D) && echo "  CC $(1)  $$<"
	@$$($(1)_cc) $$(base_flags) $$(filter-out $$(warn) $$(warn_gcc) $$(warn_clang),$$($(1)_cflags)) \
	    -w -MD -MP -c -o $$@ $$<

$(BUILD)/$(1)/%.o: %.c Makefile | $$(pb_h)
	@mkdir -p $$(@D) && echo "  CC $(1)  $$<"
	@$$($(1)_cc) $$(base_flags) $$($(1)_cflags) $$(if $$(filter tests/%,$$<),$$(test_cflags)) \
	    -MD -MP -c -o $$@ $$<

# Made anew each time, so that the object of a removed source does not live on in it.
$$($(1)_lib): $$($(1)_obj) $$($(1)_gen_obj) $(BUILD)/$(1)/sources.list
	@echo "  AR $(1)" && rm -f $$@ && ar qcs $$@ $$($(1)_obj) $$($(1)_gen_obj)

$(BUILD)/$(1)/sources.list: FORCE
	@mkdir -p $$(@D); printf '%s\n' $$(lib_src) $$(gen_src) > $$@.new; \
	    cmp -s $$@.new $$@ && rm $$@.new || mv $$@.new $$@

# The whole archive: two modules that define one name must not link, whichever would be picked.
$(BUILD)/$(1)/dualgate: $(BUILD)/$(1)/gateway/main.o $$($(1)_lib)
	@echo "  LD $(1)  $$@"
	@$$($(1)_cc) $$($(1)_ldflags) $$(link_common) -o $$@ $$< -Wl,--whole-archive $$($(1)_lib) \
	    -Wl,--no-whole-archive $$(libs)

$$($(1)_tests) $$($(1)_bench): $(BUILD)/$(1)/%: $(BUILD)/$(1)/%.o $$($(1)_lib)
	@echo "  LD $(1)  $$@"
	@$$($(1)_cc) $$($(1)_ldflags) $$(link_common) -o $$@ $$^ -lcmocka $$(libs)

-include $$($(1)_obj:.o=.d) $$($(1)_gen_obj:.o=.d) $$(addsuffix .d,$$($(1)_tests) $$($(1)_bench)) \
    $(BUILD)/$(1)/gateway/main.d
endef
$(foreach f,release asan clang fuzz cov,$(eval $(call flavour,$(f))))

fuzz_bins := $(patsubst tests/fuzz/%.c,$(BUILD)/fuzz/%,$(fuzz_src))
$(fuzz_bins): $(BUILD)/fuzz/%: $(BUILD)/fuzz/tests/fuzz/%.o $(fuzz_lib)
	@echo "  LD fuzz  $@"
	@$(fuzz_cc) $(fuzz_ldflags) $(link_common) -o $@ $^ $(libs)
-include $(patsubst %.c,$(BUILD)/fuzz/%.d,$(fuzz_src))

cov_bins := $(patsubst tests/fuzz/%.c,$(BUILD)/cov/%,$(fuzz_src))
$(cov_bins): $(BUILD)/cov/%: $(BUILD)/cov/tests/fuzz/%.o $(cov_lib)
	@echo "  LD cov  $@"
	@$(cov_cc) $(cov_ldflags) $(link_common) -o $@ $^ $(libs)
-include $(patsubst %.c,$(BUILD)/cov/%.d,$(fuzz_src))

$(BUILD)/dualgate: $(BUILD)/release/dualgate
	@install -m755 $< $@

.SECONDARY:

# ---- what people call ------------------------------------------------------------------------

.PHONY: all help deps run check test test-long mutants lint format bench fuzz install clean bare schemas \
    build-asan build-release build-clang build-fuzz build-cov build-programs build-bench gen list-c FORCE

all: deps ## build build/dualgate (the default)
	@$(MAKE) -j$(JOBS) build-release

help: ## list what there is to call
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' Makefile

deps: ## install the Debian packages that are missing
	@deploy/dev/install

run: all ## private servers, example district, gateway, simulator; Ctrl-C stops all
	@deploy/dev/run

check: deps ## format, sanitized build, unit and golden tests (90 s)
	@$(PYTHON) tests/lib/tier.py check

test: deps ## check, both compilers, lint, system, one case per fault (12 min)
	@$(PYTHON) tests/lib/tier.py test

test-long: deps ## everything that test leaves out (20 min)
	@$(PYTHON) tests/lib/tier.py test-long

mutants: deps ## every planted bug must make its test fail
	@$(PYTHON) tests/mutants/run

lint: deps ## include direction, banned functions, clang-tidy, lengths
	@$(MAKE) -s -j$(JOBS) gen
	@$(PYTHON) tests/lint/lint.py

format: deps ## clang-format all C in place
	@clang-format-14 -i $(c_files)

bench: all build-bench ## measure (tests/bench/README.md)
	@tests/bench/run

fuzz: deps ## fuzz each target for FUZZ_SECONDS
	@$(MAKE) -j$(JOBS) build-fuzz
	@$(PYTHON) tests/fuzz/run

schemas: build-release ## write deploy/examples/schema anew from proto/
	@rm -f deploy/examples/schema/*.json
	@$(BUILD)/dualgate schema --dir deploy/examples/schema

bare: ## a clean clone on a bare Debian 12 (debootstrap)
	@tests/bare/run

install: all ## copy program, adapters and schema below PREFIX
	install -Dm755 $(BUILD)/dualgate $(DESTDIR)$(PREFIX)/bin/dualgate
	@for f in $$(find adapters config deploy/sql deploy/broker -type f ! -name '*.c'); do \
	    install -Dm644 "$$f" "$(DESTDIR)$(PREFIX)/share/dualgate/$$f"; done

clean: ## remove build/
	rm -rf $(BUILD)

build-asan: $(asan_lib) $(asan_bin) $(asan_tests)
build-bench: $(release_bench)
build-release: $(release_bench) $(if $(main_src),$(BUILD)/dualgate,$(release_lib))
# What a test that starts processes needs.
build-programs: $(asan_bin) $(patsubst %.c,$(BUILD)/asan/%,$(helper_src)) \
    $(if $(main_src),$(BUILD)/dualgate)
build-clang: $(clang_lib) $(clang_bin) $(clang_tests)
build-fuzz: $(fuzz_bins)
build-cov: $(cov_bins)
gen: $(pb_h)
list-c:
	@printf '%s\n' $(c_files)
