/* What the library of the test build and the test share: one file, named by SOCKFIX_FAULTS and
 * mapped by every process of a program: which calls were made, and which are to fail. */
#ifndef RANDOM_FAULT_PAGE_H
#define RANDOM_FAULT_PAGE_H

#include <stdatomic.h>
#include <stdint.h>

#define FAULT_FILE   "SOCKFIX_FAULTS"
#define FAULT_POINTS 256
#define FAULT_NAME   112

/* What is to happen at one point, from its `from`th time to its `to`th, counted from 1: it fails
 * with `error`, or it is only late. */
struct fault_order {
	int32_t point; /* -1: nothing */
	uint32_t from, to;
	int32_t error;
	uint32_t late_us;
	_Atomic uint32_t fired; /* how often it did, told by the library */
};

/* Two, for what is only called where another call has failed. */
#define FAULT_ORDERS 2

struct fault_page {
	/* From the library: how many points it has, and of each one its place and its call as the
	 * source has it, and how often it was reached by all processes. */
	_Atomic uint32_t points;
	_Atomic uint32_t reached[FAULT_POINTS];
	char name[FAULT_POINTS][FAULT_NAME];

	/* From the test. */
	struct fault_order order[FAULT_ORDERS];
};

#endif
