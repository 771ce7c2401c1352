/* From folders to judged runs: read, asked for what lives on, masked, folded, judged, in this
 * order. Prints nothing but what is wrong, and what two runs differ in. The run, the fold and the
 * findings point into each other: they end together. */
#include "tools/cmd/judged.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/record/living.h"
#include "tools/show/difference.h"
#include "tools/base/text.h"
#include "tools/base/memory.h"
#include "tools/cmd/verb.h"

/* As a shell wants it; behind `sockfix report` a code's name alone would be that code. */
static void paste(struct line *line, const char *directory)
{
	char path[8];

	if (code_find(directory)) {
		snprintf(path, sizeof(path), "./%s", directory);
		directory = path;
	}
	line_add_word(line, directory, strlen(directory));
}

/* record says when a run ended, unless it was killed, left it to COMMAND, or something lives on. */
static void look_for_living(struct run *run, const char *directory)
{
	struct living living = {.count = 0};

	if (!run->ended_wall && !run->imported.what)
		living_look(directory, 0, &living);
	run->living = living.count;
}

bool judged_open(struct judged *judged, const char *directory, bool masked)
{
	char *why = NULL;

	memory_begin();
	*judged = (struct judged){.run = run_read(directory, &why)};
	if (!judged->run) {
		say("%s", why);
		free(why);
		return false;
	}
	look_for_living(judged->run, directory);
	if (masked)
		run_mask(judged->run);
	judged->fold = fold_run(judged->run);
	judged->findings = find_all(judged->fold);
	run_check(judged->run);
	paste(&judged->pasted, directory);
	judged->report = (struct report){.run = judged->run,
		.fold = judged->fold,
		.findings = judged->findings,
		.verdict = verdict_take(judged->fold, judged->findings),
		.directory = masked ? judged->run->directory : judged->pasted.text,
		.verb = "report"};
	return true;
}

void judged_close(struct judged *judged)
{
	findings_free(judged->findings);
	fold_free(judged->fold);
	run_free(judged->run);
	free(judged->pasted.text);
}

int judged_compare(FILE *out, const char *before, const char *after)
{
	static const int answer[] = {EXIT_TROUBLE, EXIT_FINE, EXIT_FINE, EXIT_FOUND};
	struct judged was, is;
	int status = EXIT_TROUBLE;

	if (!judged_open(&was, before, false))
		return EXIT_TROUBLE;
	if (judged_open(&is, after, false)) {
		status = answer[difference_print(out, &was.report, &is.report)];
		judged_close(&is);
	}
	judged_close(&was);
	return status;
}
