/* `sockfix explain WORD`: one page about one word, offline. What it says of options comes
 * from the table alone, so that a new row needs no new text here. */
#include <ctype.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "rules/text/option_text.h"
#include "rules/presets.h"
#include "tools/cmd/arguments.h"
#include "tools/find/find.h"
#include "tools/show/language.h"
#include "tools/show/starters.h"
#include "tools/show/words.h"
#include "tools/base/text.h"

static const char *level_name(int level)
{
	return level == SOL_SOCKET   ? "SOL_SOCKET"
	       : level == IPPROTO_IP ? "IPPROTO_IP"
				     : "IPPROTO_TCP";
}

static void print_kernel_name(const struct option *option)
{
	char text[128];
	if (option->level == OPTION_OURS) {
		text_item(stdout, "  kernel", 12, "no socket option: sockfix does this itself");
		return;
	}
	int start = snprintf(text, sizeof(text), "setsockopt(%s, ", level_name(option->level));
	for (const char *letter = option->name; *letter; letter++)
		text[start++] = (char)toupper((unsigned char)*letter);
	text[start++] = ')';
	text[start] = '\0';
	text_item(stdout, "  kernel", 12, text);
}

/* What some of our own options mean nothing without. */
static const struct company {
	int id;
	const char *in_file, *once;
} company_table[] = {
	{OPTION_COALESCE_LIMIT, "coalesce = \"buffer\"; accept_loss = true; ",
		"-s coalesce=buffer -s accept_loss=true "},
	{OPTION_ACCEPT_LOSS, "coalesce = \"buffer\"; ", "-s coalesce=buffer "},
	{OPTION_COALESCE_DELAY, "coalesce = \"always\"; ", "-s coalesce=always "},
};

static struct company company_of(int id)
{
	for (size_t i = 0; i < sizeof(company_table) / sizeof(*company_table); i++)
		if (company_table[i].id == id)
			return company_table[i];
	return (struct company){id, "", ""};
}

static void explain_option(int id)
{
	const struct company company = company_of(id);
	const struct option *option = &option_table[id];
	char values[64], when[64], example[64];
	option_values(id, values, sizeof(values));
	option_when(id, when, sizeof(when));
	option_example(id, example, sizeof(example));
	bool bare = option->type == TYPE_SWITCH || example[strspn(example, "0123456789")] == '\0';
	const char *quote = bare ? "" : "\"";

	printf("%s%s%s\n", text_bold(stdout), option->name, text_plain(stdout));
	text_wrap(stdout, 2, option->summary);
	puts("");
	text_item(stdout, "  values", 12, values);
	text_item(stdout, "  applied", 12, option_when_text(id));
	text_item(stdout, "  risk", 12, option_risk_text(id));
	print_kernel_name(option);
	text_item(stdout, "  read", 12, option->man);
	printf("\nin a rule file\n"
	       "  my-rule:\n"
	       "    { match: { program = \"myapp\"; };\n"
	       "      set:   { %s%s = %s%s%s; }; };\n"
	       "once\n"
	       "  sockfix run %s-s %s=%s -- COMMAND\n",
		company.in_file, option->name, quote, example, quote, company.once, option->name,
		example);
}

static void explain_preset(const struct preset *preset)
{
	fwrite(preset->text, 1, (size_t)(preset->end - preset->text), stdout);
	printf("\n# use it:    sockfix run -P %s -- COMMAND\n"
	       "# change it: sockfix explain %s > my.conf, edit, sockfix check my.conf,\n"
	       "#            sockfix run -r my.conf -- COMMAND\n",
		preset->name, preset->name);
}

/* All that has a page. Options are near by their tails, too. The caller frees it. */
static const char **names_of_pages(size_t *count)
{
	const char **name;
	size_t words = 0, matchers = 0, starters = 0;

	while (language_word(words))
		words++;
	while (language_matcher(matchers))
		matchers++;
	while (starter(starters))
		starters++;
	*count = 0;
	name = calloc(OPTION_COUNT + preset_count + words + matchers + starters, sizeof(*name));
	for (int id = 0; name && id < OPTION_COUNT; id++)
		name[(*count)++] = option_table[id].name;
	for (size_t i = 0; name && i < preset_count; i++)
		name[(*count)++] = preset_table[i].name;
	for (size_t i = 0; name && i < words; i++)
		name[(*count)++] = language_word(i)->word;
	for (size_t i = 0; name && i < matchers; i++)
		name[(*count)++] = language_matcher(i)->word;
	for (size_t i = 0; name && i < starters; i++)
		name[(*count)++] = starter(i)->name;
	return name;
}

