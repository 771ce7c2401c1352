/* The library in a running process, and its switch: found and written in memory, while the process
 * goes on. Wants the permission of ptrace(2). */
#ifndef SOCKFIX_LIVE_LIBRARY_H
#define SOCKFIX_LIVE_LIBRARY_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum library_state {
	LIBRARY_ON,
	LIBRARY_OFF,
	LIBRARY_INERT,	  /* it was given no rules, and nothing to record */
	LIBRARY_RESIGNED, /* a sandbox of the program's ended it, for good */
	LIBRARY_OTHER,	  /* of a version that this command does not know */
	LIBRARY_UNKNOWN,  /* its memory may not be read */
};

struct library {
	enum library_state state;
	bool deleted; /* its file */
	bool records;
	uint64_t page; /* where struct control lies there */
	char release[24];
	char path[512];
};

/* 0; -ENOENT: the process has not the library; -ESRCH: there is no such process; -EACCES: it may
 * not be looked at; -EPERM: its memory may not, but it has a file of the library's name: the state
 * is LIBRARY_UNKNOWN. What is not asked for its memory is known by that name alone. */
int library_find(pid_t pid, struct library *library);

/* Switches it. 0, or -errno: nothing was changed. */
int library_switch(pid_t pid, const struct library *library, bool off);

#endif
