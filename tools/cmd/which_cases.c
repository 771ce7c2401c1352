/* Cases for a set of rules, a line each: command, peer, what must hold. rules/rule.c decides; this
 * reads lines, compares, and counts. */
#include "tools/cmd/which_cases.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "rules/command.h"
#include "rules/regular.h"
#include "rules/text/option_text.h"
#include "tools/base/memory.h"
#include "tools/base/plural.h"
#include "tools/base/text.h"
#include "tools/cmd/verb.h"
#include "tools/cmd/which_words.h"
#include "tools/show/problem.h"

struct cases {
	const char *path;
	const struct ruleset *rules;
	int line;
	size_t count, differ;
	bool wrong; /* a line is no case */
};

struct flow_case {
	struct subject subject;
	uint16_t listen;
	struct decision decision;
	bool by, expects; /* a user is named; something must hold */
};

/* ---- words ---- */

static const char blanks[] = " \t\r\n";

/* Cuts blanks off both ends. */
static char *trim(char *text)
{
	size_t length;

	text += strspn(text, blanks);
	length = strlen(text);
	while (length && strchr(blanks, text[length - 1]))
		text[--length] = '\0';
	return text;
}

/* Cuts the next field off, up to a comma that does not stand in quotes. NULL: there is none. */
static char *next_field(char **rest)
{
	char *start = *rest, *at = start;

	if (!start)
		return NULL;
	at += strspn(at, blanks);
	if (*at == '"' && strchr(at + 1, '"')) {
		char *close = strchr(at + 1, '"');

		*at = *close = ' ';
		at = close;
	}
	at = strchr(at, ',');
	*rest = at ? at + 1 : NULL;
	if (at)
		*at = '\0';
	return trim(start);
}

