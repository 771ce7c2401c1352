/* The library for programs of this machine's other word size, where it is installed, too: one word
 * in LD_PRELOAD then serves a mixed tree of processes, and the loader of none complains. */
#ifndef SOCKFIX_TWIN_H
#define SOCKFIX_TWIN_H

#include <limits.h>
#include <stdbool.h>

#include "tools/launch/elf.h"

struct twin {
	struct elf_facts facts;
	char path[PATH_MAX];	  /* "": there is none */
	char both[PATH_MAX];	  /* names it and the other: "/usr/$LIB/sockfix/libsockfix.so" */
	char loader[2][PATH_MAX]; /* whose $LIB was looked for, as seen below root, without links */
};

/* library: the path of ours, *own what that file is. root: "", or the folder that stands for /
 * where loaders are looked for. True: there is one, and each loader finds its own by `both`. $LIB
 * is ld.so(8)'s word for the folder of its libraries; musl's loader does not know it, and that of
 * another glibc (Nix, a vendor's own) means another folder: programs of these need the path. */
bool twin_find(
	const char *root, const char *library, const struct elf_facts *own, struct twin *twin);

#endif
