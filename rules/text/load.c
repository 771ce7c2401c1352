/* A rule file's groups into struct rule: the shape of the language. The only includer of
 * libconfig.h (1.5), which says whether the text is right and where each setting stands; what a
 * setting may say is match_text.c's, option_text.c's and setting.c's. All errors of a file are
 * found in one pass, but for a syntax error (syntax.c), after which there is nothing to look at.
 * libconfig never opens a file here: an @include it cannot read would end the tool. */
#include <inttypes.h>
#include <libconfig.h>
#include <stdio.h>
#include <string.h>

#include "rules/text/parts.h"
#include "rules/text/option_text.h"
#include "rules/room.h"

/* The rule, or item of leave_alone, that is being read. */
struct load {
	struct book *book;
	const struct source *source;
	const char *rule;
	int *line; /* of each setting of the rule */
};

static bool is_number(const config_setting_t *setting)
{
	const int type = config_setting_type(setting);

	return type == CONFIG_TYPE_INT || type == CONFIG_TYPE_INT64;
}

/* A number that was refused as too large arrives cut: what it is now is nobody's mistake. */
static bool is_cut(const struct load *load, const config_setting_t *setting)
{
	const int line = (int)config_setting_source_line(setting);

	for (size_t i = load->source->first_problem; i < load->source->end_problem; i++)
		if (is_number(setting) && load->book->problem[i].line == line)
			return true;
	return false;
}

__attribute__((format(printf, 4, 5))) static void refuse(const struct load *load,
	const config_setting_t *setting, const char *hint, const char *format, ...)
{
	const struct place place = {load->source, (int)config_setting_source_line(setting)};
	char text[400];
	va_list list;

	va_start(list, format);
	vsnprintf(text, sizeof(text), format, list);
	va_end(list);
	problem_add(load->book, PROBLEM_ERROR, place, hint, "%.76s: %s", load->rule, text);
}

static const char *type_name(const config_setting_t *setting)
{
	switch (config_setting_type(setting)) {
	case CONFIG_TYPE_INT:
	case CONFIG_TYPE_INT64:
		return "a number";
	case CONFIG_TYPE_FLOAT:
		return "a fraction";
	case CONFIG_TYPE_STRING:
		return "a text";
	case CONFIG_TYPE_BOOL:
		return config_setting_get_bool(setting) ? "true" : "false";
	case CONFIG_TYPE_GROUP:
		return "a group";
	default:
		return "a list";
	}
}

static bool is_list(const config_setting_t *setting)
{
	return config_setting_is_list(setting) || config_setting_is_array(setting);
}

static unsigned count_of(const config_setting_t *setting)
{
	return (unsigned)config_setting_length(setting);
}

static int matcher_by_name(const char *name)
{
	for (int i = 0; i < MATCHER_COUNT; i++)
		if (!strcmp(matcher_name[i], name))
			return i;
	return -1;
}

static void load_item(const struct load *load, struct match *match, enum matcher matcher,
	const config_setting_t *item)
{
	char number[24];
	const char *text = number;
	struct why why = {.hint = ""};

	if (is_cut(load, item))
		return;
	if (config_setting_type(item) == CONFIG_TYPE_STRING) {
		text = config_setting_get_string(item);
	} else if (is_number(item) && match_takes_numbers(matcher)) {
		snprintf(number, sizeof(number), "%lld", config_setting_get_int64(item));
	} else {
		refuse(load, item, NULL, "%s takes %s, not %s", matcher_name[matcher],
			match_takes_numbers(matcher) ? "numbers and texts" : "texts in quotes",
			type_name(item));
		return;
	}
	if (match_add(load->book, match, matcher, text, &why) < 0)
		refuse(load, item, why.hint, "%s", why.text);
}

/* In words; static memory, for what is written once. */
static const char *hint_of_matchers(void)
{
	static char hint[40 + MATCHER_COUNT * 24];
	size_t length = (size_t)snprintf(hint, sizeof(hint), "a match has ");

	for (int i = 0; i < MATCHER_COUNT; i++)
		length += (size_t)snprintf(hint + length, sizeof(hint) - length, "%s%s",
			i == 0			 ? ""
			: i == MATCHER_COUNT - 1 ? " and "
						 : ", ",
			matcher_name[i]);
	return hint;
}

