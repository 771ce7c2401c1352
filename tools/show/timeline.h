/* A part of the timeline's screen that other pages have, too. */
#ifndef SOCKFIX_SHOW_TIMELINE_H
#define SOCKFIX_SHOW_TIMELINE_H

#include "tools/show/report.h"

/* The stretches in which most was lost, as a table; nothing where there were none. */
void timeline_print_stretches(FILE *out, const struct report *report);

#endif
