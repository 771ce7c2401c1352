/* The language of rule files on one page, and its matchers out of their table. The example is read
 * by the loader in a test. */
#include <stdio.h>

#include "tools/show/language.h"
#include "tools/base/text.h"

static const struct {
	const char *name, *example, *meaning;
} matchers[] = {
#define MATCHER(id, name, kind, field, subject, also, whole, example, meaning)                     \
	{name, example, meaning},
#include "rules/matcher_table.h"
#undef MATCHER
};

void language_matchers(void)
{
	char left[64];

	for (size_t i = 0; i < sizeof(matchers) / sizeof(*matchers); i++) {
		snprintf(left, sizeof(left), "%s = %s;", matchers[i].name, matchers[i].example);
		text_item(stdout, left, 32, matchers[i].meaning);
	}
	puts("");
	text_wrap(stdout, 0,
		"A list in one text (\"a, b\") or in parentheses (\"a\", 143) matches where one of "
		"its members does; a rule matches where all of its matchers do.");
}

static const char page[] =
	"A rule file (libconfig's syntax). Each group is one rule; its name is used in\n"
	"logs and by `sockfix which`.\n"
	"\n"
	"    # lines like this are comments\n"
	"    leave_alone = (                     # a veto: no rule reaches these\n"
	"      { program = \"sshd\"; },\n"
	"      { port = \"502,20000\"; }\n"
	"    );\n"
	"    imap-upload:                        # general rules first, special ones later\n"
	"      { match: { script = \"import.py\"; port = \"143,993\"; };\n"
	"        set:   { coalesce = \"auto\"; }; };\n"
	"    backup:\n"
	"      { match: { program = \"restic\"; peer = \"198.51.100.0/24\"; };\n"
	"        set:   { so_rcvbuf = \"auto\"; so_keepalive = true; tcp_keepidle = \"60s\"; };\n"
	"        force = (\"so_rcvbuf\"); };\n"
	"    @include \"more.conf\"                # beside this file; a folder: its *.conf\n"
	"\n"
	"  match   all of these must hold           sockfix list matchers\n"
	"  set     options and values               sockfix list options\n"
	"          \"keep\" gives an option back to the program\n"
	"  force = true;  or force = (\"NAME\");      wins over what the program sets itself,\n"
	"                                           of coalesce: its own MSG_MORE and TCP_CORK\n"
	"  last = true;                             no later rule is looked at\n"
	"  holdout = 10;                            10 of 100 connections go without the rule\n"
	"\n"
	"  Words stand in quotes (\"auto\", \"60s\", \"64K\", \"5Gbit\"), numbers and true and "
	"false do\n"
	"  not; every setting ends with a semicolon.\n"
	"\n"
	"  All rules that match apply, and the later one wins, option by option. leave_alone\n"
	"  wins over all. What the program sets itself wins, but for force.\n"
	"  Order: the built-in default (only where nothing else is), /usr/share/sockfix/rules.d,\n"
	"  /etc/sockfix/rules.d, ~/.config/sockfix/rules.d, -r and -P as they stand, -s.\n"
	"  With -r or -P these folders are not read; --with-system adds them.\n"
	"\n"
	"  sockfix check FILE      mistakes, with their places\n"
	"  sockfix which -r FILE --program P --peer ADDRESS:PORT      what holds, and why\n";

void language_print(void)
{
	fputs(page, stdout);
}
