/* What `sockfix VERB --help` prints: all of it is in the table of verbs. */
#include <stdio.h>
#include <string.h>

#include "tools/base/text.h"
#include "tools/cmd/verb.h"

void version_print(void)
{
	printf("sockfix %s\n", SOCKFIX_VERSION);
}

static void print_flag(const struct flag *flag)
{
	char left[64];
	const char *takes = flag->takes ? flag->takes : "";
	const char *gap = flag->takes ? " " : "";
	if (flag->letter < 256)
		snprintf(left, sizeof(left), "  -%c, --%s%s%s", flag->letter, flag->name, gap,
			takes);
	else
		snprintf(left, sizeof(left), "      --%s%s%s", flag->name, gap, takes);
	text_item(stdout, left, 30, flag->help);
}

/* Paragraphs that begin with two spaces are examples: printed as they are. */
static void print_paragraphs(const char *text)
{
	while (*text) {
		const char *end = strstr(text, "\n\n");
		size_t length = end ? (size_t)(end - text) : strlen(text);
		char paragraph[2048];
		snprintf(paragraph, sizeof(paragraph), "%.*s", (int)length, text);
		fputc('\n', stdout);
		if (strncmp(text, "  ", 2) == 0)
			puts(paragraph);
		else
			text_wrap(stdout, 0, paragraph);
		text += length + (end ? 2 : 0);
	}
}

void verb_help(const struct verb *verb)
{
	char usage[512];
	snprintf(usage, sizeof(usage), "usage: sockfix %s", verb->name);
	text_item(stdout, usage, strlen(usage) + 1, verb->synopsis);
	text_wrap(stdout, 0, verb->summary);
	print_paragraphs(verb->detail);
	puts("");
	for (size_t i = 0; i < verb->flags; i++)
		print_flag(&verb->flag[i]);
	text_item(stdout, "  -h, --help", 30, "print this");
	text_item(stdout, "      --version", 30, "print the version");
}
