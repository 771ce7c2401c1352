/* The language of rule files on one page, and its matchers as a table. Text alone; the example is
 * read by the loader in a test. */
#include <stdio.h>

#include "tools/show/language.h"
#include "tools/base/text.h"

static const struct {
	const char *name, *example, *meaning;
} matchers[] = {
	{"program", "\"python3*\"", "the executable's file name, or argv[0]'s; a glob (* ? [abc])"},
	{"script", "\"import.py\"", "what an interpreter runs: a script, a -m module, a -jar file"},
	{"args", "\"*-jar *bridge.jar*\"", "the arguments, joined by single spaces; a glob"},
	{"role", "\"client\"",
		"client, server (listeners, too), or any: then a rule may have no other "
		"matcher"},
	{"peer", "\"10.0.0.0/8, ::1\"", "the other side's address or network; no names"},
	{"port", "\"143,8000-8100\"",
		"the service's port: the peer's for a client, the own one for a "
		"server; 143 alone needs no quotes"},
	{"local_port", "8080", "the own port, whatever the role"},
	{"peer_port", "443", "the other side's port, whatever the role"},
	{"user", "\"www-data\"", "the user that the program runs as: a name or a number"},
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
		"its "
		"members does; a rule matches where all of its matchers do.");
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
