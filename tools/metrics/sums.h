/* What all processes have counted, added up by the labels that are printed. Pure.
 *
 * Of each kind there are at most SUMS_MOST sets of labels; what finds no room is counted with all
 * the words of its labels replaced by "other". A process that has ended stays counted as long as
 * somebody remembers it: a counter that goes down is one that began anew, to who reads it. */
#ifndef SOCKFIX_METRICS_SUMS_H
#define SOCKFIX_METRICS_SUMS_H

#include "tools/live/library.h"
#include "tools/live/tally.h"

enum { SUMS_MOST = 256, SUMS_TEXT = 128, SUMS_SHORT = 64 };

/* A process, as it is looked at. Texts are not to be trusted. */
struct counted {
	pid_t pid;	      /* the first: look.c orders by it */
	uint64_t began, page; /* who.h, library.h: with its number that is one program's run */
	char unit[SUMS_TEXT], program[SUMS_SHORT], release[SUMS_SHORT];
	enum library_state state;
	uint64_t connections; /* that it has now */
	struct tally tally;
};

/* Of a set of labels. */
struct sum_process {
	char unit[SUMS_TEXT], program[SUMS_SHORT];
	uint64_t sockets, held, late, late_ns, refused;
	uint64_t connections;
	bool there; /* false: its place is kept (sums_keep_places), and nothing was added */
};

struct sum_state {
	char unit[SUMS_TEXT], program[SUMS_SHORT], release[SUMS_SHORT];
	enum library_state state;
	uint64_t processes;
};

struct sum_arm {
	char unit[SUMS_TEXT], program[SUMS_SHORT];
	struct tally_arm of;
	bool there; /* as above */
};

/* Zeros are empty ones. */
struct sums {
	struct sum_process *process;
	struct sum_state *state;
	struct sum_arm *arm;
	size_t processes, states, arms;
};

/* Keeps places in sums, which is empty, for all that is in before: with more sets than there is
 * room for, the same are others at each look. Those that nothing was added to are to go. */
void sums_keep_places(struct sums *sums, const struct sums *before);
void sums_drop_empty(struct sums *sums);

void sums_add(struct sums *sums, const struct counted *counted);
/* What has ended: its counters alone. Where there is no room the set that something was added to
 * longest ago is forgotten: the others may still grow. Not one that is in now, of those that have
 * not ended: their counters would fall. */
void sums_add_ended(struct sums *sums, const struct counted *counted, const struct sums *now);
/* All of the other one. */
void sums_unite(struct sums *sums, const struct sums *other);
void sums_free(struct sums *sums);

/* Turns of an arm. */
uint64_t arm_turns(const struct tally_arm *arm);

#endif