static void load_matcher(
	const struct load *load, struct match *match, const config_setting_t *setting)
{
	const char *name = config_setting_name(setting);
	const int matcher = matcher_by_name(name);
	const char *near = nearest_name(name, matcher_name, MATCHER_COUNT);

	if (matcher < 0 && option_by_name(name) >= 0)
		refuse(load, setting, NULL, "'%.60s' is an option and belongs into set: { }", name);
	else if (matcher < 0 && near)
		refuse(load, setting, NULL, "'%.60s' is not a matcher; did you mean %s?", name,
			near);
	else if (matcher < 0)
		refuse(load, setting, hint_of_matchers(), "'%.60s' is not a matcher", name);
	else if (!is_list(setting))
		load_item(load, match, (enum matcher)matcher, setting);
	else if (matcher_table[matcher].kind == MATCHER_ROLE)
		refuse(load, setting, "leave role out, or write \"any\"",
			"role takes one text, not a list");
	else if (!count_of(setting))
		refuse(load, setting, NULL, "%s is empty", name);
	else
		for (unsigned i = 0; i < count_of(setting); i++)
			load_item(load, match, (enum matcher)matcher,
				config_setting_get_elem(setting, i));
}

static void load_match(const struct load *load, struct match *match, const config_setting_t *group)
{
	if (!config_setting_is_group(group)) {
		refuse(load, group, NULL, "match takes a group { ... }, not %s", type_name(group));
		return;
	}
	if (!count_of(group))
		refuse(load, group, "role = \"any\" says it on purpose",
			"an empty match holds for everything");
	for (unsigned i = 0; i < count_of(group); i++)
		load_matcher(load, match, config_setting_get_elem(group, i));
}

static int read_value(const config_setting_t *setting, int id, struct value *value, struct why *why)
{
	why->hint[0] = '\0';
	if (is_number(setting))
		return option_from_number(
			id, config_setting_get_int64(setting), value, why->text, sizeof(why->text));
	if (config_setting_type(setting) == CONFIG_TYPE_BOOL)
		return option_from_bool(
			id, config_setting_get_bool(setting), value, why->text, sizeof(why->text));
	if (config_setting_type(setting) == CONFIG_TYPE_STRING)
		return option_parse(id, config_setting_get_string(setting), value, why->text,
			sizeof(why->text));
	return why_say(why, "%s takes %s, not %s", option_table[id].name, option_takes(id),
		type_name(setting));
}

static void load_setting(
	const struct load *load, struct rule *rule, const config_setting_t *setting)
{
	const char *name = config_setting_name(setting);
	const int id = option_by_name(name);
	const char *near = nearest_option(name);
	struct setting *out = &rule->setting[rule->settings];
	struct why why;

	if (id < 0) {
		if (matcher_by_name(name) >= 0)
			refuse(load, setting, NULL,
				"'%.60s' is a matcher and belongs into match: { }", name);
		else if (near)
			refuse(load, setting, NULL, "'%.60s' is not an option; did you mean %s?",
				name, near);
		else
			refuse(load, setting, "sockfix list options shows them all",
				"'%.60s' is not an option", name);
		return;
	}
	if (is_cut(load, setting))
		return;
	out->option = (uint8_t)id;
	if (read_value(setting, id, &out->value, &why) < 0)
		refuse(load, setting, why.hint, "%s", why.text);
	else
		load->line[rule->settings++] = (int)config_setting_source_line(setting);
	if (is_number(setting) && out->value.kind == VALUE_NUMBER)
		number_doubt(load->book,
			(struct place){load->source, (int)config_setting_source_line(setting)},
			load->rule, id, out->value.number);
}

static void load_set(struct load *load, struct rule *rule, const config_setting_t *group)
{
	if (!config_setting_is_group(group)) {
		refuse(load, group, NULL, "set takes a group { ... }, not %s", type_name(group));
		return;
	}
	if (!count_of(group))
		refuse(load, group, NULL, "set is empty: this rule does nothing");
	rule->setting = book_take(load->book, count_of(group), sizeof(*rule->setting));
	load->line = book_take(load->book, count_of(group), sizeof(*load->line));
	for (unsigned i = 0; i < count_of(group); i++)
		load_setting(load, rule, config_setting_get_elem(group, i));
}

/* What a program can do to the contrary: set the option, or hold its writes back itself. */
static bool can_be_forced(int id)
{
	return option_table[id].level != OPTION_OURS || id == OPTION_COALESCE;
}

