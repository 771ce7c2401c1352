/* Shell scripts, as far as their text shows that they take a library out of LD_PRELOAD. */
#ifndef SOCKFIX_SHELL_H
#define SOCKFIX_SHELL_H

#include <stddef.h>

enum preload_change {
	PRELOAD_KEPT,
	PRELOAD_SET,	/* anew: LD_PRELOAD=x.so, without what was there */
	PRELOAD_DROPPED /* unset, or with the whole environment */
};

/* The first place in a text of sh that does so. *line: of the text, from 1 on. */
enum preload_change shell_look(const char *text, size_t length, int *line);

#endif
