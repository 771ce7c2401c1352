/* The command `sockfix`: finds the verb, prints the help that the table of verbs holds, and
 * notices at the end whether stdout took what was printed. What a verb does is in cmd/. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "rules/room.h"
#include "tools/launch/limits.h"
#include "tools/base/text.h"
#include "tools/cmd/verb.h"

static void print_group(FILE *out, const char *group)
{
	int begun = 0;
	for (size_t i = 0; i < verb_count; i++) {
		const struct verb *verb = verb_table[i];
		if (strcmp(verb->group, group) != 0)
			continue;
		if (!begun++)
			fprintf(out, "\n%s%s%s\n", text_bold(out), group, text_plain(out));
		char left[32];
		snprintf(left, sizeof(left), "  %s", verb->name);
		text_item(out, left, 12, verb->summary);
	}
}

static void print_help(FILE *out)
{
	text_item(out, "usage: sockfix", 15, "VERB [OPTION]... [ARGUMENT]...");
	text_wrap(out, 0, "Makes programs that you cannot change use their TCP sockets well.");
	for (size_t i = 0; i < group_count; i++)
		print_group(out, group_table[i]);
	fputs("\nto begin with\n"
	      "  sockfix record -- python3 import.py  is it the sockets?\n"
	      "  sockfix run -- python3 import.py     start a program mended\n"
	      "  sockfix VERB --help                  all about one verb\n"
	      "  sockfix --version\n",
		out);
}

static const struct verb *find_verb(const char *word)
{
	const char *name[verb_count + 1];
	for (size_t i = 0; i < verb_count; i++) {
		if (strcmp(verb_table[i]->name, word) == 0)
			return verb_table[i];
		name[i] = verb_table[i]->name;
	}
	name[verb_count] = "help";
	char rest[512];
	snprintf(rest, sizeof(rest), "to start a program: sockfix run -- %s; see sockfix --help",
		word);
	if (*word == '-')
		say("'%s' is not an option of sockfix; see sockfix --help", word);
	else
		say_unknown(word, "a verb", name, verb_count + 1, rest);
	return NULL;
}

/* *trouble: the exit status where sockfix itself fails. */
static int run_verb(int argc, char **argv, int *trouble)
{
	const char *word = argc > 1 ? argv[1] : "";
	int help = strcmp(word, "help") == 0;
	if (argc < 2) {
		print_help(stderr);
		return EXIT_TROUBLE;
	}
	if (strcmp(word, "--version") == 0) {
		version_print();
		return EXIT_FINE;
	}
	if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0 || (help && argc == 2)) {
		print_help(stdout);
		return EXIT_FINE;
	}
	const struct verb *verb = find_verb(help ? argv[2] : word);
	if (!verb)
		return EXIT_TROUBLE;
	*trouble = verb->misuse;
	room_out_status(verb->misuse);
	if (!help)
		return verb->run(verb, argc - 1, argv + 1);
	verb_help(verb);
	return EXIT_FINE;
}

static int command(int argc, char **argv)
{
	int trouble = EXIT_TROUBLE;
	int status = run_verb(argc, argv, &trouble);
	int error = fflush(stdout) != 0 ? errno : 0;
	if (!error && !ferror(stdout))
		return status;
	/* An earlier write's reason is forgotten by now. */
	say("cannot write to stdout%s%s", error ? ": " : "", error ? strerror(error) : "");
	return status > EXIT_FOUND ? status : trouble;
}

/* Who starts us with one of them closed would find what we open in its place, and what we print in
 * it. Writing to it still fails, and COMMAND finds it closed. */
static void keep_standard_places(void)
{
	for (int fd = 0; fd <= 2; fd++)
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDONLY | O_CLOEXEC) < 0)
			return;
}

int main(int argc, char **argv)
{
	keep_standard_places();
	return limits_call(command, argc, argv);
}
