/* Two judged runs, by the exchange. */
#ifndef SOCKFIX_DIFFERENCE_H
#define SOCKFIX_DIFFERENCE_H

#include "tools/find/exchange.h"
#include "tools/show/report.h"

/* Prints both and the verdict, which it returns. */
enum exchange_verdict difference_print(
	FILE *out, const struct report *before, const struct report *after);

#endif
