/* getopt_long() for verbs: turns a verb's table of flags into getopt's, answers --help and
 * --version, and says what was wrong with a suggestion. The only includer of getopt.h, whose
 * struct option is not ours; it must not include rules/. */
#include <ctype.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "tools/cmd/arguments.h"
#include "tools/base/text.h"

enum { MOST_FLAGS = 24, LETTER_VERSION = 1000 };

int arguments_misuse(const struct verb *verb, const char *format, ...)
{
	char sentence[4096];
	va_list list;
	va_start(list, format);
	vsnprintf(sentence, sizeof(sentence), format, list);
	va_end(list);
	say("%s: %s; see sockfix %s --help", verb->name, sentence, verb->name);
	return verb->misuse;
}

void arguments_no_code(const char *code)
{
	say("there is no finding %c%s; sockfix list codes prints them",
		toupper((unsigned char)*code), code + 1);
}

static void build_tables(const struct verb *verb, char *letters, struct option *longs)
{
	size_t n = 0;
	if (verb->first)
		*letters++ = '+';
	*letters++ = ':';
	*letters++ = 'h';
	for (size_t i = 0; i < verb->flags && n < MOST_FLAGS; i++) {
		const struct flag *flag = &verb->flag[i];
		longs[n++] = (struct option){flag->name,
			flag->takes ? required_argument : no_argument, NULL, flag->letter};
		if (flag->letter >= 256)
			continue;
		*letters++ = (char)flag->letter;
		if (flag->takes)
			*letters++ = ':';
	}
	*letters = '\0';
	longs[n++] = (struct option){"help", no_argument, NULL, 'h'};
	longs[n++] = (struct option){"version", no_argument, NULL, LETTER_VERSION};
	longs[n] = (struct option){NULL, 0, NULL, 0};
}

/* A word of getopt's that it did not take: --nosuch, --strict=1, or the letter of -x. */
static int say_unknown_flag(const struct verb *verb, char **argv, const struct option *longs)
{
	char word[128], name[MOST_FLAGS + 2][32], thing[64], rest[64];
	const char *names[MOST_FLAGS + 2];
	size_t count = 0;
	snprintf(thing, sizeof(thing), "an option of %s", verb->name);
	snprintf(rest, sizeof(rest), "see sockfix %s --help", verb->name);
	if (optopt && strncmp(argv[optind - 1], "--", 2) != 0) {
		say("'-%c' is not %s; %s", optopt, thing, rest);
		return verb->misuse;
	}
	snprintf(word, sizeof(word), "%s", argv[optind - 1]);
	word[strcspn(word, "=")] = '\0';
	if (optopt)
		return arguments_misuse(verb, "%s takes no value", word);
	for (; longs[count].name; count++) {
		snprintf(name[count], sizeof(name[count]), "--%s", longs[count].name);
		names[count] = name[count];
		if (strncmp(word, names[count], strlen(word)) == 0)
			return arguments_misuse(verb, "%s could mean several options", word);
	}
	say_unknown(word, thing, names, count, rest);
	return verb->misuse;
}

static int say_missing_value(const struct verb *verb, char **argv)
{
	for (size_t i = 0; i < verb->flags; i++) {
		const struct flag *flag = &verb->flag[i];
		if (flag->letter == optopt)
			return arguments_misuse(
				verb, "%s needs a value: %s", argv[optind - 1], flag->takes);
	}
	return arguments_misuse(verb, "%s needs a value", argv[optind - 1]);
}

int arguments_next(const struct verb *verb, int argc, char **argv, const char **value, int *status)
{
	char letters[2 * MOST_FLAGS + 4];
	struct option longs[MOST_FLAGS + 3];
	build_tables(verb, letters, longs);
	opterr = 0;
	optopt = 0;
	int letter = getopt_long(argc, argv, letters, longs, NULL);
	*value = optarg;
	*status = EXIT_FINE;
	switch (letter) {
	case 'h':
		verb_help(verb);
		return ARGUMENTS_STOP;
	case LETTER_VERSION:
		version_print();
		return ARGUMENTS_STOP;
	case '?':
		*status = say_unknown_flag(verb, argv, longs);
		return ARGUMENTS_STOP;
	case ':':
		*status = say_missing_value(verb, argv);
		return ARGUMENTS_STOP;
	default:
		return letter;
	}
}
