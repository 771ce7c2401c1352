/* Completion for fish: one line a verb, an option, a kind of word. */
#include <stdio.h>

#include "tools/cmd/verb.h"
#include "tools/packaging/manual/kinds.h"
#include "tools/packaging/manual/pages.h"

static const char *const list_table[] = {
	[KIND_FILE] = "",
	[KIND_FOLDER] = "(__fish_complete_directories)",
	[KIND_COMMAND] = "(__fish_complete_subcommand)",
	[KIND_PID] = "(__fish_complete_pids)",
	[KIND_RUN] = "(" KIND_RUNS "; __fish_complete_directories)",
};

/* Within single quotes. */
static void put(const char *text)
{
	for (; *text; text++)
		if (*text == '\'' || *text == '\\')
			printf("\\%c", *text);
		else
			putchar(*text);
}

static void print_list(enum kind kind, const char *choice)
{
	if (kind == KIND_FILE) {
		fputs(" -F", stdout);
		return;
	}
	fputs(" -x", stdout);
	if (kind == KIND_NONE)
		return;
	fputs(" -a '", stdout);
	if (kind_is_list(kind))
		kind_print(kind, choice);
	else
		put(list_table[kind]);
	putchar('\'');
}

static void print_flag(const struct verb *verb, const struct flag *flag)
{
	printf("complete -c sockfix -n '__fish_seen_subcommand_from %s' -l %s", verb->name,
		flag->name);
	if (flag->letter < 256)
		printf(" -s %c", flag->letter);
	if (flag->takes)
		print_list(kind_of_value(flag->takes), flag->takes);
	fputs(" -d '", stdout);
	put(flag->help);
	puts("'");
}

static void print_words(const struct verb *verb, enum kind kind)
{
	if (kind == KIND_NONE)
		return;
	printf("complete -c sockfix -n '__fish_seen_subcommand_from %s'", verb->name);
	print_list(kind, verb->synopsis);
	putchar('\n');
}

static void print_verb(const struct verb *verb)
{
	enum kind also, kind = kind_of_words(verb->synopsis, &also);

	printf("complete -c sockfix -n '__fish_use_subcommand' -x -a %s -d '", verb->name);
	put(verb->summary);
	puts("'");
	for (size_t i = 0; i < verb->flags; i++)
		print_flag(verb, &verb->flag[i]);
	printf("complete -c sockfix -n '__fish_seen_subcommand_from %s' -s h -l help -d 'print what "
	       "it does'\n",
		verb->name);
	print_words(verb, kind);
	print_words(verb, also);
}

void complete_fish(void)
{
	puts("# made from the tables of sockfix\ncomplete -c sockfix -f");
	puts("complete -c sockfix -n '__fish_use_subcommand' -l version -d 'print the version'");
	puts("complete -c sockfix -n '__fish_use_subcommand' -x -a help -d 'print what a verb "
	     "does'");
	for (size_t i = 0; i < verb_count; i++)
		print_verb(verb_table[i]);
}
