/* Completion for bash. Without the package bash-completion, too: nothing of it is called. */
#include <stdio.h>

#include "tools/cmd/verb.h"
#include "tools/packaging/manual/kinds.h"
#include "tools/packaging/manual/pages.h"

/* How compgen(1) is asked for what the shell itself knows. */
static const char *const compgen_table[] = {
	[KIND_FILE] = "-f",
	[KIND_FOLDER] = "-d",
	[KIND_COMMAND] = "-c",
	[KIND_PID] = "-W \"$(cd /proc && echo [0-9]*)\"",
	[KIND_RUN] = "-d -W \"$(" KIND_RUNS ")\"",
};

static void print_reply(enum kind kind, const char *choice)
{
	if (kind == KIND_NONE) {
		putchar(':');
		return;
	}
	if (kind == KIND_SETTING)
		fputs("compopt -o nospace; ", stdout);
	fputs("COMPREPLY+=($(compgen ", stdout);
	if (kind_is_list(kind)) {
		fputs("-W '", stdout);
		kind_print(kind, choice);
		putchar('\'');
	} else {
		fputs(compgen_table[kind], stdout);
	}
	fputs(" -- \"$cur\"))", stdout);
}

static void print_flag_value(const struct flag *flag)
{
	const enum kind kind = kind_of_value(flag->takes);

	if (!flag->takes)
		return;
	fputs("\t\t", stdout);
	if (flag->letter < 256)
		printf("-%c|", flag->letter);
	printf("--%s) ", flag->name);
	print_reply(kind, flag->takes);
	puts("; return ;;");
}

static void print_verb(const struct verb *verb)
{
	enum kind also, kind = kind_of_words(verb->synopsis, &also);

	printf("\t%s)\n\t\tcase $prev in\n", verb->name);
	for (size_t i = 0; i < verb->flags; i++)
		print_flag_value(&verb->flag[i]);
	fputs("\t\tesac\n\t\tcase $cur in -*) COMPREPLY=($(compgen -W '", stdout);
	for (size_t i = 0; i < verb->flags; i++) {
		if (verb->flag[i].letter < 256)
			printf("-%c ", verb->flag[i].letter);
		printf("--%s ", verb->flag[i].name);
	}
	puts("--help --version' -- \"$cur\")); return ;; esac");
	if (kind != KIND_NONE) {
		fputs("\t\t", stdout);
		print_reply(kind, verb->synopsis);
		putchar('\n');
	}
	if (also != KIND_NONE) {
		fputs("\t\t", stdout);
		print_reply(also, verb->synopsis);
		putchar('\n');
	}
	puts("\t\t;;");
}

void complete_bash(void)
{
	puts("# bash completion of sockfix, made from its tables");
	puts("_sockfix()\n{");
	puts("\tlocal cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}\n"
	     "\tCOMPREPLY=()");
	fputs("\tif [ \"$COMP_CWORD\" = 1 ] || { [ \"$COMP_CWORD\" = 2 ] && [ \"$prev\" = help ]; }; "
	      "then\n\t\tCOMPREPLY=($(compgen -W '",
		stdout);
	for (size_t i = 0; i < verb_count; i++)
		printf("%s ", verb_table[i]->name);
	puts("help --help --version' -- \"$cur\"))\n\t\treturn\n\tfi");
	puts("\tcase ${COMP_WORDS[1]} in");
	for (size_t i = 0; i < verb_count; i++)
		print_verb(verb_table[i]);
	puts("\tesac\n}\ncomplete -o default -F _sockfix sockfix");
}
