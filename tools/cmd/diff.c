/* `sockfix diff A B`: two recordings set side by side. The answer is the exit status, too, as
 * diff(1)'s. */
#include <stdio.h>
#include <unistd.h>

#include "tools/cmd/arguments.h"
#include "tools/cmd/judged.h"

static int run_diff(const struct verb *verb, int argc, char **argv)
{
	const char *value;
	int status;

	if (arguments_next(verb, argc, argv, &value, &status) == ARGUMENTS_STOP)
		return status;
	if (argc - optind != 2)
		return arguments_misuse(verb, "name two folders, of the run before and after");
	return judged_compare(stdout, argv[optind], argv[optind + 1]);
}

const struct verb verb_diff = {
	.name = "diff",
	.group = "mend",
	.synopsis = "BEFORE AFTER",
	.summary = "compare two recordings by the exchange",
	.detail = "  sockfix diff bare mended\n\n"
		  "BEFORE and AFTER are folders that sockfix record made; sockfix list runs prints "
		  "those that it kept. An exchange: writes and the answer to them. A difference "
		  "below 50 us an exchange counts only where it is beyond what exchanges of one "
		  "run differ by. Runs of unlike commands are compared, and said to be of such.\n\n"
		  "Exit status: 0 better or equal, 1 worse, 2 not comparable, misused or stdout "
		  "cannot be written.",
	.misuse = EXIT_TROUBLE,
	.run = run_diff,
};
