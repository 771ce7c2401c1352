/* The way of `sockfix run` where no library reaches COMMAND: a cgroup of its own, on which a
 * program sets what the rules say (tools/scope/). */
#ifndef SOCKFIX_CMD_SCOPED_H
#define SOCKFIX_CMD_SCOPED_H

#include "rules/rule.h"
#include "tools/launch/target.h"
#include "tools/scope/own.h"

struct scoped {
	bool dry;   /* in: only tries */
	bool alone; /* in: what COMMAND starts is to be left alone, which there is no way to do */
	bool taken; /* this way is taken */
	enum target_kind kind; /* of COMMAND, then */
	bool joins;	       /* a rule would join writes, elsewhere */
	struct own own; /* COMMAND's cgroup, which is there until scoped_enter() or scoped_drop() */
};

/* Takes that way, where it can be had, target is of a kind that it serves and somebody asks for
 * more than the default (which sets TCP_NODELAY only on what stalls: from beside); or says why not,
 * where this process has the capabilities for it. Returns scoped->taken. */
bool scoped_prepare(struct scoped *scoped, char *const command[], const struct target *target,
	const struct ruleset *rules);

/* This process, which is COMMAND soon, goes there, and that is said. False: said why not. */
bool scoped_enter(struct scoped *scoped, const char *name);
/* The same with -n: what would be. */
void scoped_would(struct scoped *scoped, const char *name);

/* ---- what run and scope have in common ---- */

struct scoped_rules {
	char *names; /* of those that hold, to be freed; NULL: none */
	bool joins;  /* one of them would join writes, elsewhere */
};

/* Narrows the rules (takes_narrow()), makes the program and attaches it. Returns how many of ours
 * were there before, or -1: said why not. */
int scoped_attach(const char *cgroup, const struct ruleset *rules, const struct subject *process,
	struct scoped_rules *held);
void scoped_say_joins(const struct scoped_rules *held);

/* Says that there is no libbpf here, if so; false then. */
bool scoped_built(void);

#endif
