/* The language of rule files on one page, and its matchers out of their table. The example is read
 * by the loader in a test. */
#include <stdio.h>
#include <string.h>

#include "tools/show/language.h"
#include "tools/base/text.h"

static const struct language_word matchers[] = {
#define MATCHER(id, name, kind, field, subject, also, whole, example, meaning)                     \
	{name, example, meaning},
#include "rules/matcher_table.h"
#undef MATCHER
};

void language_matchers(void)
{
	char left[64];

	for (size_t i = 0; i < sizeof(matchers) / sizeof(*matchers); i++) {
		snprintf(left, sizeof(left), "%s = %s;", matchers[i].word, matchers[i].example);
		text_item(stdout, left, 32, matchers[i].meaning);
	}
	puts("");
	text_wrap(stdout, 0,
		"A list in one text (\"a, b\") or in parentheses (\"a\", 143) matches where one of "
		"its members does; a rule matches where all of its matchers do.");
}

/* The words of a rule that are neither matchers nor options. */
static const struct language_word words[] = {
	{"match", "match: { program = \"restic\"; port = 443; };",
		"What a connection must be for the rule to apply: all that stands there must hold. "
		"sockfix list matchers prints what there is; role = \"any\" is everything."},
	{"set", "set: { tcp_nodelay = true; tcp_keepidle = \"60s\"; };",
		"The options that the rule gives, and their values: sockfix list options. Of all "
		"rules that match, the later wins, option by option."},
	{"force", "force = true;   force = (\"so_rcvbuf\");",
		"What the rule sets, or those options of it that are named, wins over what the "
		"program sets itself; else the program wins. Of coalesce: also where the program "
		"uses MSG_MORE or TCP_CORK itself."},
	{"last", "last = true;",
		"Where this rule matches, no later rule is looked at. -s on the command line is a "
		"later rule, too."},
	{"holdout", "holdout = 10;",
		"So many of a hundred connections that the rule matches go without it, drawn by "
		"lot, each connection once: what the rule wins shows against them, in sockfix metrics. "
		"0 to 100; a process begins to draw at a place of its own."},
	{"leave_alone", "leave_alone = ( { program = \"sshd\"; }, { port = 502; } );",
		"A veto: what matches one of these groups is left as it is, whatever rules, presets "
		"and -s say, and wherever this stands."},
	{"keep", "set: { tcp_nodelay = \"keep\"; };",
		"Takes back what an earlier rule said of the option: it is as the program has it."},
	{"@include", "@include \"more.conf\"",
		"Reads another file at this place; a folder: its *.conf, in the order of their "
		"names. A relative name is looked for beside the file that it stands in."},
	{"any", "match: { role = \"any\"; };",
		"Every connection, as client and as server. A rule must say so on purpose: an empty "
		"match is an error."},
	{"client", "match: { role = \"client\"; port = 143; };",
		"Connections that the program makes (connect(2)); port is the peer's there."},
	{"server", "match: { role = \"server\"; port = 8080; };",
		"Listeners and the connections that they accept; port is the own one there."},
};

static void explain(const char *word, const char *example, const char *end, const char *meaning)
{
	printf("%s%s%s\n", text_bold(stdout), word, text_plain(stdout));
	text_wrap(stdout, 2, meaning);
	printf("\nin a rule file\n  %s%s\n\nthe rest of the language: sockfix explain rules\n",
		example, end);
}

bool language_explain(const char *word)
{
	char example[64];

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (strcmp(words[i].word, word) == 0) {
			explain(word, words[i].example, "", words[i].meaning);
			return true;
		}
	for (size_t i = 0; i < sizeof(matchers) / sizeof(*matchers); i++)
		if (strcmp(matchers[i].word, word) == 0) {
			snprintf(example, sizeof(example), "match: { %s = %s", word,
				matchers[i].example);
			explain(word, example, "; };", matchers[i].meaning);
			return true;
		}
	return false;
}

static const struct language_word *at(const struct language_word *table, size_t count, size_t index)
{
	return index < count ? &table[index] : NULL;
}

const struct language_word *language_word(size_t index)
{
	return at(words, sizeof(words) / sizeof(*words), index);
}

const struct language_word *language_matcher(size_t index)
{
	return at(matchers, sizeof(matchers) / sizeof(*matchers), index);
}

const char language_page[] =
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
	"  Order: the built-in default (only where nothing else is), the rules.d folders, -r and -P\n"
	"  as they stand, -s. The folders are /usr/share/sockfix/rules.d, /etc/sockfix/rules.d and\n"
	"  ~/.config/sockfix/rules.d (not for root), read as sysctl.d is: *.conf in the order of\n"
	"  their names, whichever folder they are in; of one name only the last folder's; an empty\n"
	"  file, or a link to /dev/null, masks that name. With -r or -P they are not read;\n"
	"  --with-system adds them.\n"
	"\n"
	"  sockfix check FILE      mistakes, with their places\n"
	"  sockfix which -r FILE --program P --peer ADDRESS:PORT      what holds, and why\n"
	"  sockfix which -r FILE --against CASES   whether it holds, for each case of a list\n";

void language_print(void)
{
	fputs(language_page, stdout);
}