static void force_one(const struct load *load, struct rule *rule, const config_setting_t *item)
{
	const bool text = config_setting_type(item) == CONFIG_TYPE_STRING;
	const char *name = text ? config_setting_get_string(item) : "";
	const int id = option_by_name(name);

	if (!text)
		refuse(load, item, NULL, "force takes true, or names of options, not %s",
			type_name(item));
	else if (id >= 0 && !can_be_forced(id))
		refuse(load, item, NULL, "force: no program sets %s itself", name);
	else {
		for (size_t i = 0; i < rule->settings; i++)
			if (rule->setting[i].option == id) {
				rule->setting[i].force = true;
				return;
			}
		refuse(load, item, NULL, "force names '%.60s', which this rule does not set", name);
	}
}

static void load_force(const struct load *load, struct rule *rule, const config_setting_t *setting)
{
	if (is_list(setting)) {
		for (unsigned i = 0; i < count_of(setting); i++)
			force_one(load, rule, config_setting_get_elem(setting, i));
	} else if (config_setting_type(setting) == CONFIG_TYPE_BOOL) {
		for (size_t i = 0; i < rule->settings; i++)
			rule->setting[i].force = config_setting_get_bool(setting) &&
						 can_be_forced(rule->setting[i].option);
	} else {
		force_one(load, rule, setting);
	}
}

static void load_holdout(
	const struct load *load, struct rule *rule, const config_setting_t *setting)
{
	const long long percent = is_number(setting) ? config_setting_get_int64(setting) : -1;

	if (is_cut(load, setting))
		return;
	if (percent < 0 || percent > 100)
		refuse(load, setting, NULL,
			"holdout takes a number from 0 to 100, the percent to leave out");
	else
		rule->holdout = (uint8_t)percent;
}

static void load_last(const struct load *load, struct rule *rule, const config_setting_t *setting)
{
	if (config_setting_type(setting) != CONFIG_TYPE_BOOL)
		refuse(load, setting, NULL, "last takes true or false, not %s", type_name(setting));
	else
		rule->last = config_setting_get_bool(setting);
}

static void refuse_key(const struct load *load, const config_setting_t *setting)
{
	static const char *const key[] = {"match", "set", "force", "last", "holdout"};
	const char *name = config_setting_name(setting);
	const char *near = nearest_name(name, key, sizeof(key) / sizeof(*key));

	if (matcher_by_name(name) >= 0)
		refuse(load, setting, NULL, "'%.60s' belongs into match: { }", name);
	else if (option_by_name(name) >= 0)
		refuse(load, setting, NULL, "'%.60s' belongs into set: { }", name);
	else if (near)
		refuse(load, setting, NULL, "'%.60s' is unknown in a rule; did you mean %s?", name,
			near);
	else
		refuse(load, setting, "a rule has match, set, force, last and holdout",
			"'%.60s' is unknown in a rule", name);
}

static void load_key(struct load *load, struct rule *rule, const config_setting_t *setting)
{
	const char *name = config_setting_name(setting);

	if (!strcmp(name, "match"))
		load_match(load, &rule->match, setting);
	else if (!strcmp(name, "set"))
		load_set(load, rule, setting);
	else if (!strcmp(name, "last"))
		load_last(load, rule, setting);
	else if (!strcmp(name, "holdout"))
		load_holdout(load, rule, setting);
	else if (strcmp(name, "force") != 0)
		refuse_key(load, setting);
}

static void load_rule(struct load *load, const config_setting_t *group)
{
	const config_setting_t *force = config_setting_get_member(group, "force");
	const size_t errors = load->book->errors;
	struct rule rule = {.name = load->rule, .file = load->source->name};

	rule.line = (int)config_setting_source_line(group);
	for (unsigned i = 0; i < count_of(group); i++)
		load_key(load, &rule, config_setting_get_elem(group, i));
	if (!config_setting_get_member(group, "match"))
		refuse(load, group, "match: { role = \"any\"; } says it on purpose",
			"a rule without match holds for everything");
	if (!config_setting_get_member(group, "set"))
		refuse(load, group, "set: { coalesce = \"auto\"; }",
			"a rule without set does nothing");
	/* Wherever it stands: it is about what is set. */
	if (force)
		load_force(load, &rule, force);
	book_add_rule(load->book, &rule);
	if (load->book->errors == errors)
		rule_check(load->book, &rule, load->source, load->line);
}

