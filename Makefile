# sockfix: `make` builds build/sockfix and build/libsockfix.so; `make demo`, `make test`.
# Variants get folders of their own: make VARIANT=asan test-unit -> build/asan/.

VERSION := 0.1.0
PREFIX  ?= /usr/local
DESTDIR ?=
BUILD   ?= build$(if $(VARIANT),/$(VARIANT))
CC      ?= cc
V       ?= 0
Q       := $(if $(filter 1,$(V)),,@)
say      = $(if $(filter 1,$(V)),@:,@echo "  $(1)	$(2)")

OPT     ?= -O2 -g
WARN    := -Wall -Wextra -Wshadow -Wmissing-prototypes -Wstrict-prototypes -Wcast-qual \
           -Wwrite-strings -Wformat=2 $(if $(WERROR),-Werror)
,       := ,
SANITIZE := $(if $(filter asan,$(VARIANT)),-fsanitize=address$(,)undefined -fno-sanitize-recover=all \
	-fno-omit-frame-pointer)$(if $(filter tsan,$(VARIANT)),-fsanitize=thread)
# Of a mutant one object is made anew, and no unit test: they find it in a library. Its loader asks
# for all variables that it names, those of real.c and loader.S too.
UNIT_LACKS := libc_table real_bound real_table $(addprefix loader_,gmon_start dlsym dlvsym dlopen dlmopen)
ifeq ($(VARIANT),mutants)
SANITIZE := -fPIC -Wl,--allow-shlib-undefined
UNIT_ARCHIVE = $(CC) -shared -o $@ $^ $(foreach s,$(UNIT_LACKS),-Wl$(,)--defsym=$(s)=0)
else
UNIT_ARCHIVE = rm -f $@; ar rcs $@ $^
endif
# clang counts what is reached, tests/coverage/image.c keeps it. Programs stay what they are.
VICTIM_CC := $(CC)
COVERAGE :=
ifeq ($(VARIANT),coverage)
CC := clang
COVERAGE := -fprofile-instr-generate -fcoverage-mapping -mllvm -runtime-counter-relocation \
	-mllvm -do-counter-promotion=0 -gdwarf-4 -Wno-unused-command-line-argument \
	-Wno-incompatible-function-pointer-types
IMAGE := $(BUILD)/coverage/image.o
endif
BASE_CFLAGS := -std=gnu11 $(OPT) $(WARN) -D_GNU_SOURCE -DSOCKFIX_VERSION='"$(VERSION)"' -I. -MMD -MP \
	$(CFLAGS)
TOOL_CFLAGS := $(BASE_CFLAGS) $(SANITIZE) $(COVERAGE) -DSOCKFIX_PREFIX='"$(PREFIX)"'
# The victim's side. No sanitizer: it lives in programs that were not built with one.
SHIM_CFLAGS := $(BASE_CFLAGS) -fPIC -fvisibility=hidden -fexceptions -ftls-model=initial-exec \
	-U_FORTIFY_SOURCE -fno-stack-protector -fno-plt $(COVERAGE)

