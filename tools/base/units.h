/* Figures as reports write them. All fill `text`, of UNITS bytes, and return it. */
#ifndef SOCKFIX_UNITS_H
#define SOCKFIX_UNITS_H

#include <stdint.h>

enum { UNITS = 32 };

/* ns as "195.8 s", "0.31 s", "0.003 s", "0.0 s". */
char *units_seconds(char *text, uint64_t ns);
/* Without the unit, for ranges: "195.8", "0.31". */
char *units_bare_seconds(char *text, uint64_t ns);
/* ns as milliseconds, without the unit: "1,006", "39.2", "0.15". */
char *units_ms(char *text, uint64_t ns);
/* "48,121". */
char *units_count(char *text, uint64_t count);
/* "3.1 MB", "812 B". */
char *units_bytes(char *text, uint64_t bytes);
/* ns with the unit that fits: "0.31 ms", "2.9 s", "12 us". */
char *units_time(char *text, uint64_t ns);

/* part of whole in percent; 0 where whole is 0. */
static inline double units_percent(uint64_t part, uint64_t whole)
{
	return whole ? 100.0 * (double)part / (double)whole : 0;
}

#endif
