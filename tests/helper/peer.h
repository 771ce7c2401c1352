/* The other side of a victim's connections: it records every byte, answers, and counts segments.
 *
 * It lives in threads of the test, so no library is preloaded into it. All waiting is bounded by
 * a deadline that is a net against hangs, never something a test measures. */
#ifndef TEST_PEER_H
#define TEST_PEER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "page.h"

#define PEER_CONNECTIONS 128

enum peer_end { PEER_OPEN, PEER_EOF, PEER_RESET };

struct peer_plan {
	const char *address; /* to listen on; NULL: 127.0.0.1 */
	const char *joins;   /* where peer_join() dials, an IPv4 address; NULL: 127.0.0.1 */
	bool answer_lines;   /* "ok\n" for each '\n' that came */
	bool in_parts;	     /* each answer by two writes, the second a small one */
	size_t answer_every; /* "ok\n" for each so many bytes; 0: never */
	unsigned pause_us;   /* before each answer but the first of those that are due at once */
	unsigned think_us;   /* before the first of them */
	bool quick;	     /* it acknowledges at once whatever comes (TCP_QUICKACK) */
	bool pattern;	     /* store nothing; check that byte i is pattern_byte(i) */
	struct page *page;   /* .received follows connection 0; may be NULL */
	int netns;	     /* descriptor of the network namespace to live in; 0: this one */
};

struct peer;

/* Listens, on a port that the kernel chooses. Never NULL: a failure fails the test. */
struct peer *peer_start(const struct peer_plan *plan);
int peer_port(const struct peer *peer);

/* Connects to a victim that listens; the connection is recorded as an accepted one is. */
void peer_join(struct peer *peer, int port);

/* Waits until connection `index` has brought `bytes`; false when it ended or the deadline passed.
 */
bool peer_wait(struct peer *peer, int index, size_t bytes);

/* Waits for the end of a connection and returns which it was; PEER_OPEN: the deadline passed. */
enum peer_end peer_wait_end(struct peer *peer, int index);

/* What connection `index` brought so far; owned by the peer, ends in NUL. */
const char *peer_bytes(struct peer *peer, int index, size_t *length);

/* How many bytes came on it; and, with .pattern, whether each was the right one. */
size_t peer_received(struct peer *peer, int index, bool *right);

/* Sends text on connection `index`; nothing happens when there is no such connection. */
void peer_say(struct peer *peer, int index, const char *text);

/* Segments with data that arrived on it so far: tcpi_data_segs_in of tcp(7). */
uint32_t peer_segments(struct peer *peer, int index);

/* Closes everything and frees the peer. */
void peer_stop(struct peer *peer);

static inline unsigned char pattern_byte(uint64_t index)
{
	return (unsigned char)(index ^ (index >> 8));
}

#endif
