/* Between the host (deepbind.c) and its plugins. */
#ifndef PLUGIN_H
#define PLUGIN_H

#include <sys/types.h>

/* A table of pointers, as drivers have them: it needs a relocation for each. */
struct operations {
	ssize_t (*write)(int fd, const void *bytes, size_t length);
	void (*go)(int fd);
};

/* The host's; a plugin's constructor may call it. */
void host_register(const struct operations *operations);
/* What a constructor may write to; -1: nothing is to be written there. */
int host_descriptor(void);

/* What each plugin has: writes "pPt", and what the library behind it writes. */
void go(int fd);
/* Of dep.c: "dD". */
void dep_go(int fd);

#endif
