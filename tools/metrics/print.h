/* The text that Prometheus reads (its text format 0.0.4; node_exporter's textfile takes no other).
 * Pure. */
#ifndef SOCKFIX_METRICS_PRINT_H
#define SOCKFIX_METRICS_PRINT_H

#include <stdio.h>

#include "tools/metrics/sums.h"

#define METRICS_TYPE "text/plain; version=0.0.4; charset=utf-8"

/* unseen: processes that may not be looked at. */
void metrics_print(FILE *out, const struct sums *sums, size_t unseen);

/* A label's value, between quotes: \, " and line ends as the format has them, '?' for what is no
 * UTF-8 that can be shown. */
void metrics_print_value(FILE *out, const char *text);

#endif
