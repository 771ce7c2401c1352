/* Connections that the kernel saw and no recording has. */
#ifndef SOCKFIX_RECORD_BYPASS_H
#define SOCKFIX_RECORD_BYPASS_H

#include <stdint.h>

#include "tools/record/watch.h"

/* Of those that moved a byte. */
struct bypass {
	uint64_t connections;
	uint64_t sent, received; /* bytes, as far as somebody looked: a lower bound */
	char names[256];	 /* of the programs, each once: "prog (PID 7), other (PID 8)" */
};

/* Takes away from what was watched what the traces in that folder have. Nothing is found where
 * they cannot be read: that is said elsewhere. */
void bypass_find(const struct watch *watch, const char *folder, struct bypass *bypass);

#endif