static void load_vetoes(struct load *load, const config_setting_t *list)
{
	if (!config_setting_is_list(list) || !count_of(list)) {
		refuse(load, list, "leave_alone = ( { program = \"sshd\"; }, { port = 502; } );",
			"leave_alone takes a list of groups in round brackets");
		return;
	}
	for (unsigned i = 0; i < count_of(list); i++) {
		const config_setting_t *item = config_setting_get_elem(list, i);
		struct rule rule = {.file = load->source->name, .veto = true};
		char name[32];

		snprintf(name, sizeof(name), "leave_alone[%u]", i + 1);
		load->rule = rule.name = book_text(load->book, name, strlen(name));
		rule.line = (int)config_setting_source_line(item);
		load_match(load, &rule.match, item);
		book_add_rule(load->book, &rule);
	}
}

static void load_top(
	struct book *book, const struct source *source, const config_setting_t *setting)
{
	static const char *const veto = "leave_alone";
	const char *name = config_setting_name(setting);
	struct load load = {book, source, book_text(book, name, strlen(name)), NULL};

	if (!strcmp(name, veto))
		load_vetoes(&load, setting);
	else if (config_setting_is_group(setting))
		load_rule(&load, setting);
	else if (nearest_name(name, &veto, 1))
		refuse(&load, setting, NULL, "this is no rule; did you mean leave_alone?");
	else
		refuse(&load, setting, "NAME: { match: { ... }; set: { ... }; };",
			"a rule is a group, not %s", type_name(setting));
}

/* What is left to libconfig after syntax_explain(): two settings of one name. */
static void refuse_config(struct book *book, const struct source *source, const config_t *config)
{
	const int line = config_error_line(config);
	const struct token *first, *second;

	if (syntax_duplicate(source, line, &first, &second))
		problem_add(book, PROBLEM_ERROR, (struct place){source, second->line}, NULL,
			"'%.*s' stands here a second time; the first is on line %d",
			second->length > 60 ? 60 : (int)second->length, second->at, first->line);
	else
		problem_add(book, PROBLEM_ERROR, (struct place){source, line}, NULL, "%s",
			config_error_text(config));
}

/* The text with each @include blanked out. */
static const char *text_without_includes(struct book *book, const struct source *source)
{
	char *text = book_text(book, source->text, strlen(source->text));

	for (const struct token *token = source->token; token->kind != TOKEN_END; token++)
		if (token->kind == TOKEN_INCLUDE) {
			char *end = text + (token->at - source->text) + token->length + 1,
			     *at = end;

			while (*--at != '@')
				*at = ' ';
			*at = ' ';
		}
	return text;
}

/* Takes the includes that stand before line; returns the first that does not. */
static const struct token *take_includes(struct book *book, const struct source *source,
	const struct token *token, int line,
	void (*include)(struct book *, const struct source *, const struct token *))
{
	for (; token->kind != TOKEN_END && token->line <= line; token++)
		if (token->kind == TOKEN_INCLUDE)
			include(book, source, token);
	return token;
}

static void load_config(struct book *book, const struct source *source, const config_t *config,
	void (*include)(struct book *, const struct source *, const struct token *))
{
	const config_setting_t *root = config_root_setting(config);
	const struct token *token = source->token;

	for (unsigned i = 0; i < count_of(root); i++) {
		const config_setting_t *top = config_setting_get_elem(root, i);

		token = take_includes(
			book, source, token, (int)config_setting_source_line(top), include);
		load_top(book, source, top);
	}
	take_includes(book, source, token, INT32_MAX, include);
}

/* libconfig looks at no malloc(): it may need so many bytes for each byte of the text, or nearly,
 * and its pieces come from few large ones. */
#define CONFIG_SHARE 256u
#define CONFIG_LEAST 65536u

static void need_room(const struct source *source)
{
	if (!room_there(CONFIG_LEAST + CONFIG_SHARE * source->length))
		room_out();
}

void source_load(struct book *book, const struct source *source,
	void (*include)(struct book *, const struct source *, const struct token *))
{
	const size_t rules = book->set.count, errors = book->errors;
	char hint[320];
	int line;
	config_t config;

	if (syntax_explain(source, &line, hint, sizeof(hint))) {
		problem_add(
			book, PROBLEM_ERROR, (struct place){source, line}, hint, "syntax error");
		return;
	}
	need_room(source);
	config_init(&config);
	config_set_include_dir(&config, "/dev/null");
	if (config_read_string(&config, text_without_includes(book, source)))
		load_config(book, source, &config, include);
	else
		refuse_config(book, source, &config);
	config_destroy(&config);
	if (book->set.count == rules && book->errors == errors)
		problem_add(book, PROBLEM_ERROR, (struct place){source, 0},
			"NAME: { match: { ... }; set: { ... }; };",
			"there is no rule in this file");
}
