/* Adds up. Sets of labels are few, so they are looked for one by one. */
#include "tools/metrics/sums.h"

#include <stdlib.h>
#include <string.h>

#include "tools/base/memory.h"

static const char other[] = "other";

uint64_t arm_turns(const struct tally_arm *arm)
{
	uint64_t turns = 0;

	for (int i = 0; i <= CONTROL_BUCKETS; i++)
		turns += arm->bucket[i];
	return turns;
}

/* ---- sets ---- */

static bool is_process(const struct sum_process *a, const struct sum_process *b)
{
	return strcmp(a->unit, b->unit) == 0 && strcmp(a->program, b->program) == 0;
}

static bool is_state(const struct sum_state *a, const struct sum_state *b)
{
	return a->state == b->state && strcmp(a->unit, b->unit) == 0 &&
	       strcmp(a->program, b->program) == 0 && strcmp(a->release, b->release) == 0;
}

static bool is_arm(const struct sum_arm *a, const struct sum_arm *b)
{
	return a->of.bare == b->of.bare && a->of.peer == b->of.peer &&
	       strcmp(a->of.rule, b->of.rule) == 0 && strcmp(a->unit, b->unit) == 0 &&
	       strcmp(a->program, b->program) == 0;
}

static void count_process(struct sum_process *to, const struct sum_process *from)
{
	to->sockets += from->sockets;
	to->held += from->held;
	to->late += from->late;
	to->late_ns += from->late_ns;
	to->refused += from->refused;
	to->connections += from->connections;
	to->there = true;
}

static void count_arm(struct tally_arm *to, const struct tally_arm *from)
{
	to->connections += from->connections;
	to->ns += from->ns;
	to->squares += from->squares;
	for (int i = 0; i <= CONTROL_BUCKETS; i++)
		to->bucket[i] += from->bucket[i];
}

/* The last places are kept for what finds none: the sets of others. */
static bool is_full(size_t count)
{
	return count >= SUMS_MOST - 2;
}

static void add_process(struct sums *sums, const struct sum_process *from)
{
	struct sum_process lost = *from;

	for (size_t i = 0; i < sums->processes; i++)
		if (is_process(&sums->process[i], from)) {
			count_process(&sums->process[i], from);
			return;
		}
	if (is_full(sums->processes) && strcmp(from->unit, other) != 0) {
		strcpy(lost.unit, other);
		strcpy(lost.program, other);
		add_process(sums, &lost);
		return;
	}
	if (sums->processes == SUMS_MOST)
		return;
	sums->process = memory_grow(sums->process, sums->processes, sizeof(lost));
	lost.there = true;
	sums->process[sums->processes++] = lost;
}

static void add_state(struct sums *sums, const struct sum_state *from)
{
	struct sum_state lost = *from;

	for (size_t i = 0; i < sums->states; i++)
		if (is_state(&sums->state[i], from)) {
			sums->state[i].processes += from->processes;
			return;
		}
	if (is_full(sums->states) && strcmp(from->unit, other) != 0) {
		strcpy(lost.unit, other);
		strcpy(lost.program, other);
		strcpy(lost.release, other);
		lost.state = LIBRARY_UNKNOWN;
		add_state(sums, &lost);
		return;
	}
	if (sums->states == SUMS_MOST)
		return;
	sums->state = memory_grow(sums->state, sums->states, sizeof(lost));
	sums->state[sums->states++] = lost;
}

/* Two arms of others, at most. */
static void add_arm(struct sums *sums, const struct sum_arm *from)
{
	struct sum_arm lost = *from;

	for (size_t i = 0; i < sums->arms; i++)
		if (is_arm(&sums->arm[i], from)) {
			count_arm(&sums->arm[i].of, &from->of);
			sums->arm[i].there = true;
			return;
		}
	if (is_full(sums->arms) && strcmp(from->unit, other) != 0) {
		strcpy(lost.unit, other);
		strcpy(lost.program, other);
		strcpy(lost.of.rule, other);
		lost.of.peer = CONTROL_PEER_UNKNOWN;
		add_arm(sums, &lost);
		return;
	}
	if (sums->arms == SUMS_MOST)
		return;
	sums->arm = memory_grow(sums->arm, sums->arms, sizeof(lost));
	lost.there = true;
	sums->arm[sums->arms++] = lost;
}

/* ---- what has ended ---- */

