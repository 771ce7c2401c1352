/* Setting what a decision says; for settle*.c alone. */
#ifndef SOCKFIX_SETTLE_APPLY_H
#define SOCKFIX_SETTLE_APPLY_H

#include "shim/settle/decisions.h"
#include "shim/table/fdtab.h"
#include "rules/option.h"

static inline bool has(uint64_t set, int id)
{
	return set & OPTION_BIT(id);
}

/* What the program would read without us, kept before our first set. Buffers that nobody set tune
 * themselves: there the kernel's answer is right. */
void settle_keep_shadow(struct flow *flow, int fd, int id);

/* What the program would read without us: its length, at most 16; 0 where it was not kept. */
uint32_t settle_shadow(const struct flow *flow, int id, unsigned char bytes[16]);

/* Sets what the decision says for these moments (enum option_when), unless the program has set it
 * itself, or `handed` (may be NULL) has already put it on the listener. */
void settle_apply(struct flow *flow, int fd, unsigned when, const struct decision *handed);

/* The same of what a connection takes that is there already. */
void settle_apply_live(struct flow *flow, int fd);

/* What was set, but is not in `kept`, goes back to what the program has. */
void settle_take_back(struct flow *flow, int fd, uint64_t kept);

#endif
