/* What a service starts, looked at as systemd will start it: below its root, as its user. */
#ifndef SOCKFIX_UNIT_PROGRAM_H
#define SOCKFIX_UNIT_PROGRAM_H

#include <sys/types.h>

#include "tools/launch/target.h"

struct program_as {
	const char *root;    /* "": here */
	long uid, gid;	     /* -1: as we are */
	bool no_privileges;  /* NoNewPrivileges=: setuid is nothing there */
	const char *library; /* as it is seen there */
};

/* What argv is there, and whether the library can be read by who it runs as. twin: as target_look()
 * takes it. False: there could be no process to look (or it may not enter the root), errno. */
bool program_look(const struct program_as *as, char *const argv[], const struct elf_facts *library,
	const struct twin *twin, struct target *target, bool *readable);

#endif