RULES_SHARED := rules/option.c rules/rule.c rules/wire.c
RULES_SRC := $(wildcard rules/*.c)
SHIM_SRC  := $(wildcard shim/*.c shim/*/*.c)
SHIM_ASM  := $(wildcard shim/*.S shim/*/*.S)
SHIM_PURE := $(filter-out shim/hook/%.c shim/life.c shim/real.c,$(SHIM_SRC))
TOOLS_SRC := $(wildcard tools/*/*.c)
PRESETS   := $(sort $(wildcard rules/presets/*.conf))

obj = $(patsubst %,$(BUILD)/$(1)/%.o,$(2))
TOOL_OBJ := $(call obj,tool,$(RULES_SRC) $(TOOLS_SRC)) $(BUILD)/tool/presets.o $(IMAGE)
SHIM_OBJ := $(call obj,shim,$(SHIM_SRC) $(SHIM_ASM) $(RULES_SHARED)) $(IMAGE)

# What was given on the command line: objects are made anew when it changes.
SETTINGS := $(CC) $(OPT) $(CFLAGS) $(LDFLAGS) $(PREFIX) $(STATIC) $(WERROR)
$(shell mkdir -p $(BUILD); echo '$(SETTINGS)' | cmp -s - $(BUILD)/settings || echo '$(SETTINGS)' >$(BUILD)/settings)

.PHONY: all help deps demo test test-programs test-unit test-cli test-behave test-random test-clients test-real soak bench bench-check bench-instructions-check install uninstall clean \
	coverage coverage-run mutants mutants-base check-layers check-exports check-format check-lint
.DELETE_ON_ERROR:
all: $(BUILD)/sockfix $(BUILD)/libsockfix.so

help:
	@echo 'make               $(BUILD)/sockfix and $(BUILD)/libsockfix.so'
	@echo 'make demo          what it does, shown: an IMAP import bare and mended'
	@echo 'make test          all tests; test-unit, test-cli, test-behave, test-random, test-clients: some'
	@echo 'make test-real     a table of real programs, bare and under sockfix; ROW=nginx: some rows'
	@echo 'make soak          a million random steps, a thousand kills a mode, each fault; SEED=, STEPS='
	@echo 'make coverage      lines and branches of shim/ and rules/ that make test reaches'
	@echo 'make mutants       whether the tests see a change of one token; COUNT=60 SEED='
	@echo 'make bench         speed, as ratios of one run; TOPIC=calls: one table; make bench-check'
	@echo 'make bench-instructions-check   what a call costs, counted in instructions, against tests/bench/floors'
	@echo 'make install       into PREFIX ($(PREFIX)), below DESTDIR; make uninstall'
	@echo 'make STATIC=0      a command that loads libconfig and jansson'
	@echo 'make deps          installs the Debian packages that all this needs'
	@echo 'make check-layers check-exports check-format check-lint; make clean'

# ---- the command ------------------------------------------------------------
$(BUILD)/sockfix: $(TOOL_OBJ) $(BUILD)/linking
	$(call say,LINK,$@)
	$(Q)$(CC) $(TOOL_CFLAGS) $(LDFLAGS) $$(cat $(BUILD)/linking) -o $@ $(TOOL_OBJ) $(TOOL_LIBS)

# Static where that can be had: what loads no library starts in less memory than any COMMAND that
# does, and without a descriptor. STATIC=0: never, STATIC=1: or not at all.
TOOL_LIBS := -lconfig -ljansson -lm
$(BUILD)/linking: $(BUILD)/settings | $(BUILD)/deps.ok
	$(Q)echo 'int main(void) { return 0; }' >$@.c; case '$(STATIC)' in 0) ;; 1) echo -static ;; \
	  *) $(CC) $(TOOL_CFLAGS) $(LDFLAGS) -static -o $@.try $@.c $(TOOL_LIBS) 2>/dev/null && \
	  echo -static ;; esac >$@ || true

$(BUILD)/tool/%.c.o: %.c $(BUILD)/settings | $(BUILD)/deps.ok
	$(call say,CC,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(TOOL_CFLAGS) -c -o $@ $<

# Presets travel inside the command: it works from the build folder, installed, and in a container.
$(BUILD)/tool/presets.c: $(PRESETS) rules/presets.h Makefile
	@mkdir -p $(@D)
	$(Q){ echo '/* made by the Makefile from rules/presets/ */'; \
	  echo '#include "rules/presets.h"'; \
	  for f in $(PRESETS); do n=$$(basename $$f .conf); s=preset_$$(echo $$n | tr - _); \
	    printf '__asm__(".pushsection .rodata\\n%s: .incbin \\"%s\\"\\n%s_end: .byte 0\\n.popsection");\n' $$s $$f $$s; \
	    echo "extern const char $$s[], $${s}_end[];"; done; \
	  echo 'const struct preset preset_table[] = {'; \
	  for f in $(PRESETS); do n=$$(basename $$f .conf); s=preset_$$(echo $$n | tr - _); \
	    echo "	{\"$$n\", $$s, $${s}_end},"; done; \
	  echo '};'; echo 'const size_t preset_count = sizeof(preset_table) / sizeof(*preset_table);'; } > $@
