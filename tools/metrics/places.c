/* Which sets of labels have a place of their own, from one look to the next. Must not add up. */
#include <stdlib.h>
#include <string.h>

#include "tools/base/memory.h"
#include "tools/metrics/sums.h"

void sums_keep_places(struct sums *sums, const struct sums *before)
{
	for (size_t i = 0; i < before->processes; i++) {
		struct sum_process *process;

		sums->process = memory_grow(sums->process, sums->processes, sizeof(*sums->process));
		process = &sums->process[sums->processes++];
		*process = (struct sum_process){.there = false};
		memcpy(process->unit, before->process[i].unit, sizeof(process->unit));
		memcpy(process->program, before->process[i].program, sizeof(process->program));
	}
	for (size_t i = 0; i < before->arms; i++) {
		struct sum_arm *arm;

		sums->arm = memory_grow(sums->arm, sums->arms, sizeof(*sums->arm));
		arm = &sums->arm[sums->arms++];
		*arm = before->arm[i];
		arm->there = false;
		arm->of = (struct tally_arm){.bare = arm->of.bare, .peer = arm->of.peer};
		memcpy(arm->of.rule, before->arm[i].of.rule, sizeof(arm->of.rule));
	}
}

void sums_drop_empty(struct sums *sums)
{
	size_t processes = 0, arms = 0;

	for (size_t i = 0; i < sums->processes; i++)
		if (sums->process[i].there)
			sums->process[processes++] = sums->process[i];
	for (size_t i = 0; i < sums->arms; i++)
		if (sums->arm[i].there)
			sums->arm[arms++] = sums->arm[i];
	sums->processes = processes;
	sums->arms = arms;
}
