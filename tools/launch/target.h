/* What COMMAND is, seen before it is started: can a library be preloaded into it? */
#ifndef SOCKFIX_TARGET_H
#define SOCKFIX_TARGET_H

#include <limits.h>

#include "tools/launch/elf.h"
#include "tools/launch/twin.h"

enum target_kind {
	TARGET_USABLE,
	TARGET_MISSING, /* exec will say why */
	TARGET_ELSEWHERE,
	TARGET_SETID,
	TARGET_CAPABLE, /* has file capabilities */
	TARGET_CLASS,
	TARGET_MACHINE,
	TARGET_STATIC,
	TARGET_GO,
	TARGET_LIBC,
	TARGET_ASAN, /* its AddressSanitizer was told to insist on being loaded first */
};

struct target {
	enum target_kind kind;
	char path[PATH_MAX]; /* the ELF file: COMMAND itself, or a script's interpreter */
	char why[1024];	     /* one sentence that says so and what would work; "" where usable */
	char note[1024];     /* usable, but what it starts may go without us: drops.h */
	bool twin, apart; /* what runs on the way to it needs the twin; has a loader of its own */
};

/* Looks at argv[0], found in PATH, and through #! lines at what runs it. library: the facts of
 * libsockfix.so; twin: the library of the other word size (twin.h), or NULL. Programs that only
 * start another (env, nice, timeout) are looked through. Starts nothing and changes nothing. */
void target_look(char *const argv[], const struct elf_facts *library, const struct twin *twin,
	struct target *target);

#endif
