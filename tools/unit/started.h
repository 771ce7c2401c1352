/* Whether a library can be preloaded into what a unit starts. */
#ifndef SOCKFIX_UNIT_STARTED_H
#define SOCKFIX_UNIT_STARTED_H

#include "tools/unit/judge.h"

/* Adds its sentences. */
void started_judge(struct judgement *judgement, const struct judge_of *of);

#endif
