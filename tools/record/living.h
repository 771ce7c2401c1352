/* Processes of a run that are alive. */
#ifndef SOCKFIX_LIVING_H
#define SOCKFIX_LIVING_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct living {
	size_t count;
	pid_t first;
	char name[64]; /* of the first's program, as /proc/PID/comm has it */
};

/* Looks for those that write into that folder, or would; the caller is none of them. since: who
 * began before is none either, CLOCK_MONOTONIC, ns; 0: not known, as of a run whose recorder became
 * COMMAND. */
void living_look(const char *folder, uint64_t since, struct living *living);

/* Likewise, when COMMAND has ended: who is about to end, too, is waited for, a moment. */
void living_settle(const char *folder, uint64_t since, struct living *living);

#endif
