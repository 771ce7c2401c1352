/* The learners of all endpoints: a peer's address and port for clients, the own port for servers.
 */
#ifndef SOCKFIX_LEARNERS_H
#define SOCKFIX_LEARNERS_H

#include <stdbool.h>
#include <stdint.h>

#include "shim/pure/turn.h"

/* The endpoint's learner; the same endpoint always gets the same one. When all places
 * are taken: one that never predicts. peer: 16 bytes, zeros for a server. */
/* The one that never predicts: what a flow begins with. */
extern struct learner learner_nobodys;

struct learner *learner_of(bool server, const uint8_t peer[16], uint16_t port);

#endif