static const char *preset_that_begins(const char *word)
{
	for (size_t i = 0; i < preset_count; i++)
		if (strncmp(preset_table[i].name, word, strlen(word)) == 0)
			return preset_table[i].name;
	return NULL;
}

static int say_nothing_known(const char *word)
{
	size_t count;
	const char **name = names_of_pages(&count), *near;

	if (!name) {
		say("no memory");
		return EXIT_TROUBLE;
	}
	near = nearest_name(word, name, count);
	near = near ? near : nearest_option(word);
	near = near ? near : preset_that_begins(word);
	if (near)
		say("'%s' is not an option, a preset, a word of rules or a starter; did you mean '%s'?",
			word, near);
	else
		say("'%s' is not an option, a preset, a word of rules or a starter; see sockfix list "
		    "options, sockfix list presets, sockfix list codes, sockfix explain rules, "
		    "sockfix explain starters",
			word);
	free(name);
	return EXIT_TROUBLE;
}

static void print_part(const char *head, const char *text)
{
	printf("\n%s%s%s\n", text_bold(stdout), head, text_plain(stdout));
	text_wrap(stdout, 2, text);
}

static int explain_code(const char *word, bool author)
{
	const struct code *code = code_find(word);
	if (!code) {
		arguments_no_code(word);
		return EXIT_TROUBLE;
	}
	printf("%s%s%s  %s\n", text_bold(stdout), code->name, text_plain(stdout), code->title);
	print_part("what happens", code->mechanism);
	if (author) {
		print_part("for the author of the program", code->author);
		print_part("read", code->source);
		return EXIT_FINE;
	}
	print_part("how it is found", code->proof);
	print_part("what mends it", code->remedy);
	print_part("when not", code->not_when);
	print_part("read", code->source);
	return EXIT_FINE;
}

/* An option, a preset, how rules are written, or what starts programs. */
static int explain_name(const char *asked)
{
	char word[64];
	/* TCP_NODELAY is how man pages write it. */
	snprintf(word, sizeof(word), "%s", asked);
	for (char *letter = word; *letter; letter++)
		*letter = (char)tolower((unsigned char)*letter);
	int id = option_by_name(word);
	if (id >= 0) {
		explain_option(id);
		return EXIT_FINE;
	}
	if (strcmp(word, "rules") == 0) {
		language_print();
		return EXIT_FINE;
	}
	for (size_t i = 0; i < preset_count; i++) {
		if (strcmp(preset_table[i].name, word) == 0) {
			explain_preset(&preset_table[i]);
			return EXIT_FINE;
		}
	}
	return language_explain(word) || starters_explain(word) ? EXIT_FINE
								: say_nothing_known(asked);
}

enum { FLAG_AUTHOR = 400 };
static const struct flag flag_table[] = {
	{"for-author", FLAG_AUTHOR, NULL, "of a finding: a page for the vendor's ticket"},
};

static int run(const struct verb *verb, int argc, char **argv)
{
	const char *value;
	int status;
	bool author = false;
	int option;
	while ((option = arguments_next(verb, argc, argv, &value, &status)) != ARGUMENTS_END) {
		if (option == ARGUMENTS_STOP)
			return status;
		author = true;
	}
	if (argc - optind != 1)
		return arguments_misuse(verb,
			"name one CODE, OPTION, PRESET, WORD of the rules or STARTER, or rules");
	if (code_looks(argv[optind]))
		return explain_code(argv[optind], author);
	if (author)
		return arguments_misuse(
			verb, "--for-author is for findings, and '%s' is none", argv[optind]);
	return explain_name(argv[optind]);
}

const struct verb verb_explain = {
	.name = "explain",
	.group = "reference",
	.synopsis = "[--for-author] CODE|OPTION|PRESET|WORD|rules|STARTER|starters",
	.summary = "one finding, option, preset, word of the rules, or starter (cron)",
	.detail = "  sockfix explain rules\n"
		  "  sockfix explain N01\n"
		  "  sockfix explain tcp_nodelay\n"
		  "  sockfix explain imap-upload\n"
		  "  sockfix explain holdout\n"
		  "  sockfix explain cron        lines that bring the library into its jobs\n"
		  "  sockfix explain starters    all of these\n\n"
		  "Exit status: 0, or 2 where there is no such word or stdout cannot be written.",
	.flag = flag_table,
	.flags = sizeof(flag_table) / sizeof(*flag_table),
	.misuse = EXIT_TROUBLE,
	.run = run,
};
