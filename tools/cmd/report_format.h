/* Formats of `sockfix report`. */
#ifndef SOCKFIX_REPORT_FORMAT_H
#define SOCKFIX_REPORT_FORMAT_H

#include "tools/show/report.h"

struct report_format {
	const char *name;
	bool (*print)(FILE *out, const struct report *report); /* false: it cannot be written */
	bool of_both; /* there is one of two recordings, too */
};

/* "text", which is the default, "json", "html", "perfetto"; NULL: none such. */
const struct report_format *format_find(const char *name);

#endif
