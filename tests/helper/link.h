/* A long way between two network namespaces, where a kernel without netem has none: a pair of TUN
 * devices, MTU 1500, and a thread that carries each packet across when it is due. The namespaces
 * have the addresses of netns.h, and everything between them is the kernel's own TCP: its round
 * trips, acknowledgements and retransmissions, all of which a relay hides.
 *
 * Wants need_for_all("tun") of whoever makes one (need.h), and ip(8). */
#ifndef TEST_LINK_H
#define TEST_LINK_H

#include "netns.h"
#include "way.h"

enum link_way { LINK_THERE, LINK_BACK, LINK_WAYS }; /* from the client, from the server */

struct link_plan {
	uint32_t round_us;		 /* a round trip takes so long at least: half of it a way */
	uint64_t rate;			 /* bytes a second each way; 0: as fast as can be */
	struct way_loss lose[LINK_WAYS]; /* until the next link_begin() */
};

struct link;

/* Never NULL: a failure fails the test. */
struct link *link_start(const struct link_plan *plan);
/* 0, or -errno: what is needed is not there. */
int link_try(const struct link_plan *plan, struct link **link);
void link_stop(struct link *link);

/* For setns(2), and for whatever takes a pair of namespaces. They live as long as the link. */
const struct netns *link_ends(const struct link *link);

/* Counts from 0 again, and loses these; lose NULL: what it lost from its beginning on, from the
 * first segment again. For each run of a victim. */
void link_begin(struct link *link, const struct way_loss lose[LINK_WAYS]);
struct way_count link_count(struct link *link, enum link_way way);
/* The segments with data, in their order. Returns how many; the caller frees the list. */
size_t link_segments(struct link *link, enum link_way way, struct way_segment **segments);

#endif