static int refuse(struct cases *cases, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* One sentence with its place; the line is no case. Returns -1. */
static int refuse(struct cases *cases, const char *format, ...)
{
	char text[1024];
	va_list list;

	va_start(list, format);
	vsnprintf(text, sizeof(text), format, list);
	va_end(list);
	say("%s:%d: %s", cases->path, cases->line, text);
	cases->wrong = true;
	return -1;
}

/* ---- a case ---- */

/* The kernel starts what stands behind #! in it. The file itself may be on another host. */
static bool is_script(const char *word, size_t length)
{
	static const char *const suffix[] = {".py", ".pl", ".rb", ".sh", ".php", ".js", ".tcl"};

	for (size_t i = 0; i < sizeof(suffix) / sizeof(*suffix); i++) {
		const size_t own = strlen(suffix[i]);

		if (length > own && strncmp(word + length - own, suffix[i], own) == 0)
			return true;
	}
	return false;
}

/* The first word and those behind it, as a program of that name would have them. words is room for
 * the arguments as a rule sees them and as the kernel keeps them; freed by the caller. */
static int take_command(struct cases *cases, struct subject *subject, char *command, char **words)
{
	const size_t name = strcspn(command, blanks);
	char *args = command + name;
	size_t length;

	if (!name)
		return refuse(cases, "the command is missing");
	if (is_script(command, name))
		return refuse(cases,
			"'%.*s' is a script: name what runs it, too, as in python3 import.py; its "
			"program is the interpreter",
			(int)name, command);
	if (*args)
		*args++ = '\0';
	args = trim(args);
	length = strlen(args);
	*words = memory_print("%s", args);
	for (char *c = *words; *c; c++)
		if (strchr(blanks, *c))
			*c = '\0';
	subject->program = subject->argv0 = text_base_name(command);
	subject->args = args;
	subject->script = length ? command_script(*words, *words + length) : NULL;
	if (!subject->script)
		subject->script = "";
	return 0;
}

/* "ADDR:PORT", "listen PORT", "listen PORT from ADDR:PORT". */
static int take_peer(struct cases *cases, struct flow_case *one, char *text)
{
	static const char form[] = "is not ADDR:PORT, listen PORT or listen PORT from ADDR:PORT";
	char *word[5] = {NULL}, *rest = NULL, *copy = memory_print("%s", text);
	size_t words = 0;
	int error = -1;

	for (char *w = strtok_r(copy, blanks, &rest); w && words < 5;
		w = strtok_r(NULL, blanks, &rest))
		word[words++] = w;
	if (words == 1)
		error = which_peer(word[0], &one->subject);
	else if ((words == 2 || (words == 4 && strcmp(word[2], "from") == 0)) &&
		 strcmp(word[0], "listen") == 0)
		error = which_port(word[1], &one->listen) != 0 ? -1
			: words == 4			       ? which_peer(word[3], &one->subject)
							       : 0;
	free(copy);
	return error ? refuse(cases, "'%s' %s", text, form) : 0;
}

static void describe(
	const struct cases *cases, const struct decision *decision, int id, char *text, size_t size)
{
	const int index = decision->veto != NO_RULE ? decision->veto : decision->rule[id];
	char value[64] = "keep", place[512];
	const struct rule *rule;

	if (decision->set & OPTION_BIT(id))
		option_print(id, &decision->value[id], value, sizeof(value));
	if (index == NO_RULE) {
		snprintf(text, size, "%s: no rule says otherwise", value);
		return;
	}
	rule = &cases->rules->rule[index];
	problem_place(*rule->file ? rule->file : "built-in", rule->line, place, sizeof(place));
	snprintf(text, size, "%s: %s, %s", value, rule->name, place);
}

static void differ(struct cases *cases, const struct flow_case *one, int id, const char *wanted)
{
	char text[700];

	describe(cases, &one->decision, id, text, sizeof(text));
	printf("%s:%d: %s must be %s and is %s\n", cases->path, cases->line, option_table[id].name,
		wanted, text);
}

static bool is_as_wanted(const struct decision *decision, int id, const struct value *wanted)
{
	char is[64] = "keep", must_be[64];

	if (decision->set & OPTION_BIT(id))
		option_print(id, &decision->value[id], is, sizeof(is));
	option_print(id, wanted, must_be, sizeof(must_be));
	return strcmp(is, must_be) == 0;
}

/* NAME=VALUE. Returns 0; 1: it differs; -1. */
static int expect_option(struct cases *cases, const struct flow_case *one, char *word)
{
	char *equals = strchr(word, '='), why[256];
	const char *near;
	struct value value;
	int id;

	if (!equals)
		return refuse(cases, "'%s' is not NAME=VALUE or nothing", word);
	*equals = '\0';
	id = option_by_name(word);
	near = id < 0 ? nearest_option(word) : NULL;
	if (id < 0)
		return refuse(cases, "'%s' is not an option%s%s%s", word,
			near ? "; did you mean '" : "; sockfix list options prints them",
			near ? near : "", near ? "'?" : "");
	if (option_parse(id, equals + 1, &value, why, sizeof(why)) != 0)
		return refuse(cases, "%s", why);
	if (is_as_wanted(&one->decision, id, &value))
		return 0;
	differ(cases, one, id, equals + 1);
	return 1;
}

static int expect_nothing(struct cases *cases, const struct flow_case *one)
{
	for (int id = 0; id < OPTION_COUNT; id++)
		if (one->decision.set & OPTION_BIT(id)) {
			differ(cases, one, id, "keep");
			return 1;
		}
	return 0;
}

static int expect_words(struct cases *cases, struct flow_case *one, char *field)
{
	char *rest = NULL;
	int differs = 0;

	for (char *word = strtok_r(field, blanks, &rest); word;
		word = strtok_r(NULL, blanks, &rest)) {
		const int result = strcmp(word, "nothing") == 0 ? expect_nothing(cases, one)
								: expect_option(cases, one, word);

		if (result < 0)
			return result;
		one->expects = true;
		differs |= result;
	}
	return differs;
}

/* "user NAME" before what must hold. Returns 1 where it was that, 0, or -1. */
static int take_user(struct cases *cases, struct subject *subject, const char *field)
{
	if (strncmp(field, "user ", 5) != 0)
		return 0;
	field += 5 + strspn(field + 5, blanks);
	if (which_user(field, &subject->uid) != 0)
		return refuse(cases, "'%s' is not a user of /etc/passwd", field);
	return 1;
}

static int expect_all(struct cases *cases, struct flow_case *one, char *rest)
{
	int differs = 0, result;

	which_complete(&one->subject, one->listen);
	for (char *field; (field = next_field(&rest));) {
		result = one->expects || one->by ? 0 : take_user(cases, &one->subject, field);
		if (result < 0)
			return result;
		one->by = one->by || result;
		if (result)
			continue;
		rules_decide(cases->rules, &one->subject, &one->decision);
		result = expect_words(cases, one, field);
		if (result < 0)
			return result;
		differs |= result;
	}
	return one->expects ? differs
			    : refuse(cases, "nothing is said of what must hold: "
					    "NAME=VALUE, or the word nothing");
}

static void judge(struct cases *cases, char *line)
{
	/* draw: a flow that no holdout but one of 100 % leaves out */
	struct flow_case one = {
		.subject = {.script = "", .args = "", .uid = geteuid(), .draw = 99}};
	char *rest = line, *words = NULL, *command = next_field(&rest), *peer;

	if (take_command(cases, &one.subject, command, &words) == 0) {
		peer = next_field(&rest);
		if (!peer)
			refuse(cases, "the peer is missing: command, peer, what must hold");
		else if (take_peer(cases, &one, peer) == 0)
			cases->differ += expect_all(cases, &one, rest) > 0;
	}
	cases->count++;
	free(words);
}

/* ---- the file ---- */

static FILE *open_cases(const char *path)
{
	struct stat status;
	const int fd = regular_open(AT_FDCWD, path, 0, &status);
	FILE *file = fd < 0 ? NULL : fdopen(fd, "r");

	if (fd == NOT_REGULAR)
		say("%s: it is %s, not a file", path, regular_kind(&status));
	else if (!file)
		say("%s: %s", path, strerror(fd < 0 ? -fd : errno));
	return file;
}

static int conclude(const struct cases *cases)
{
	if (cases->wrong)
		return EXIT_TROUBLE;
	if (!cases->count) {
		say("%s: there is no case in this file; a line is one: command, peer, what must hold",
			cases->path);
		return EXIT_TROUBLE;
	}
	if (cases->differ)
		printf("%zu of %zu case%s differ%s\n", cases->differ, cases->count,
			plural(cases->count), cases->differ == 1 ? "s" : "");
	else
		printf("%s: %zu case%s, fine\n", cases->path, cases->count, plural(cases->count));
	return cases->differ ? EXIT_FOUND : EXIT_FINE;
}

int which_cases(const struct ruleset *rules, const char *path)
{
	struct cases cases = {.path = path, .rules = rules};
	FILE *file = open_cases(path);
	char *line = NULL;
	size_t size = 0;

	if (!file)
		return EXIT_TROUBLE;
	for (ssize_t length; (length = getline(&line, &size, file)) > 0;) {
		char *text;

		cases.line++;
		if (strlen(line) != (size_t)length)
			refuse(&cases, "a byte 0 stands in this line");
		text = trim(line);
		if (*text && *text != '#')
			judge(&cases, text);
	}
	if (ferror(file)) {
		say("%s: %s", path, strerror(errno));
		cases.wrong = true;
	}
	free(line);
	fclose(file);
	return conclude(&cases);
}
