/* A run counted by the exchange (writes and the answer to them), so that two runs of the same work
 * can be compared though one did more of it. Pure. */
#ifndef SOCKFIX_EXCHANGE_H
#define SOCKFIX_EXCHANGE_H

#include "tools/find/find.h"

struct exchange {
	uint64_t count;	   /* 0: nothing below means anything */
	bool unseen;	   /* no write was seen that was answered (stdio): all is by the kernel's
			    * counts, an exchange is a segment with data that came, and what its
			    * own bytes waited for their ACK is `waiting` */
	double wall;	   /* ns of the run */
	double waiting;	   /* ns from its first write (a server: from the request) to its end */
	double low, high;  /* nine in ten of them waited between, ns */
	double stalls;	   /* that the Nagle family found, proven or likely */
	double segments;   /* with data, sent; -1: no connection was asked */
	double calls;	   /* of the recorded kinds, but names and sleeps */
	double bytes;	   /* both directions */
	double in_segment; /* bytes; -1 likewise */
};

enum exchange_verdict { EXCHANGE_UNKNOWN, EXCHANGE_BETTER, EXCHANGE_EQUAL, EXCHANGE_WORSE };

void exchange_count(
	const struct fold *fold, const struct findings *findings, struct exchange *exchange);

/* From `before` to `after`. UNKNOWN: *why is a clause that says why they cannot be compared; EQUAL:
 * a sentence that says why they cannot be told apart, or "" where they are alike. */
enum exchange_verdict exchange_compare(const struct fold *before, const struct exchange *was,
	const struct fold *after, const struct exchange *is, char why[160]);

#endif
