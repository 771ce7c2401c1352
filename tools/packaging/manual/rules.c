/* sockfix-rules(5): the language, the matchers, the options, the presets. */
#include <stdio.h>

#include "rules/option.h"
#include "rules/presets.h"
#include "tools/packaging/manual/pages.h"
#include "tools/packaging/manual/roff.h"
#include "tools/show/language.h"
#include "tools/show/words.h"

static void print_words(void)
{
	const struct language_word *word;

	roff_section("WORDS");
	for (size_t i = 0; (word = language_word(i)); i++) {
		roff_item(word->word, word->meaning);
		roff_lines(word->example);
	}
}

static void print_matchers(void)
{
	const struct language_word *matcher;
	char line[128];

	roff_section("MATCHERS");
	for (size_t i = 0; (matcher = language_matcher(i)); i++) {
		snprintf(line, sizeof(line), "%s = %s;", matcher->word, matcher->example);
		roff_item(line, matcher->meaning);
	}
}

static void print_options(void)
{
	char tag[128], values[64], text[1024];

	roff_section("OPTIONS");
	for (int id = 0; id < OPTION_COUNT; id++) {
		const struct option *option = &option_table[id];

		option_values(id, values, sizeof(values));
		snprintf(tag, sizeof(tag), "%s = %s", option->name, values);
		snprintf(text, sizeof(text), "%s. Applied: %s. Risk: %s. Read: %s.",
			option->summary, option_when_text(id), option_risk_text(id), option->man);
		roff_item(tag, text);
	}
}

static void print_presets(void)
{
	char summary[256];

	roff_section("PRESETS");
	for (size_t i = 0; i < preset_count; i++) {
		preset_summary(&preset_table[i], summary, sizeof(summary));
		roff_item(preset_table[i].name, summary);
	}
}

void page_rules(void)
{
	static const char *const see[] = {
		"sockfix(1)", "sockfix-findings(7)", "tcp(7)", "socket(7)", "ip(7)"};

	roff_title("sockfix\\-rules", "5", "rule files of sockfix");
	roff_section("DESCRIPTION");
	roff_lines(language_page);
	print_words();
	print_matchers();
	print_options();
	print_presets();
	roff_see(see, sizeof(see) / sizeof(*see));
}
