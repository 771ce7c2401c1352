/* Settings of the command line (-s NAME=VALUE): one rule, made last. */
#include <errno.h>
#include <string.h>

#include "rules/text/parts.h"
#include "rules/text/option_text.h"

static int setting_read(const char *assignment, struct setting *setting, struct why *why)
{
	const char *equals = strchr(assignment, '=');
	const size_t length = equals ? (size_t)(equals - assignment) : 0;
	char name[64];
	const char *near;
	int id;

	if (!length || length >= sizeof(name))
		return why_say(why, "-s takes NAME=VALUE, not '%.60s'", assignment);
	memcpy(name, assignment, length);
	name[length] = '\0';
	id = option_by_name(name);
	if (id < 0) {
		near = nearest_option(name);
		return near ? why_say(why, "'%s' is not an option; did you mean %s?", name, near)
			    : why_say(why, "'%s' is not an option", name);
	}
	setting->option = (uint8_t)id;
	why->hint[0] = '\0';
	return option_parse(id, equals + 1, &setting->value, why->text, sizeof(why->text));
}

static const struct source command_line = {.name = "-s"};

/* All settings of the command line are one rule, the last of the book. */
static struct rule *command_line_rule(struct book *book)
{
	struct ruleset *set = &book->set;
	struct rule rule = {
		.name = "command-line",
		.file = "-s",
		.match = {.named = 1u << MATCH_ROLE, .role = ROLE_ANY},
	};

	if (set->count == 0 || strcmp(set->rule[set->count - 1].file, rule.file) != 0) {
		rule.setting = book_take(book, OPTION_COUNT, sizeof(*rule.setting));
		book_add_rule(book, &rule);
	}
	return &set->rule[set->count - 1];
}

static void setting_put(struct rule *rule, const struct setting *setting)
{
	size_t at = 0;

	while (at < rule->settings && rule->setting[at].option != setting->option)
		at++;
	rule->setting[at] = *setting;
	if (at == rule->settings)
		rule->settings++;
}

int book_add_setting(struct book *book, const char *assignment)
{
	struct setting setting = {0};
	struct why why;

	if (setting_read(assignment, &setting, &why) < 0) {
		problem_add(book, PROBLEM_ERROR, (struct place){&command_line, 0}, why.hint, "%s",
			why.text);
		return -EINVAL;
	}
	setting_put(command_line_rule(book), &setting);
	return 0;
}

int book_check_settings(struct book *book)
{
	const struct ruleset *set = &book->set;
	size_t errors = book->errors;

	if (set->count > 0 && strcmp(set->rule[set->count - 1].file, command_line.name) == 0)
		rule_check(book, &set->rule[set->count - 1], &command_line, NULL);
	return book->errors > errors ? -EINVAL : 0;
}
