/* What holds in a running process, connection by connection: `which -p`. */
#ifndef SOCKFIX_SHOW_HOLDING_H
#define SOCKFIX_SHOW_HOLDING_H

#include <stdio.h>

#include "rules/rule.h"
#include "tools/live/holding.h"
#include "tools/live/subject.h"

/* One of its sockets: what the rules say of it, and what is so. */
void holding_show(FILE *out, const struct holding *holding, const struct ruleset *rules,
	const struct process_subject *process);

#endif
