/* From the words of help to kinds of values, and the words of each kind. */
#include "tools/packaging/manual/kinds.h"

#include <string.h>

#include "rules/option.h"
#include "rules/presets.h"
#include "tools/find/find.h"
#include "tools/show/language.h"
#include "tools/show/starters.h"

static const struct {
	const char *word; /* in the synopsis, or what a flag takes */
	enum kind kind, also;
} word_table[] = {
	{"COMMAND", KIND_COMMAND, KIND_NONE},
	{"CODE|OPTION", KIND_EXPLAINED, KIND_NONE},
	{"[CODE]", KIND_CODE, KIND_RUN},
	{"PRESET", KIND_PRESET, KIND_NONE},
	{"NAME=VALUE", KIND_SETTING, KIND_NONE},
	{"[DIR]", KIND_RUN, KIND_NONE},
	{"BEFORE", KIND_RUN, KIND_NONE},
	{"DIR", KIND_FOLDER, KIND_NONE},
	{"PATH", KIND_FOLDER, KIND_NONE},
	{"FILE", KIND_FILE, KIND_NONE},
	{"PID", KIND_PID, KIND_NONE},
	{"|", KIND_CHOICE, KIND_NONE},
};
enum { WORDS = sizeof(word_table) / sizeof(*word_table) };

enum kind kind_of_value(const char *takes)
{
	for (size_t i = 0; takes && i < WORDS; i++)
		if (strstr(takes, word_table[i].word))
			return word_table[i].kind;
	return KIND_NONE;
}

/* The length of a word, or of what stands in brackets, with the dots behind it. */
static size_t part_length(const char *at)
{
	const size_t bracket = *at == '[' ? strcspn(at, "]") : 0;

	return bracket + strcspn(at + bracket, " ");
}

static bool is_flag(const char *part)
{
	return *part == '-' || strncmp(part, "[-", 2) == 0 || *part == '|';
}

/* What is neither an option nor the value of one. */
static void words_of(const char *synopsis, char *words, size_t size)
{
	bool value = false;
	size_t length;

	*words = '\0';
	for (const char *at = synopsis; *at; at += length + (at[length] == ' ')) {
		length = part_length(at);
		if (!is_flag(at) && !value)
			snprintf(words + strlen(words), size - strlen(words), "%.*s ", (int)length,
				at);
		value = *at == '-';
	}
}

enum kind kind_of_words(const char *synopsis, enum kind *also)
{
	char words[512];

	words_of(synopsis, words, sizeof(words));
	*also = KIND_NONE;
	for (size_t i = 0; i < WORDS; i++)
		if (strstr(words, word_table[i].word)) {
			*also = word_table[i].also;
			return word_table[i].kind;
		}
	return KIND_NONE;
}

bool kind_is_list(enum kind kind)
{
	return kind >= KIND_PRESET;
}

static void each_choice(
	const char *choice, void (*each)(void *context, const char *word), void *context)
{
	char word[64];

	for (const char *at = choice; *at;) {
		const size_t length = strcspn(at, "|,");

		snprintf(word, sizeof(word), "%.*s", (int)length, at);
		each(context, word);
		at += length + (at[length] != '\0');
	}
}

static void each_option(
	const char *end, void (*each)(void *context, const char *word), void *context)
{
	char word[64];

	for (int id = 0; id < OPTION_COUNT; id++) {
		snprintf(word, sizeof(word), "%s%s", option_table[id].name, end);
		each(context, word);
	}
}

static void each_preset(void (*each)(void *context, const char *word), void *context)
{
	for (size_t i = 0; i < preset_count; i++)
		each(context, preset_table[i].name);
}

static void each_code(void (*each)(void *context, const char *word), void *context)
{
	for (size_t i = 0; i < code_count; i++)
		each(context, code_table[i].name);
}

static void each_word(void (*each)(void *context, const char *word), void *context)
{
	for (size_t i = 0; language_word(i); i++)
		each(context, language_word(i)->word);
	for (size_t i = 0; language_matcher(i); i++)
		each(context, language_matcher(i)->word);
	for (size_t i = 0; starter(i); i++)
		each(context, starter(i)->name);
	each(context, "rules");
	each(context, "starters");
}

void kind_each(enum kind kind, const char *choice, void (*each)(void *context, const char *word),
	void *context)
{
	if (kind == KIND_CHOICE)
		each_choice(choice, each, context);
	if (kind == KIND_SETTING)
		each_option("=", each, context);
	if (kind == KIND_PRESET || kind == KIND_EXPLAINED)
		each_preset(each, context);
	if (kind == KIND_CODE || kind == KIND_EXPLAINED)
		each_code(each, context);
	if (kind == KIND_EXPLAINED)
		each_option("", each, context);
	if (kind == KIND_EXPLAINED)
		each_word(each, context);
}

static void print_word(void *context, const char *word)
{
	bool *begun = context;

	printf("%s%s", *begun ? " " : "", word);
	*begun = true;
}

void kind_print(enum kind kind, const char *choice)
{
	bool begun = false;

	kind_each(kind, choice, print_word, &begun);
}
