/* Completion for zsh: _arguments(zshcompsys) with what each verb's table holds. */
#include <stdio.h>
#include <string.h>

#include "tools/cmd/verb.h"
#include "tools/packaging/manual/kinds.h"
#include "tools/packaging/manual/pages.h"

static const char *const action_table[] = {
	[KIND_NONE] = " ",
	[KIND_FILE] = "_files",
	[KIND_FOLDER] = "_files -/",
	[KIND_COMMAND] = "_normal",
	[KIND_PID] = "_pids",
	[KIND_RUN] = "_sockfix_runs",
};

/* Within single quotes, and with what _arguments takes apart kept whole. */
static void put(const char *text)
{
	for (; *text; text++)
		if (*text == '\'')
			fputs("'\\''", stdout);
		else if (strchr("[]:\\", *text))
			printf("\\%c", *text);
		else
			putchar(*text);
}

static void print_action(enum kind kind, const char *choice)
{
	if (!kind_is_list(kind)) {
		fputs(action_table[kind], stdout);
		return;
	}
	fputs(kind == KIND_SETTING ? "compadd -S \"\" -- " : "compadd -- ", stdout);
	kind_print(kind, choice);
}

static void print_flag(const struct flag *flag)
{
	if (flag->letter < 256)
		printf("\t\t'*'{-%c,--%s}'[", flag->letter, flag->name);
	else
		printf("\t\t'*--%s[", flag->name);
	put(flag->help);
	putchar(']');
	if (flag->takes) {
		putchar(':');
		put(flag->takes);
		putchar(':');
		print_action(kind_of_value(flag->takes), flag->takes);
	}
	puts("' \\");
}

static void print_words(const struct verb *verb)
{
	enum kind also, kind = kind_of_words(verb->synopsis, &also);

	if (kind == KIND_COMMAND) {
		puts("\t\t'*::command:_normal'");
		return;
	}
	fputs("\t\t'*:word:", stdout);
	if (also != KIND_NONE)
		fputs("{ ", stdout);
	print_action(kind, verb->synopsis);
	if (also != KIND_NONE) {
		fputs("; ", stdout);
		print_action(also, verb->synopsis);
		fputs(" }", stdout);
	}
	puts("'");
}

void complete_zsh(void)
{
	puts("#compdef sockfix\n# made from the tables of sockfix");
	puts("_sockfix_runs() { compadd -- ${(f)\"$(" KIND_RUNS ")\"}; _files -/ }");
	puts("_sockfix() {\n\tlocal -a verbs=(");
	for (size_t i = 0; i < verb_count; i++) {
		printf("\t\t'%s:", verb_table[i]->name);
		put(verb_table[i]->summary);
		puts("'");
	}
	puts("\t\t'help:print what a verb does')\n"
	     "\tif (( CURRENT == 2 )) || [[ CURRENT -eq 3 && $words[2] = help ]]; then\n"
	     "\t\t_describe verb verbs\n\t\treturn\n\tfi\n"
	     "\tlocal verb=$words[2]\n\tshift words\n\t(( CURRENT-- ))\n\tcase $verb in");
	for (size_t i = 0; i < verb_count; i++) {
		printf("\t%s) _arguments -S -s : \\\n", verb_table[i]->name);
		for (size_t k = 0; k < verb_table[i]->flags; k++)
			print_flag(&verb_table[i]->flag[k]);
		puts("\t\t'(- *)'{-h,--help}'[print what it does]' \\\n"
		     "\t\t'(- *)--version[print the version]' \\");
		print_words(verb_table[i]);
		puts("\t\t;;");
	}
	puts("\tesac\n}\n_sockfix \"$@\"");
}
