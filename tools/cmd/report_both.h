/* `sockfix report A B`: two recordings of the same connections, one made at each end. */
#ifndef SOCKFIX_REPORT_BOTH_H
#define SOCKFIX_REPORT_BOTH_H

#include <stdbool.h>

struct both_request {
	const char *directory[2];
	bool json, all, masked;
	double fail_over; /* percent; < 0: not asked */
};

/* Prints it, or says why the two have nothing in common; an exit status. */
int report_both(const struct both_request *request);

#endif
