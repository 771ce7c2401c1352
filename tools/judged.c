/* From a folder to a judged run. Prints nothing but what is wrong. */
#include "tools/judged.h"

#include <stdlib.h>

#include "tools/show/text.h"

bool judged_open(struct judged *judged, const char *directory)
{
	char *why = NULL;

	*judged = (struct judged){.run = run_read(directory, &why)};
	if (!judged->run) {
		say("%s", why);
		free(why);
		return false;
	}
	judged->fold = fold_run(judged->run);
	judged->findings = find_all(judged->fold);
	judged->report = (struct report){.run = judged->run,
		.fold = judged->fold,
		.findings = judged->findings,
		.directory = directory};
	return true;
}

void judged_close(struct judged *judged)
{
	findings_free(judged->findings);
	fold_free(judged->fold);
	run_free(judged->run);
}
