/* A long way, where a kernel without netem has none: what is sent to WIRE_FAR takes WIRE_DELAY and
 * arrives at WIRE_NEAR, as if from WIRE_FAR. So a server of this host, asked at WIRE_FAR, is two
 * delays away. Needs root, in a network namespace of the test's own, and /dev/net/tun. */
#ifndef TEST_WIRE_H
#define TEST_WIRE_H

#include <stdint.h>

#define WIRE_NEAR  "10.203.1.1"
#define WIRE_FAR   "10.203.1.2"
#define WIRE_DELAY 2000000 /* ns */

struct wire;

struct wire *wire_start(void);
/* One that takes so long, in ns. */
struct wire *wire_start_of(uint64_t delay);
void wire_stop(struct wire *wire);

#endif
