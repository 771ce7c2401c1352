/* How `sockfix report` prints one recording: a row for each format. */
#include "tools/cmd/report_format.h"

#include <string.h>

/* The screen, or the views that were asked for in its place. */
static bool print_text(FILE *out, const struct report *report)
{
	if (!report->calls && !report->timeline) {
		screen_print(out, report);
		return true;
	}
	header_print(out, report);
	if (report->calls)
		calls_print(out, report);
	if (report->timeline)
		timeline_print(out, report);
	return true;
}

static const struct report_format format_table[] = {
	{"text", print_text, true},
	{"json", json_print, true},
	{"html", html_print, false},
	{"perfetto", perfetto_print, false},
};
enum { FORMATS = sizeof(format_table) / sizeof(*format_table) };

const struct report_format *format_find(const char *name)
{
	for (size_t i = 0; i < FORMATS; i++)
		if (strcmp(format_table[i].name, name) == 0)
			return &format_table[i];
	return NULL;
}
