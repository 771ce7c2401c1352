/* Cells of the table of findings. */
#ifndef SOCKFIX_TABLE_H
#define SOCKFIX_TABLE_H

#include "tools/base/units.h"
#include "tools/show/report.h"

enum { TABLE_CELL = 2 * UNITS };

/* LOST and %RUN: a number where it was measured, a range where it was not, "-" of what costs none.
 * whole: what the share is of, ns. */
void table_lost(char text[TABLE_CELL], const struct finding *finding);
void table_share(char text[TABLE_CELL], const struct finding *finding, uint64_t whole);

/* In the table at all; places have a part of the screen to themselves. */
bool table_shows(const struct report *report, const struct finding *finding);

/* The lines below a table of so many findings: what is minor, and what %RUN is of. */
void table_print_notes(FILE *out, const struct report *report, size_t shown);

#endif