static void to_end(void *sets, size_t count, size_t size, size_t at)
{
	char *set = (char *)sets + at * size, *copy = memory_take(1, size);

	memcpy(copy, set, size);
	memmove(set, set + size, (count - at - 1) * size);
	memcpy((char *)sets + (count - 1) * size, copy, size);
	free(copy);
}

/* The set that something was added to last stands last. */
static void keep_process(struct sums *sums, const struct sum_process *process)
{
	for (size_t i = 0; i < sums->processes; i++)
		if (is_process(&sums->process[i], process)) {
			to_end(sums->process, sums->processes, sizeof(*process), i);
			return;
		}
}

static void keep_arm(struct sums *sums, const struct sum_arm *arm)
{
	for (size_t i = 0; i < sums->arms; i++)
		if (is_arm(&sums->arm[i], arm)) {
			to_end(sums->arm, sums->arms, sizeof(*arm), i);
			return;
		}
}

/* Not found: SUMS_MOST. */
static size_t first_process_without(const struct sums *sums, const struct sums *now)
{
	for (size_t i = 0; i < sums->processes; i++) {
		bool there = false;

		for (size_t n = 0; !there && n < now->processes; n++)
			there = now->process[n].there &&
				is_process(&sums->process[i], &now->process[n]);
		if (!there)
			return i;
	}
	return SUMS_MOST;
}

static size_t first_arm_without(const struct sums *sums, const struct sums *now)
{
	for (size_t i = 0; i < sums->arms; i++) {
		bool there = false;

		for (size_t n = 0; !there && n < now->arms; n++)
			there = now->arm[n].there && is_arm(&sums->arm[i], &now->arm[n]);
		if (!there)
			return i;
	}
	return SUMS_MOST;
}

/* Makes room for one process and its arms. */
static void forget_first(struct sums *sums, const struct sums *now)
{
	size_t at;

	while (sums->processes > SUMS_MOST / 2 &&
		(at = first_process_without(sums, now)) < SUMS_MOST) {
		to_end(sums->process, sums->processes, sizeof(*sums->process), at);
		sums->processes--;
	}
	while (sums->arms > SUMS_MOST / 2 && (at = first_arm_without(sums, now)) < SUMS_MOST) {
		to_end(sums->arm, sums->arms, sizeof(*sums->arm), at);
		sums->arms--;
	}
}

/* ---- processes ---- */

static void add_tally(struct sums *sums, const struct counted *counted, bool ended)
{
	const struct tally *tally = &counted->tally;
	struct sum_process process = {.sockets = tally->sockets,
		.held = tally->held,
		.late = tally->late,
		.late_ns = tally->late_ns,
		.refused = tally->refused,
		.connections = ended ? 0 : counted->connections};

	if (!tally->known)
		return;
	memcpy(process.unit, counted->unit, sizeof(process.unit));
	memcpy(process.program, counted->program, sizeof(process.program));
	add_process(sums, &process);
	if (ended)
		keep_process(sums, &process);
	for (size_t i = 0; i < tally->arms; i++) {
		struct sum_arm arm = {.of = tally->arm[i]};

		memcpy(arm.unit, counted->unit, sizeof(arm.unit));
		memcpy(arm.program, counted->program, sizeof(arm.program));
		if (!*arm.of.rule)
			strcpy(arm.of.rule, other);
		add_arm(sums, &arm);
		if (ended)
			keep_arm(sums, &arm);
	}
}

void sums_add(struct sums *sums, const struct counted *counted)
{
	struct sum_state state = {.state = counted->state, .processes = 1};

	memcpy(state.unit, counted->unit, sizeof(state.unit));
	memcpy(state.program, counted->program, sizeof(state.program));
	memcpy(state.release, counted->release, sizeof(state.release));
	add_state(sums, &state);
	add_tally(sums, counted, false);
}

void sums_add_ended(struct sums *sums, const struct counted *counted, const struct sums *now)
{
	forget_first(sums, now);
	add_tally(sums, counted, true);
}

void sums_unite(struct sums *sums, const struct sums *from)
{
	for (size_t i = 0; i < from->processes; i++)
		add_process(sums, &from->process[i]);
	for (size_t i = 0; i < from->states; i++)
		add_state(sums, &from->state[i]);
	for (size_t i = 0; i < from->arms; i++)
		add_arm(sums, &from->arm[i]);
}

void sums_free(struct sums *sums)
{
	free(sums->process);
	free(sums->state);
	free(sums->arm);
	*sums = (struct sums){.process = NULL};
}
