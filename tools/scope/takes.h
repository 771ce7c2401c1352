/* What of rules can be done from outside of a process, by a program on a cgroup. */
#ifndef SOCKFIX_SCOPE_TAKES_H
#define SOCKFIX_SCOPE_TAKES_H

#include <stdbool.h>

#include "rules/rule.h"

/* Where an option is set: bits. */
enum {
	TAKES_CONNECT = 1, /* before the SYN */
	TAKES_ACCEPT = 2,  /* when the handshake of an accepted connection has ended */
	TAKES_LISTEN = 4,  /* on the listener, too: it speaks of the handshake */
};

/* 0: bpf_setsockopt() does not take it here. */
unsigned takes_option(int id);

/* NULL: it is set; else why it cannot be, half a sentence. */
const char *takes_not(const struct setting *setting);

/* A subject about which a process is known: its program, script, args and user. */
struct takes_told {
	void (*tell)(const struct rule *rule, bool refused, const char *sentence);
	bool joins; /* out: a rule would join writes */
};

/* Makes *out, whose .rule is to be freed, of the rules in `set`, whose parts it shares: those that
 * are left when the process is known, without the matchers that are about it. process NULL: it is
 * not, and a rule that asks for it is left out, and told; -EINVAL where leaving it out would set
 * more than was asked for. What options cannot be is told, too. Else 0. */
int takes_narrow(const struct ruleset *set, const struct subject *process, struct ruleset *out,
	struct takes_told *told);

#endif
