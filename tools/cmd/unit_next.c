/* What systemd is to be told: by us, where that was asked for, else by who reads it. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tools/base/child.h"
#include "tools/base/memory.h"
#include "tools/base/text.h"
#include "tools/cmd/unit.h"

static int call(const struct unit_asked *asked, const char *verb, const char *unit)
{
	char *line = memory_print("systemctl %s%s%s%s", asked->user ? "--user " : "", verb,
		unit ? " " : "", unit ? unit : "");
	char *word[6] = {NULL}, *rest = NULL;
	size_t words = 0;
	int status;
	pid_t child;

	fflush(stdout);
	child = child_fork();
	if (child == 0) {
		for (char *at = strtok_r(line, " ", &rest); at && words < 5;
			at = strtok_r(NULL, " ", &rest))
			word[words++] = at;
		execvp(word[0], word);
		say("systemctl: %s", strerror(errno));
		_exit(127);
	}
	status = child < 0 ? 127 << 8 : child_reap(child);
	if (status)
		say("%s failed: the files are as they are, and hold from the next daemon-reload and "
		    "start on",
			line);
	free(line);
	return status ? EXIT_TROUBLE : EXIT_FINE;
}

/* Of a template: those of its instances that run. */
static char *pattern_of(const char *unit)
{
	const char *at = strchr(unit, '@');

	return memory_print("%.*s*%s", (int)(at + 1 - unit), unit, at + 1);
}

const char *unit_quote(const char *name)
{
	return name[strcspn(name, "\\*")] ? "'" : "";
}

int unit_next(const struct unit_asked *asked, const char *unit, bool template)
{
	char *pattern = template ? pattern_of(unit) : memory_print("%s", unit);
	const char *whose = asked->user ? "--user " : "";
	int status = EXIT_FINE;

	if (asked->reload || asked->restart)
		status = call(asked, "daemon-reload", NULL);
	if (asked->restart && status == EXIT_FINE)
		status = call(asked, "restart", pattern);
	if (*asked->root)
		printf("next     it holds from the next start of that system on\n");
	else if (!asked->restart) {
		const char *quote = unit_quote(pattern);

		if (!asked->reload)
			printf("next     systemctl %sdaemon-reload\n", whose);
		printf("%s systemctl %srestart %s%s%s\n", asked->reload ? "next    " : "        ",
			whose, quote, pattern, quote);
	}
	free(pattern);
	return status;
}
