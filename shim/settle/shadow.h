/* Shadows: what getsockopt() must answer for an option that we set behind the program's back.
 *
 * Each flow has a short list of them, in a pool of its own that grows by mmap. Reading and writing
 * are for settle.c; a flow that ends gives its list back. */
#ifndef SOCKFIX_SHADOW_H
#define SOCKFIX_SHADOW_H

#include <stdint.h>

#include "shim/base/pool.h"
#include "rules/option.h"

#define SHADOW_SIZE 16 /* bytes of an option's value: timeval, congestion name, device name */

struct shadow {
	struct pool_item item;
	uint32_t next;	/* handle of the flow's next; index + 1 */
	uint8_t option; /* enum option_id */
	uint8_t length;
	unsigned char value[SHADOW_SIZE];
};

/* Not an option, but the size that a buffer had before the program first set it. */
#define SHADOW_BEFORE(option) (OPTION_COUNT + (option))

struct flow;

/* The flow's shadow of that option, or NULL. */
struct shadow *shadow_find(const struct flow *flow, int option);

/* Adds or replaces it; length <= SHADOW_SIZE. Without memory: nothing, and the kernel's answer will
 * show through. */
void shadow_put(struct flow *flow, int option, const void *value, uint32_t length);

/* Gives `to` a copy of all that `from` has. */
void shadow_copy(struct flow *to, const struct flow *from);

/* Gives the whole list back. */
void shadow_drop(struct flow *flow);

#endif