$(BUILD)/tool/presets.o: $(BUILD)/tool/presets.c
	$(Q)$(CC) $(TOOL_CFLAGS) -c -o $@ $<

# ---- the library ------------------------------------------------------------
# The test build, whose system calls of its own can be made to fail (shim/base/fault.h). Not installed.
FAULTS_OBJ := $(call obj,faults,$(SHIM_SRC) $(RULES_SHARED) tests/random/fault_inside.c) \
	$(call obj,shim,$(SHIM_ASM))
$(BUILD)/libsockfix.so: $(SHIM_OBJ)
$(BUILD)/faults/libsockfix.so: $(FAULTS_OBJ)
$(BUILD)/libsockfix.so $(BUILD)/faults/libsockfix.so: $(BUILD)/export.map $(BUILD)/stub/libdl.so.2 \
		$(BUILD)/stub/libpthread.so.0
	$(call say,LINK,$@)
	$(Q)$(CC) $(SHIM_CFLAGS) -shared -Wl,-soname,libsockfix.so -Wl,--version-script=$(BUILD)/export.map \
	  -Wl,-z,defs,-z,relro,-z,now,-z,noexecstack,-z,nodelete,--hash-style=both -Wl,--no-as-needed \
	  -o $@.new $(filter %.o,$^) $(BUILD)/stub/libdl.so.2 $(BUILD)/stub/libpthread.so.0
	$(Q)mv -f $@.new $@

