# sockfix: `make` builds build/sockfix and build/libsockfix.so; `make demo`, `make test`.
# Variants get folders of their own: make VARIANT=asan test-unit -> build/asan/.

VERSION := 0.2.0
PREFIX  ?= /usr/local
LIBDIR  ?= $(PREFIX)/lib
DESTDIR ?=
BUILD   ?= build$(if $(VARIANT),/$(VARIANT))
CC      ?= cc
STRIP   ?= strip
OBJCOPY ?= objcopy
V       ?= 0
Q       := $(if $(filter 1,$(V)),,@)
say      = $(if $(filter 1,$(V)),@:,@echo "  $(1)	$(2)")

OPT     ?= -O2 -g
WARN    := -Wall -Wextra -Wshadow -Wmissing-prototypes -Wstrict-prototypes -Wcast-qual \
           -Wwrite-strings -Wformat=2 -Wno-psabi $(if $(WERROR),-Werror)
include tests/variants.mk

# The same bytes whatever folder they are built in.
HERE    := $(if $(VARIANT),,-ffile-prefix-map=$(CURDIR)=. -ffile-prefix-map=$(abspath $(BUILD))=build)

BASE_CFLAGS := -std=gnu11 $(OPT) $(WARN) -D_GNU_SOURCE -DSOCKFIX_VERSION='"$(VERSION)"' -I. -MMD -MP \
	-include shim/older.h $(HERE) $(CPPFLAGS) $(CFLAGS)
TOOL_CFLAGS := $(BASE_CFLAGS) -D_FILE_OFFSET_BITS=64 -fPIE $(SANITIZE) $(COVERAGE) -DSOCKFIX_PREFIX='"$(PREFIX)"' -DSOCKFIX_LIBDIR='"$(LIBDIR)"'
# The victim's side. No sanitizer: it lives in programs that were not built with one. What hardens a
# distribution's packages (CPPFLAGS, CFLAGS) is taken back where a hook cannot have it: the checked
# spellings of calls are hooks of ours, and a guard on the stack costs each call.
SHIM_CFLAGS := $(BASE_CFLAGS) -fPIC -fvisibility=hidden -fexceptions -ftls-model=initial-exec \
	-U_FORTIFY_SOURCE -fno-stack-protector -fno-plt $(COVERAGE)

