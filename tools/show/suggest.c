/* A rule file from findings: one group for each that a rule mends, with a comment that says why. */
#include "tools/show/report.h"

int suggest_print(FILE *out, const struct report *report)
{
	int count = 0;

	fprintf(out, "# rules for: %s\n# from run %s; see sockfix report %s\n",
		report->run->command, report->run->name, report->directory);
	for (size_t i = 0; i < report->findings->count; i++) {
		const struct finding *finding = &report->findings->finding[i];

		if (!finding->mend.set[0] || (finding->minor && !report->all))
			continue;
		fprintf(out, "\n# %s, %s: %s\n# %.1f s of %.1f s\n", finding->code->name,
			sure_name(finding->sure), finding->what, (double)finding->lost_high / 1e9,
			(double)report->fold->split.wall / 1e9);
		mend_print(out, &finding->mend, 0);
		count++;
	}
	if (count == 0)
		fprintf(out, "\n# nothing was found that a rule mends\n");
	return count;
}
