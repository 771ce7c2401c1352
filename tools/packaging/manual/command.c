/* sockfix(1): the verbs as their own help has them, and what no verb's help tells: variables,
 * files.
 */
#include <stdio.h>
#include <string.h>

#include "shim/env.h"
#include "tools/cmd/verb.h"
#include "tools/packaging/manual/pages.h"
#include "tools/packaging/manual/roff.h"

struct row {
	const char *name, *meaning;
};

static const struct row variable_table[] = {
	{ENV_RULES,
		"The rules, as one line that sockfix run writes (sockfix run -n prints it), or "
		"@FILE that holds such a line. Missing, cut off or of another version: the library "
		"does nothing."},
	{ENV_OFF, "1: the library is loaded and does nothing."},
	{ENV_LOG,
		"Where the library tells what it does: a FILE or stderr, then :error, :warn, :info "
		"or :debug. Nothing is told by default."},
	{ENV_CHILDREN, "0: programs that this one starts are left alone."},
	{ENV_TRACE, "Where sockfix record has the library write to."},
	{ENV_PROVE, "How sockfix prove has the library change arms."},
	{"XDG_STATE_HOME", "Recordings are kept below sockfix/ there (default: ~/.local/state)."},
	{"XDG_RUNTIME_DIR", "While a program runs its recording grows there, else in /dev/shm."},
	{"COLUMNS, NO_COLOR", "How wide screens are, and whether they are plain."},
};

static const struct row file_table[] = {
	{"/usr/share/sockfix/rules.d/*.conf, /etc/sockfix/rules.d/*.conf, "
	 "~/.config/sockfix/rules.d/*.conf",
		"Rules of this host, where the command line names none, in the order of the file "
		"names, whichever folder they are in. Of files with one name the later folder's "
		"counts, and an empty one masks it; the last folder is not read for root."},
	{SOCKFIX_LIBDIR "/sockfix/libsockfix.so",
		"The library. A libsockfix.so beside the command is taken first."},
};

static void print_table(const char *head, const struct row *row, size_t count)
{
	roff_section(head);
	for (size_t i = 0; i < count; i++)
		roff_item(row[i].name, row[i].meaning);
}

static void print_flag(const struct flag *flag)
{
	char tag[128];
	const char *gap = flag->takes ? " " : "", *takes = flag->takes ? flag->takes : "";

	if (flag->letter < 256)
		snprintf(tag, sizeof(tag), "-%c, --%s%s%s", flag->letter, flag->name, gap, takes);
	else
		snprintf(tag, sizeof(tag), "--%s%s%s", flag->name, gap, takes);
	roff_item(tag, flag->help);
}

static void print_verb(const struct verb *verb)
{
	char usage[1024];

	snprintf(usage, sizeof(usage), "sockfix %s%s%s", verb->name, *verb->synopsis ? " " : "",
		verb->synopsis);
	roff_part(verb->name);
	roff_text(verb->summary);
	roff_text(usage);
	roff_paragraphs(verb->detail);
	for (size_t i = 0; i < verb->flags; i++)
		print_flag(&verb->flag[i]);
}

void page_command(void)
{
	static const char *const see[] = {
		"sockfix-rules(5)", "sockfix-findings(7)", "libsockfix(8)", "tcp(7)", "ld.so(8)"};

	roff_title(
		"sockfix", "1", "find and mend slow TCP socket use in programs you cannot change");
	roff_section("SYNOPSIS");
	roff_text("sockfix VERB [OPTION]... [ARGUMENT]...");
	roff_text("sockfix VERB --help, sockfix help VERB, sockfix --version");
	for (size_t i = 0; i < group_count; i++) {
		char head[64];

		snprintf(head, sizeof(head), "\"VERBS TO %s\"", group_table[i]);
		for (char *letter = head + strlen("\"VERBS TO "); *letter; letter++)
			if (*letter >= 'a' && *letter <= 'z')
				*letter = (char)(*letter - 'a' + 'A');
		roff_section(strcmp(group_table[i], "reference") == 0 ? "REFERENCE" : head);
		for (size_t k = 0; k < verb_count; k++)
			if (strcmp(verb_table[k]->group, group_table[i]) == 0)
				print_verb(verb_table[k]);
	}
	roff_section("OPTIONS OF EVERY VERB");
	roff_item("-h, --help", "Prints what a verb does.");
	roff_item("--version", "Prints the version.");
	print_table(
		"ENVIRONMENT", variable_table, sizeof(variable_table) / sizeof(*variable_table));
	print_table("FILES", file_table, sizeof(file_table) / sizeof(*file_table));
	roff_see(see, sizeof(see) / sizeof(*see));
}