RULES_SHARED := rules/command.c rules/option.c rules/rule.c rules/wire.c
RULES_SRC := $(wildcard rules/*.c rules/*/*.c)
SHIM_SRC  := $(wildcard shim/*.c shim/*/*.c)
SHIM_ASM  := $(wildcard shim/*.S shim/*/*.S)
TOOLS_SRC := $(wildcard tools/*/*.c)
PRESETS   := $(sort $(wildcard rules/presets/*.conf))

obj = $(patsubst %,$(BUILD)/$(1)/%.o,$(2))
TOOL_OBJ := $(call obj,tool,$(RULES_SRC) $(TOOLS_SRC)) $(BUILD)/tool/presets.o $(IMAGE)
SHIM_OBJ := $(call obj,shim,$(SHIM_SRC) $(SHIM_ASM) $(RULES_SHARED)) $(IMAGE)

# What was given on the command line: objects are made anew when it changes.
SETTINGS := $(VERSION) $(CC) $(OPT) $(CPPFLAGS) $(CFLAGS) $(LDFLAGS) $(PREFIX) $(LIBDIR) $(STATIC) $(WERROR) $(BPF) $(PCAP) \
	$(wildcard /usr/include/bpf/bpf.h /usr/include/pcap/pcap.h)
$(shell mkdir -p $(BUILD); echo '$(SETTINGS)' | cmp -s - $(BUILD)/settings || echo '$(SETTINGS)' >$(BUILD)/settings)

.PHONY: all help deps demo picture clean
.DELETE_ON_ERROR:
all: $(BUILD)/sockfix $(BUILD)/libsockfix.so

help:
	@echo 'make               $(BUILD)/sockfix and $(BUILD)/libsockfix.so'
	@echo 'make demo          what it does, shown: an IMAP import bare and mended'
	@echo 'make test          all tests; test-unit, test-cli, test-behave, test-random, test-clients: some'
	@echo 'make test-real     a table of real programs, bare and under sockfix; ROW=nginx: some rows'
	@echo 'make test-html     the HTML report in a browser: widths, light and dark; pictures in $(BUILD)/html'
	@echo 'make test-booted   sockfix unit in a systemd that has booted: nspawn and debootstrap, as root'
	@echo 'make test-fleet    Prometheus scrapes two hosts and shows what a rule wins; as root'
	@echo 'make test-starters cron, sudo, podman ..: what sockfix explain says of each, tried; ROW=cron: some rows'
	@echo 'make test-machines for 64-bit Arm: cross-built, and tested in a machine that qemu plays; as root'
	@echo 'make test-musl     the stories by victims that are linked with musl (part of make test)'
	@echo 'make test-systems  builds and tests on other Debians and Ubuntus, one table; as root; SYSTEM=debian-11: one'
	@echo 'make soak          a million random steps, a thousand kills a mode, each fault; SEED=, STEPS='
	@echo 'make coverage      lines and branches of shim/ and rules/ that make test reaches'
	@echo 'make mutants       whether the tests see a change of one token; COUNT=60 SEED='
	@echo 'make bench         speed, as ratios of one run; TOPIC=blocks: one table; make bench-check'
	@echo 'make bench-instructions-check   what a call costs, counted in instructions, against tests/bench/floors'
	@echo 'make pages         man pages and completions, into $(BUILD)/pages'
	@echo 'make picture       examples/imap/report.svg: a report of make demo, as README shows it'
	@echo 'make install       into PREFIX ($(PREFIX)), the library into LIBDIR, below DESTDIR; make install-debug uninstall'
	@echo 'make dist          the tree as $(DIST); make deb rpm: packages, into $(BUILD)'
	@echo 'make image         a container that hands the command and the library to others'
	@echo 'make test-packages packages built, installed, upgraded, removed in a system of their own'
	@echo 'make test-builds   the same bytes from two folders; -O3, LTO, hardening, each compiler that is here'
	@echo 'make STATIC=0      a command that loads its libraries; BPF=0: one without libbpf, PCAP=0: without libpcap'
	@echo 'make deps          installs the Debian packages that all this needs'
	@echo 'make check-layers check-exports check-format check-lint; make clean'

# ---- the command ------------------------------------------------------------
$(BUILD)/sockfix: $(TOOL_OBJ) $(BUILD)/linking $(BUILD)/bpf
	$(call say,LINK,$@)
	$(Q)$(CC) $(TOOL_CFLAGS) $(LDFLAGS) $$(cat $(BUILD)/linking) -o $@ $(TOOL_OBJ) $(TOOL_LIBS) $$(cat $(BUILD)/bpf)

# libpcap reads captures (tools/packets). Without it, or with PCAP=0, all else works, and that is said.
$(BUILD)/libpcap.mk: $(BUILD)/settings | $(BUILD)/deps.ok
	$(Q)[ '$(PCAP)' != 0 ] && echo 'int main(void) { return !pcap_lib_version(); }' | $(CC) $(TOOL_CFLAGS) $(LDFLAGS) \
	  -include pcap/pcap.h -o $@.try -x c - -MF /dev/null -lpcap 2>/dev/null && \
	  printf 'PCAP_CFLAGS := -DSOCKFIX_LIBPCAP\nPCAP_LIBS := -lpcap\n' >$@ || : >$@
ifeq ($(filter clean help deps dist,$(MAKECMDGOALS)),)
ifeq ($(shell has() { command -v $(firstword $(CC)); }; has || { tests/deps.sh build >&2; has; }),)
$(error there is no compiler $(CC): gcc 10, clang 14 or later is needed)
endif
include $(BUILD)/libpcap.mk
endif
COMMA := ,
# A static libpcap of another version may want more than devices.c has: then nothing is linked so.
PCAP_TRY = $(and $(PCAP_LIBS),$(PCAP_CFLAGS) -Wl$(COMMA)-u$(COMMA)pcap_next_ex tools/packets/devices.c)
$(BUILD)/tool/tools/packets/%.o $(BUILD)/unit/tools/packets/%.o: TOOL_CFLAGS += $(PCAP_CFLAGS)
TOOL_LIBS := -lconfig -ljansson -lm $(PCAP_LIBS)

# The command must start where COMMAND has little room for memory (ulimit -v), so what reads no
# recordings is small rather than fast, and nothing of it has tables for unwinding.
SMALL_SRC := $(filter-out tools/read/% tools/fold/% tools/find/%,$(TOOLS_SRC) $(RULES_SRC))
$(call obj,tool,$(TOOLS_SRC) $(RULES_SRC)): TOOL_CFLAGS += $(if $(VARIANT),,-fno-unwind-tables -fno-asynchronous-unwind-tables)
$(call obj,tool,$(SMALL_SRC)): TOOL_CFLAGS += $(if $(VARIANT),,-Os)

# Static where that can be had: what loads no library starts in less memory than any COMMAND that
# does, and without a descriptor. At an address of its own (static-pie) where its relocations can be
# packed, which glibc reads from 2.36 on: else they take that memory. What libraries bring for unwinding
# is left out: 140 KB, for exceptions and cancelled threads, which it has not. STATIC=0: never, STATIC=1:
# or not at all.
STATIC_PIE := -static-pie -Wl,-z,pack-relative-relocs -Wl,-T,$(BUILD)/small.ld
STATIC_WAYS = $(if $(filter 0,$(STATIC)),-pie,$(if $(VARIANT),,'$(STATIC_PIE) -DPACKED') -static $(if $(STATIC),,-pie))
$(BUILD)/linking: $(BUILD)/settings | $(BUILD)/deps.ok
	$(Q)echo 'SECTIONS { /DISCARD/ : { *(.eh_frame) *(.eh_frame_hdr) } } INSERT AFTER .text;' >$(BUILD)/small.ld
	$(Q)printf '%s\n' '#include <features.h>' '#if defined PACKED' '#if !__GLIBC_PREREQ(2, 36)' '#error' '#endif' '#endif' \
	  'int main(void) { return 0; }' >$@.c; for way in $(STATIC_WAYS); do \
	  $(CC) $(TOOL_CFLAGS) $(LDFLAGS) $$way -o $@.try $@.c $(PCAP_TRY) $(TOOL_LIBS) 2>/dev/null && \
	  break; done; echo $${way% -DPACKED} >$@

# The libraries of `sockfix scope`, where they can be had in that way, 1.0 or later; else it says what
# is missing. BPF=0: never.
$(BUILD)/bpf: $(BUILD)/linking
	$(Q)printf '#include <bpf/bpf.h>\n#include <bpf/libbpf.h>\n%s\n' 'int main(void) { return \
	  bpf_prog_bind_map(0, bpf_prog_load(BPF_PROG_TYPE_SOCK_OPS, "", "", 0, 0, 0), 0) | \
	  bpf_map_create(BPF_MAP_TYPE_ARRAY, "", 4, 4, 1, 0); }' >$@.c; : >$@; \
	  $(if $(filter 0,$(BPF)),,libs='-lbpf -lelf -lz'; \
	  $(CC) $(TOOL_CFLAGS) $(LDFLAGS) $$(cat $<) -DSOCKFIX_LIBBPF -o $@.try $@.c tools/scope/sections.c $$libs 2>/dev/null && \
	  echo "$$libs" >$@;) true
BPF_OBJ := $(call obj,tool,$(patsubst %,tools/scope/%.c,attach there absent sections))
$(BPF_OBJ): $(BUILD)/bpf
$(BPF_OBJ): TOOL_CFLAGS += $$(test -s $(BUILD)/bpf && echo -DSOCKFIX_LIBBPF)

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

# ---- man pages and completions ----------------------------------------------
# From the tables that --help, list and explain print, by a program that is not installed.
MAN := sockfix.1 sockfix-rules.5 sockfix-findings.7 libsockfix.8
COMPLETIONS := sockfix.bash _sockfix sockfix.fish
MANUAL_OBJ := $(call obj,tool,$(wildcard tools/packaging/manual/*.c))
$(BUILD)/tool/calls.c: $(BUILD)/export.map
	@mkdir -p $(@D)
	$(Q){ echo '/* made by the Makefile from shim/calls.h */'; echo 'const char *const intercepted_name[] = {'; \
	  sed -n 's/^  \([a-z_A-Z0-9]*\);$$/	"\1",/p' $<; echo '	0};'; } >$@
$(BUILD)/tool/calls.o: $(BUILD)/tool/calls.c
	$(Q)$(CC) $(TOOL_CFLAGS) -c -o $@ $<
$(BUILD)/manual: $(MANUAL_OBJ) $(BUILD)/tool/calls.o $(filter-out %/tools/cmd/main.c.o,$(TOOL_OBJ)) $(BUILD)/linking $(BUILD)/bpf
	$(Q)$(CC) $(TOOL_CFLAGS) $(LDFLAGS) $$(cat $(BUILD)/linking) -o $@ $(filter %.o,$^) $(TOOL_LIBS) \
	  $$(cat $(BUILD)/bpf)
$(addprefix $(BUILD)/pages/,$(MAN) $(COMPLETIONS)): $(BUILD)/pages/%: $(BUILD)/manual
	@mkdir -p $(@D)
	$(Q)$(BUILD)/manual $* >$@
pages: $(addprefix $(BUILD)/pages/,$(MAN) $(COMPLETIONS))
.PHONY: pages

# ---- the library ------------------------------------------------------------
# The one of faults/ is for tests alone (tests/Makefile).
$(BUILD)/libsockfix.so: $(SHIM_OBJ)
$(BUILD)/libsockfix.so $(BUILD)/faults/libsockfix.so: $(BUILD)/export.map
	$(call say,LINK,$@)
	$(Q)$(CC) $(SHIM_CFLAGS) -shared -Wl,-soname,libsockfix.so -Wl,--version-script=$(BUILD)/export.map \
	  -Wl,-z,defs,-z,relro,-z,now,-z,noexecstack,-z,nodelete,-z,noseparate-code,--hash-style=both,--sort-section=name \
	  $(filter-out -pie -static%,$(LDFLAGS)) -o $@.new $(filter %.o,$^)
	$(Q)mv -f $@.new $@

$(BUILD)/shim/%.c.o: %.c $(BUILD)/settings | $(BUILD)/deps.ok
	$(call say,CC,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(SHIM_CFLAGS) -c -o $@ $<
$(BUILD)/shim/%.S.o: %.S | $(BUILD)/deps.ok
	@mkdir -p $(@D)
	$(Q)$(CC) $(SHIM_CFLAGS) -c -o $@ $<

$(BUILD)/export.map: shim/calls.h Makefile
	@mkdir -p $(@D)
	$(Q)printf '#define CALL(name, ...) EXPORT name\n#include "shim/calls.h"\n' | \
	  $(CC) -E -P -I. -DCALLS_NAMES_ONLY -x c -o $@.names -
	$(Q){ echo '{ global:'; sed -n 's/^ *EXPORT \([a-z_A-Z0-9]*\) *$$/  \1;/p' $@.names; \
	  echo '  local: *; };'; } > $@


$(BUILD)/deps.ok:
	@mkdir -p $(@D)
	@tests/deps.sh build
	@for h in libconfig.h jansson.h; do echo "#include <$$h>" | $(CC) $(CPPFLAGS) -E -x c -o $@.try - 2>/dev/null || \
	  { echo "$(CC) finds no $$h: libconfig and jansson are needed, as their -dev or -devel packages have them" >&2; exit 1; }; done
	@touch $@

include tests/Makefile
include tools/packaging/Makefile

# ---- the rest ---------------------------------------------------------------
deps:
	@tests/deps.sh test
demo:
	@tests/deps.sh demo
	@$(MAKE) --no-print-directory all $(BUILD)/imapd
	@BUILD=$(BUILD) examples/imap/run.sh
# README's: a new one where the screen has changed.
picture: all $(BUILD)/imapd
	@BUILD=$(BUILD) tools/packaging/picture/picture.sh >$(BUILD)/report.svg
	@cp $(BUILD)/report.svg examples/imap/report.svg
$(BUILD)/imapd: examples/imap/imapd.c
	@mkdir -p $(@D)
	$(Q)$(VICTIM_CC) $(BASE_CFLAGS) -o $@ $< -lpthread

clean:
	rm -rf $(BUILD)

-include $(shell find $(BUILD) $(patsubst %,-path '$(BUILD)/%' -prune -o,deb rpm debian systems machines) -type f -name '*.d' -print 2>/dev/null)
