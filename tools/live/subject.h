/* A running process as rules see it. */
#ifndef SOCKFIX_LIVE_SUBJECT_H
#define SOCKFIX_LIVE_SUBJECT_H

#include <sys/types.h>

#include "rules/rule.h"
#include "tools/live/sockets.h"

enum { SUBJECT_NAME = 256, SUBJECT_ARGUMENTS = 8192 }; /* bytes that the library sees, too */

struct process_subject {
	char program[SUBJECT_NAME], argv0[SUBJECT_NAME], script[SUBJECT_NAME];
	char args[SUBJECT_ARGUMENTS];
	uint32_t uid;
};

/* What cannot be known is "". uid: its effective user. */
void subject_take(struct process_subject *process, pid_t pid, uint32_t uid);

/* One connection of it; valid as long as `process` is. draw is 99: a rule that leaves out a part of
 * the connections leaves out none. */
struct subject subject_of_socket(
	const struct process_subject *process, const struct socket_state *socket, enum role role);

#endif
