/* The report on one screen of 80 columns: who ran, the verdict, where the time went, findings by
 * their seconds, the program's dialect, what to do next. Each part has a file of its own. */
#include "tools/show/report.h"

void screen_print(FILE *out, const struct report *report)
{
	header_print(out, report);
	verdict_print(out, report);
	if (!report->fold->flows) {
		next_print(out, report);
		return;
	}
	histogram_print(out, report);
	bar_print(out, report);
	table_print(out, report);
	dialect_print(out, report);
	no_print(out, report);
	if (report->all)
		connections_print(out, report);
	next_print(out, report);
}
