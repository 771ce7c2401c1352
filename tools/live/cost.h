/* What we ourselves cost. */
#ifndef SOCKFIX_LIVE_COST_H
#define SOCKFIX_LIVE_COST_H

#include <stdint.h>

/* ns of a processor since this command began. */
uint64_t cost_so_far(void);

#endif
