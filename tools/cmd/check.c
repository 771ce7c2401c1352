/* `sockfix check`: every problem of rule files, each with its place, its line and its mend. Reads
 * files, and with --here tries options on scratch sockets; changes nothing. */
#include <stdbool.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "rules/book.h"
#include "rules/wire.h"
#include "tools/cmd/arguments.h"
#include "tools/cmd/rulebook.h"
#include "tools/launch/launch.h"
#include "tools/launch/probe.h"
#include "tools/base/plural.h"
#include "tools/show/problem.h"
#include "tools/base/text.h"

enum { FLAG_HERE = 400 };

/* Of all files together; probe_rules() calls back without a context. */
static struct {
	size_t errors, notes;
} found;

static void count_and_show(const struct problem *problem)
{
	if (problem->kind == PROBLEM_ERROR)
		found.errors++;
	else
		found.notes++;
	problem_show(stdout, problem);
}

static void tell(const struct rule *rule, bool refused, const char *sentence)
{
	char text[2048];
	snprintf(text, sizeof(text), "%s: %s", rule->name, sentence);
	const struct problem problem = {
		.kind = refused ? PROBLEM_ERROR : PROBLEM_NOTE,
		.file = rule->file,
		.line = rule->line,
		.text = text,
	};
	count_and_show(&problem);
}

static void show_length(const struct book *book)
{
	const struct rule *for_file = rulebook_first_beyond(&book->set, LAUNCH_LINE_MAX - 1);
	char text[512];

	if (!for_file)
		return;
	snprintf(text, sizeof(text),
		"with this rule they are too long for SOCKFIX_RULES (%zu bytes in all, and it "
		"holds %d): sockfix run keeps them in a file, SOCKFIX_RULES=@FILE",
		wire_encode(&book->set, NULL, 0), LAUNCH_LINE_MAX - 1);
	tell(for_file, false, text);
}

static void print_count(size_t count, const char *thing)
{
	printf("%zu %s%s", count, thing, plural(count));
}

static void print_fine(const char *path, const struct book *book)
{
	struct stat info;
	printf("%s: ", path);
	print_count(book->set.count, "rule");
	if (stat(path, &info) == 0 && S_ISDIR(info.st_mode)) {
		printf(" in ");
		print_count(book->files, "file");
	}
	puts(", fine");
}

static int check_path(const char *path, bool here)
{
	struct book *book = book_new();
	size_t before = found.errors;
	if (!book) {
		say("no memory");
		return EXIT_TROUBLE;
	}
	if (book_add_path(book, path) == 0)
		book_doubt(book);
	for (size_t i = 0; i < book->problems; i++)
		count_and_show(&book->problem[i]);
	show_length(book);
	if (here)
		probe_rules(&book->set, tell);
	if (found.errors == before)
		print_fine(path, book);
	book_free(book);
	return EXIT_FINE;
}

static void print_total(void)
{
	if (found.errors == 0 && found.notes == 0)
		return;
	print_count(found.errors, "error");
	printf(", ");
	print_count(found.notes, "note");
	puts("");
}

static int run(const struct verb *verb, int argc, char **argv)
{
	const char *value;
	bool here = false;
	int letter, status;
	while ((letter = arguments_next(verb, argc, argv, &value, &status)) != ARGUMENTS_END) {
		if (letter == ARGUMENTS_STOP)
			return status;
		here = true;
	}
	if (optind == argc)
		return arguments_misuse(verb, "a FILE or a folder is missing");
	for (int i = optind; i < argc; i++) {
		if (check_path(argv[i], here) != EXIT_FINE)
			return EXIT_TROUBLE;
	}
	print_total();
	return found.errors ? EXIT_FOUND : EXIT_FINE;
}

static const struct flag flag_table[] = {
	{"here", FLAG_HERE, NULL,
		"also try each option on a socket that reaches nobody: does this host's kernel "
		"take it?"},
};

const struct verb verb_check = {
	.name = "check",
	.group = "mend",
	.synopsis = "[--here] FILE|FOLDER...",
	.summary = "find every error of rule files, each with its place",
	.detail = "  sockfix check site.conf\n"
		  "  sockfix check --here /etc/sockfix/rules.d\n\n"
		  "Of a folder, the *.conf files are read. Notes tell of what a program may "
		  "notice; they are no errors. After a syntax error nothing more of that file is "
		  "read. " RULEBOOK_DETAIL "\n\n"
		  "Exit status: 0 fine, 1 errors were found (also a file that cannot be read), 2 "
		  "misused or stdout cannot be written.",
	.flag = flag_table,
	.flags = sizeof(flag_table) / sizeof(*flag_table),
	.misuse = EXIT_TROUBLE,
	.run = run,
};
