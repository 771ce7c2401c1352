/* For the tests of tools/show/: what the parts of a screen print of a run that is written as a
 * text. */
#ifndef SOCKFIX_TEST_REPORT_TEXT_H
#define SOCKFIX_TEST_REPORT_TEXT_H

#include "tests/unit/find_text.h"

#include "tools/show/report.h"

static inline struct report report_of(const struct found *found)
{
	return (struct report){.run = found->run,
		.fold = found->fold,
		.findings = found->findings,
		.verdict = verdict_take(found->fold, found->findings),
		.directory = "",
		.verb = "report"};
}

/* What a part of the screen prints; to be freed. */
static inline char *printed(const struct found *found, void (*print)(FILE *, const struct report *))
{
	const struct report report = report_of(found);
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(out);
	print(out, &report);
	fclose(out);
	return text;
}

#endif