$(BUILD)/shim/%.c.o: %.c $(BUILD)/settings | $(BUILD)/deps.ok
	$(call say,CC,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(SHIM_CFLAGS) -c -o $@ $<
$(BUILD)/shim/%.S.o: %.S | $(BUILD)/deps.ok
	@mkdir -p $(@D)
	$(Q)$(CC) $(SHIM_CFLAGS) -c -o $@ $<

$(BUILD)/faults/%.c.o: %.c $(BUILD)/settings | $(BUILD)/deps.ok
	$(call say,CC,$< with faults)
	@mkdir -p $(@D)
	$(Q)$(CC) $(SHIM_CFLAGS) -DSOCKFIX_FAULTS -c -o $@ $<

$(BUILD)/export.map: shim/calls.h Makefile
	@mkdir -p $(@D)
	$(Q)printf '#define CALL(name, ...) EXPORT name\n#include "shim/calls.h"\n' | \
	  $(CC) -E -P -I. -DCALLS_NAMES_ONLY -x c -o $@.names -
	$(Q){ echo '{ global:'; sed -n 's/^ *EXPORT \([a-z_A-Z0-9]*\) *$$/  \1;/p' $@.names; \
	  echo '  local: *; };'; } > $@

$(BUILD)/coverage/image.o: tests/coverage/image.c $(BUILD)/settings
	@mkdir -p $(@D)/counters
	$(Q)$(VICTIM_CC) $(BASE_CFLAGS) -fPIC -fvisibility=hidden -DCOVERAGE_FOLDER='"$(abspath $(@D))/counters"' \
	  -c -o $@ $<

# Old names of libdl and libpthread, so that the library asks for versions that every glibc has.
STUB_libdl.so.2      := dladdr
STUB_libpthread.so.0 := pthread_create pthread_sigmask pthread_attr_setstacksize pthread_setcancelstate \
	pthread_testcancel
STUB_VERSION := $(if $(filter aarch64%,$(shell $(CC) -dumpmachine)),GLIBC_2.17,GLIBC_2.2.5)
$(BUILD)/stub/%: Makefile
	@mkdir -p $(@D)
	$(Q)printf '$(STUB_VERSION) { $(foreach s,$(STUB_$*),$(s);) };\n' > $@.map
	$(Q)printf '$(foreach s,$(STUB_$*),void $(s)(void);void $(s)(void){})' | \
	  $(CC) -shared -fPIC -nostdlib -w -fno-builtin -Wl,-soname,$* -Wl,--version-script=$@.map -x c -o $@ -

$(BUILD)/deps.ok:
	@mkdir -p $(@D)
	@tests/deps.sh build
	@touch $@

# ---- tests ------------------------------------------------------------------
UNIT   := $(patsubst tests/unit/%.c,$(BUILD)/tests/%,$(wildcard tests/unit/test_*.c))
BEHAVE := $(patsubst tests/behave/%.c,$(BUILD)/tests/%,$(wildcard tests/behave/test_*.c))
RANDOM := $(patsubst %,$(BUILD)/tests/test_%,random faults kill)
REAL   := $(patsubst tests/real/%.c,$(BUILD)/tests/%,$(wildcard tests/real/test_*.c))
BENCH := $(patsubst %,$(BUILD)/bench/%,calls calls-unasked instructions turns peer relay many start loss reader recording)
VICTIMS := $(patsubst tests/victims/%.c,$(BUILD)/victims/%,$(wildcard tests/victims/*.c))
PLUGINS := $(patsubst %,$(BUILD)/plugins/%.so,dep writes lazy now sysv early registers own-lazy own-now \
	between between-wraps next-1 next-2 caller only/onlyhere old-lazy old-now noplt nolibc)
TESTS := $(notdir $(UNIT) $(BEHAVE) $(REAL) $(RANDOM))
ifneq ($(words $(TESTS)),$(words $(sort $(TESTS))))
$(error two test programs have one name: $(TESTS))
endif
UNIT_OBJ := $(call obj,unit,$(SHIM_PURE)) $(filter-out %/tools/cmd/main.c.o,$(TOOL_OBJ))

$(BUILD)/unit/%.c.o: %.c $(BUILD)/settings
	@mkdir -p $(@D)
	$(Q)$(CC) $(TOOL_CFLAGS) -c -o $@ $<
$(BUILD)/unit.a: $(UNIT_OBJ)
	$(Q)$(UNIT_ARCHIVE)
# What unit tests share may know what they test, which helper.a may not.
$(BUILD)/unit-helper.a: $(call obj,tool,$(wildcard tests/unit/helper/*.c) tests/helper/must.c)
	$(Q)rm -f $@; ar rcs $@ $^
$(BUILD)/tests/%: tests/unit/%.c $(BUILD)/unit-helper.a $(BUILD)/unit.a
	$(call say,TEST,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(TOOL_CFLAGS) -o $@ $< $(filter %.a,$^) -lcmocka -lconfig -ljansson -lm -lpthread
HELPERS := $(wildcard tests/helper/*.c)
$(BUILD)/helper.a: $(call obj,tool,$(HELPERS)) $(IMAGE)
	$(Q)rm -f $@; ar rcs $@ $^
$(BUILD)/tests/%: tests/behave/%.c $(BUILD)/helper.a
	$(call say,TEST,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(TOOL_CFLAGS) -o $@ $< $(BUILD)/helper.a -lcmocka -Wl,--as-needed -ljansson -lpthread
$(BUILD)/tests/%: tests/real/%.c $(BUILD)/helper.a
	$(call say,TEST,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(TOOL_CFLAGS) -o $@ $< $(BUILD)/helper.a -lcmocka -ljansson -lpthread
$(BUILD)/victims/%: tests/victims/%.c
	@mkdir -p $(@D)
	$(Q)$(VICTIM_CC) $(BASE_CFLAGS) -o $@ $< -lpthread
# A random program knows nothing of sockfix; who plays and compares it, and its peer, are not in it.
RANDOM_PROGRAM := $(addprefix tests/random/,program.c world.c step.c writing.c writes.c reads.c) \
	$(wildcard tests/random/play_*.c)
RANDOM_GAME := $(addprefix tests/random/,game.c shrink.c series.c workers.c peer.c peer_orders.c step.c)
$(BUILD)/random/program: $(call obj,victim,$(RANDOM_PROGRAM))
	@mkdir -p $(@D)
	$(Q)$(VICTIM_CC) $(BASE_CFLAGS) -o $@ $^ -lpthread
$(BUILD)/victim/%.c.o: %.c $(BUILD)/settings
	@mkdir -p $(@D)
	$(Q)$(VICTIM_CC) $(BASE_CFLAGS) -c -o $@ $<
$(BUILD)/random/replay: tests/random/replay.c $(call obj,tool,$(RANDOM_GAME)) $(BUILD)/helper.a
	@mkdir -p $(@D)
	$(Q)$(CC) $(TOOL_CFLAGS) -MF $@.d -o $@ $(filter %.c %.o %.a,$^) -lcmocka -lpthread
$(RANDOM): $(BUILD)/tests/%: tests/random/%.c $(call obj,tool,$(RANDOM_GAME)) $(BUILD)/helper.a \
		| $(BUILD)/random/program $(BUILD)/random/replay
	$(call say,TEST,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(TOOL_CFLAGS) -MF $@.d -o $@ $(filter %.c %.o,$^) $(BUILD)/helper.a -lcmocka -lpthread
$(BUILD)/tests/test_faults: $(call obj,tool,$(addprefix tests/random/,story.c faults.c fault_census.c \
		fault_plan.c fault_table.c)) | $(BUILD)/faults/libsockfix.so $(BUILD)/victims/faulted \
		$(patsubst %,$(BUILD)/victims/%,deepbind answers full)
$(BUILD)/tests/test_kill: $(call obj,tool,$(patsubst %,tests/random/%.c,kills kill_peer kill_after)) \
		| $(BUILD)/victims/killed
# The host's functions are there for its plugins.
$(BUILD)/victims/deepbind: tests/victims/deepbind.c $(PLUGINS)
	@mkdir -p $(@D)
	$(Q)$(VICTIM_CC) $(BASE_CFLAGS) -rdynamic -o $@ $< -lpthread
# Plugins: what one is made of, and how it is linked.
$(BUILD)/plugins/%.so: Makefile
	@mkdir -p $(@D)
	$(Q)$(VICTIM_CC) $(BASE_CFLAGS) -MF $@.d -fPIC -shared -o $@ tests/victims/plugins/$(SOURCE).c $(LINKED) \
		-Wl,-soname,$(@F),-rpath,'$$ORIGIN'
plugin = $(foreach n,$(1),$(BUILD)/plugins/$(n).so)
$(call plugin,lazy now sysv early registers noplt): $(call plugin,dep)
$(call plugin,own-lazy own-now): $(call plugin,dep writes)
$(call plugin,only/onlyhere): SOURCE := dep
$(call plugin,only/onlyhere): LINKED := -Ddep_go=go
$(call plugin,nolibc): SOURCE := dep
$(call plugin,nolibc): LINKED := -Ddep_go=go -nostdlib -Wl,-z,lazy
$(call plugin,caller): SOURCE := caller
$(call plugin,old-lazy old-now): SOURCE := old
$(call plugin,old-lazy): LINKED := -Wl,-z,lazy
$(call plugin,old-now): LINKED := -Wl,-z,now,-z,relro
$(call plugin,caller): LINKED := -Wl,-rpath,'$$ORIGIN/only'
$(call plugin,dep): SOURCE := dep
$(call plugin,writes): SOURCE := own
$(call plugin,writes): LINKED := -Wl,--hash-style=sysv
$(call plugin,between between-wraps): SOURCE := between
$(call plugin,between): LINKED := -ldl
$(call plugin,between-wraps): LINKED := -DWRAPS -ldl
$(call plugin,next-1 next-2): SOURCE := next
$(call plugin,next-1): LINKED := -DNUMBER=1
$(call plugin,next-2): LINKED := -DNUMBER=2
$(call plugin,lazy now sysv early registers own-lazy own-now noplt): SOURCE := plugin
$(call plugin,lazy): LINKED := -Wl,-z,lazy,-z,norelro $(call plugin,dep)
$(call plugin,now): LINKED := -Wl,-z,now,-z,relro $(call plugin,dep)
$(call plugin,noplt): LINKED := -fno-plt $(call plugin,dep)
$(call plugin,sysv): LINKED := -Wl,--hash-style=sysv,-z,lazy $(call plugin,dep)
$(call plugin,early): LINKED := -DREGISTERS -nostartfiles -Wl,-z,lazy $(call plugin,dep)
$(call plugin,registers): LINKED := -DREGISTERS -Wl,-z,now,-z,relro $(call plugin,dep)
$(call plugin,own-lazy): LINKED := -Wl,-z,lazy $(call plugin,writes dep)
$(call plugin,own-now): LINKED := -Wl,-z,now $(call plugin,writes dep)
$(BUILD)/bench/%: tests/bench/%.c tests/bench/bench.c $(BUILD)/helper.a
	@mkdir -p $(@D)
	$(Q)$(VICTIM_CC) $(BASE_CFLAGS) -MF $@.d -o $@ $(filter %.c %.a,$^) -lpthread
$(BUILD)/bench/calls $(BUILD)/bench/instructions: tests/bench/calls_rows.c
$(BUILD)/bench/calls-unasked: $(patsubst %,tests/bench/%.c,calls calls_rows bench unasked) $(BUILD)/helper.a
	@mkdir -p $(@D)
	$(Q)$(VICTIM_CC) $(BASE_CFLAGS) -MF $@.so.d -fPIC -shared -o $(@D)/libunasked.so tests/bench/unasked.c
	$(Q)$(VICTIM_CC) $(BASE_CFLAGS) -MF $@.d -o $@ $(filter-out %unasked.c,$(filter %.c %.a,$^)) -L$(@D) -lunasked \
		-Wl,-soname,$(@F),-rpath,'$$ORIGIN' -lpthread
$(BUILD)/bench/reader: examples/file-copy/reader.c
	@mkdir -p $(@D)
	$(Q)$(VICTIM_CC) $(BASE_CFLAGS) -o $@ $<
$(BUILD)/imapd: examples/imap/imapd.c
	@mkdir -p $(@D)
	$(Q)$(VICTIM_CC) $(BASE_CFLAGS) -o $@ $< -lpthread

test: all
	@tests/deps.sh test
	@$(MAKE) --no-print-directory check-layers check-exports
	@$(MAKE) --no-print-directory test-programs
	@BUILD=$(BUILD) tests/run.sh $(UNIT) $(BEHAVE) $(RANDOM) $(REAL)
test-programs: all $(UNIT) $(BEHAVE) $(RANDOM) $(REAL) $(VICTIMS) $(BUILD)/imapd
test-unit: $(UNIT)
	@BUILD=$(BUILD) tests/run.sh $(UNIT)
CLI := $(foreach t,$(BEHAVE),$(if $(findstring /test_cli_,$(t)),$(t)))
test-cli: all $(CLI) $(patsubst %,$(BUILD)/victims/%,recorded walled starter deepbind)
	@BUILD=$(BUILD) tests/run.sh $(CLI)
test-behave: all $(BEHAVE) $(VICTIMS)
	@BUILD=$(BUILD) tests/run.sh $(BEHAVE)
test-random: all $(RANDOM)
	@BUILD=$(BUILD) tests/run.sh $(RANDOM)
# SEED=, STEPS= of each mode. Each prints its seeds, and of what fails how it is played again.
soak: all $(RANDOM)
	@export BUILD=$(BUILD) SEED=$(SEED) STEPS=$(or $(STEPS),1000000) SOAK=1; failed=0; \
	for t in $(RANDOM); do $$t || failed=1; done; exit $$failed
test-clients: all $(REAL) $(VICTIMS) $(BUILD)/imapd
	@tests/deps.sh test
	@BUILD=$(BUILD) tests/run.sh $(REAL)
# ROW=nginx: the rows that begin so, or of a file of tests/real/rows; PAIRS= of timed runs a row.
test-real: all
	@tests/deps.sh real
	@PYTHONDONTWRITEBYTECODE=1 BUILD=$(BUILD) PAIRS=$(PAIRS) tests/real/table.py $(if $(ROW),'$(ROW)')

# Tests that count instructions or look at all that the library maps may fail under it: run.sh says
# which; the figures are of all of them.
coverage:
	@tests/deps.sh coverage
	@$(MAKE) --no-print-directory VARIANT=coverage coverage-run
coverage-run: test-programs
	@rm -rf $(BUILD)/coverage/counters; install -d -m 1777 $(BUILD)/coverage/counters
	@BUILD=$(BUILD) tests/run.sh $(UNIT) $(BEHAVE) $(RANDOM) $(REAL) || true
	@tests/coverage/report.py $(BUILD) $(UNIT)

# COUNT= changes of one token, drawn from SEED=; SOME= arguments of tests/mutants.py.
mutants:
	@tests/deps.sh test
	@PYTHONDONTWRITEBYTECODE=1 tests/mutants.py --count $(or $(COUNT),60) $(if $(SEED),--seed $(SEED)) $(SOME)
mutants-base: all $(UNIT) $(BEHAVE) $(RANDOM) $(VICTIMS) $(BUILD)/imapd

check-layers: all
	@tests/layers.py $(BUILD)
check-exports: $(BUILD)/libsockfix.so $(BUILD)/export.map
	@BUILD=$(BUILD) CC=$(CC) tests/exports.sh
check-format:
	@clang-format --dry-run -Werror $$(git ls-files '*.c' '*.h' | grep -v option_table.h)
check-lint:
	@cppcheck -q --error-exitcode=1 --inline-suppr --std=c11 -I. \
	  --enable=warning,performance,portability -D_GNU_SOURCE -D__x86_64__ -DSOCKFIX_VERSION='"0"' -DSOCKFIX_PREFIX='"/"' rules shim tools

# ---- the rest ---------------------------------------------------------------
deps:
	@tests/deps.sh test
demo:
	@tests/deps.sh demo
	@$(MAKE) --no-print-directory all $(BUILD)/imapd
	@BUILD=$(BUILD) examples/imap/run.sh
bench: all $(BENCH) $(BUILD)/imapd
	@tests/deps.sh bench
	@PYTHONDONTWRITEBYTECODE=1 BUILD=$(BUILD) tests/bench/bench.py $(TOPIC)
# Of the topic that counts instead of taking time: as good on any machine, whatever else it does.
bench-instructions-check: all $(BUILD)/bench/instructions
	@tests/deps.sh packages python3 valgrind
	@PYTHONDONTWRITEBYTECODE=1 BUILD=$(BUILD) tests/bench/bench.py instructions
	@tests/bench/check.py -v $(BUILD)/bench.json tests/bench/floors
bench-check:
	@tests/bench/check.py $(BUILD)/bench.json tests/bench/floors

# A library that is overwritten in place kills every process that has it mapped: rename over it.
install: all
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/lib/sockfix $(DESTDIR)$(PREFIX)/share/sockfix/presets
	install -m 755 $(BUILD)/libsockfix.so $(DESTDIR)$(PREFIX)/lib/sockfix/libsockfix.so.new
	mv -f $(DESTDIR)$(PREFIX)/lib/sockfix/libsockfix.so.new $(DESTDIR)$(PREFIX)/lib/sockfix/libsockfix.so
	install -m 755 $(BUILD)/sockfix $(DESTDIR)$(PREFIX)/bin/sockfix.new
	mv -f $(DESTDIR)$(PREFIX)/bin/sockfix.new $(DESTDIR)$(PREFIX)/bin/sockfix
	install -m 644 $(PRESETS) $(DESTDIR)$(PREFIX)/share/sockfix/presets/
# Rules that an administrator put beside our presets stay.
uninstall:
	rm -f $(DESTDIR)$(PREFIX)/bin/sockfix $(DESTDIR)$(PREFIX)/lib/sockfix/libsockfix.so
	rm -f $(addprefix $(DESTDIR)$(PREFIX)/share/sockfix/presets/,$(notdir $(PRESETS)))
	-rmdir $(DESTDIR)$(PREFIX)/share/sockfix/presets $(DESTDIR)$(PREFIX)/share/sockfix \
	  $(DESTDIR)$(PREFIX)/lib/sockfix 2>/dev/null || true
clean:
	rm -rf $(BUILD)

-include $(shell find $(BUILD) -type f -name '*.d' 2>/dev/null)
