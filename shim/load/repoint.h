/* Pointing what plugins call at us: those that were opened with RTLD_DEEPBIND are bound to libc
 * itself, around every preloaded library. */
#ifndef SOCKFIX_REPOINT_H
#define SOCKFIX_REPOINT_H

#include <stdbool.h>
#include <stdint.h>

/* A dlopen() with RTLD_DEEPBIND, noted as it began. */
struct opening {
	uint64_t file;		 /* a hash of its file's name */
	unsigned long long adds; /* objects that had been loaded until then */
};

/* Before the real dlopen(). */
void repoint_expect(struct opening *opening, const char *file);

/* Once it has loaded what it loads: repoints all that came since the last time. in_loader: we are
 * still inside it, before its constructors, and no object comes or goes. Otherwise (it has
 * returned, or is in a constructor that was called first) others may be on their way, which their
 * own openers see to. False: for now it cannot be done. */
bool repoint(const struct opening *opening, bool in_loader);

#endif
