/* manual PAGE: prints a man page or a completion, for `make` alone; nobody installs this program.
 */
#include <stdio.h>
#include <string.h>

#include "tools/packaging/manual/pages.h"

static const struct {
	const char *name; /* of the file that it becomes */
	void (*print)(void);
} page_table[] = {
	{"sockfix.1", page_command},
	{"sockfix-rules.5", page_rules},
	{"sockfix-findings.7", page_findings},
	{"libsockfix.8", page_library},
	{"sockfix.bash", complete_bash},
	{"_sockfix", complete_zsh},
	{"sockfix.fish", complete_fish},
};

int main(int argc, char **argv)
{
	for (size_t i = 0; argc == 2 && i < sizeof(page_table) / sizeof(*page_table); i++)
		if (strcmp(argv[1], page_table[i].name) == 0) {
			page_table[i].print();
			return fflush(stdout) != 0 || ferror(stdout);
		}
	fputs("usage: manual FILE, such as sockfix.1\n", stderr);
	return 2;
}
