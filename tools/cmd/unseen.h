/* Why a process cannot be looked at, for people. */
#ifndef SOCKFIX_CMD_UNSEEN_H
#define SOCKFIX_CMD_UNSEEN_H

#include "tools/live/observed.h"

/* One sentence; verb: what is to be called as root, "look -p". */
void unseen_say(const struct observed *observed, const char *verb);

#endif
