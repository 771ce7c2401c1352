/* `sockfix report A B`: two recordings of the same connections, one made at each end. */
#ifndef SOCKFIX_REPORT_BOTH_H
#define SOCKFIX_REPORT_BOTH_H

#include <stdbool.h>

#include "tools/cmd/verb.h"

#define REPORT_BOTH_DETAIL                                                                         \
	"Two folders: one recording of the client and one of the server, made at the same time, "  \
	"in either order. Connections are put together by addresses, ports and times, behind a "   \
	"NAT by their bytes; the hosts' clocks need not agree. Each turn's time is split between " \
	"client, way, server, what either kernel held back and the ACKs that either withheld. Of " \
	"a run that has both ends name its folder twice. With --all each connection; CODE, "       \
	"--calls and --timeline are of one end, with --fail-over what is lost is held against "    \
	"the time of all turns.\n\n"

struct both_request {
	const char *directory[2];
	bool json, all, masked;
	double fail_over; /* percent; < 0: not asked */
};

/* The second of these words, where two are there: both ends. False where that cannot be: *status,
 * and said. both: the verb takes two; of_one_end: something was asked that only one end has. */
bool report_both_take(const struct verb *verb, bool both, char *const *word, bool of_one_end,
	const char **second, int *status);

/* Prints it, or says why the two have nothing in common; an exit status. */
int report_both(const struct both_request *request);

#endif
