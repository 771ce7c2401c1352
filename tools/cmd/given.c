/* Hands rules to the library in a running process, and says what holds from then on. */
#include "tools/cmd/given.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/base/text.h"
#include "tools/cmd/rulebook.h"
#include "tools/cmd/verb.h"
#include "tools/live/give.h"
#include "tools/live/permission.h"

static int say_refused(pid_t pid, int error)
{
	const int number = (int)pid;
	char why[256];

	permission_why(pid, error, why, sizeof(why));
	if (error == -E2BIG)
		say("these rules are longer than the 16 KB that can be given to a process that "
		    "runs: start it with them, sockfix run");
	else if (error == -ENODATA)
		say("process %d has no rules that could be changed: it is recorded without any, "
		    "or its library is off for good: sockfix status %d",
			number, number);
	else if (error == -EBUSY)
		say("process %d is being proven (sockfix prove): its rules stay until it ends",
			number);
	else if (error == -EAGAIN)
		say("another command has given process %d other rules at the same moment: "
		    "sockfix status %d",
			number, number);
	else if (error == -ESRCH)
		say("there is no process %d", number);
	else
		say("process %d: %s", number, why);
	return EXIT_TROUBLE;
}

static void print_given(pid_t pid, const char *names, int how)
{
	printf("process %d: %s\n", (int)pid, names);
	if (how == GIVEN_WAITING)
		printf("it has not looked yet: its next call on a socket takes them\n");
	printf("They hold for new connections at once, for those that are there from their next\n"
	       "read or write on, as far as these take them: options that can be set on a\n"
	       "connection, and coalesce, but for \"buffer\". Listeners stay as they are, and\n"
	       "programs that it starts have the rules that it was started with.\n");
}

int given_to(pid_t pid, const struct library *library, const struct ruleset *rules, bool only_says)
{
	char *line = rulebook_line(rules), *names = rulebook_names(rules);
	int result = only_says ? 0 : give_rules(pid, library, line);

	if (result < 0)
		result = say_refused(pid, result);
	else if (only_says)
		printf("process %d would be given: %s\n", (int)pid, names);
	else {
		print_given(pid, names, result);
		result = EXIT_FINE;
	}
	free(line);
	free(names);
	return result;
}
