/* The two arms of `sockfix prove`: one run of the real job, in which half the blocks of turns,
 * or of the connections, go without the rules.
 *
 * Options of connect time cannot change later: rules that name one go without on whole connections.
 * All others do so on blocks of turns of each flow. Of two connections, or blocks, that follow each
 * other one is bare; which one is drawn by lot.
 * All functions keep errno. */
#ifndef SOCKFIX_PROOF_H
#define SOCKFIX_PROOF_H

#include <stdbool.h>
#include <stdint.h>

#include "shim/table/fdtab.h"
#include "rules/option.h"

/* A mode of ours alone, in flow.mode: turns are followed, nothing is held or lent. */
enum { COALESCE_WATCH = COALESCE_COUNT };

/* turns: in a block, as SOCKFIX_PROVE says; 0: nothing is proven. */
void proof_start(uint32_t turns);

extern uint32_t proof_block; /* turns; 0: there is no proof */

/* Once a flow's decision is made. True: this connection is to stay as if no rule had been. */
bool proof_leaves_bare(struct flow *flow);

/* Once the flow is settled: its first block is that of the rules, or none. */
void proof_begin(struct flow *flow);

/* Whether the write that comes begins a block of the other arm; epoch: the thread's. */
bool proof_is_over(struct flow *flow, uint64_t epoch);

/* Goes over to the other arm. Nothing may be held or lent. */
void proof_switch(struct flow *flow, int fd);

#endif
