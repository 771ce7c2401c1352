/* What the library of the test build and the test share: one file, named by SOCKFIX_FAULTS and
 * mapped by every process of a program. Which calls were made, and which one is to fail. */
#ifndef RANDOM_FAULT_PAGE_H
#define RANDOM_FAULT_PAGE_H

#include <stdatomic.h>
#include <stdint.h>

#define FAULT_FILE   "SOCKFIX_FAULTS"
#define FAULT_POINTS 256
#define FAULT_NAME   112

struct fault_page {
	/* From the library: how many points it has, and of each one its place and its call as the
	 * source has it, and how often it was reached by all processes. */
	_Atomic uint32_t points;
	_Atomic uint32_t reached[FAULT_POINTS];
	char name[FAULT_POINTS][FAULT_NAME];
	_Atomic uint32_t fired;

	/* From the test: the point that fails, -1: none; the first and the last time that it does,
	 * counted from 1; with which errno, 0: it is only late; by so many microseconds. */
	int32_t point;
	uint32_t from, to;
	int32_t error;
	uint32_t late_us;
};

#endif
