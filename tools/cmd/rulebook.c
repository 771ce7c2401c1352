/* Gathers rules in the order of precedence: default < folders < -r and -P as they stand on the
 * command line < -s. Says what is wrong; what that means for COMMAND is the verb's to decide. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "rules/presets.h"
#include "rules/wire.h"
#include "tools/base/memory.h"
#include "tools/cmd/rulebook.h"
#include "tools/show/problem.h"
#include "tools/base/text.h"

int rulebook_request_new(struct rulebook_request *request, int argc)
{
	*request =
		(struct rulebook_request){.source = calloc((size_t)argc, sizeof(*request->source))};
	return request->source ? 0 : -ENOMEM;
}

void rulebook_request_free(struct rulebook_request *request)
{
	free(request->source);
}

bool rulebook_request_add(struct rulebook_request *request, int letter, const char *text)
{
	if (letter == FLAG_WITH_SYSTEM)
		request->with_system = true;
	else if (letter != 'r' && letter != 'P' && letter != 's')
		return false;
	else if (request->source)
		request->source[request->count++] = (struct rulebook_source){letter, text};
	return true;
}

/* A root's own folder is none of the system's: whoever can write there is not always root. */
static bool own_directory(char *path, size_t size)
{
	const char *config = getenv("XDG_CONFIG_HOME");
	const char *home = getenv("HOME");
	if (geteuid() == 0 || getuid() == 0)
		return false;
	if (config && *config == '/')
		snprintf(path, size, "%s/sockfix/rules.d", config);
	else if (home && *home == '/')
		snprintf(path, size, "%s/.config/sockfix/rules.d", home);
	else
		return false;
	return true;
}

static int add_directories(struct book *book)
{
	static const char vendor[] = "/usr/share/sockfix/rules.d";
	static const char prefix[] = SOCKFIX_PREFIX "/share/sockfix/rules.d";
	const char *directory[4] = {vendor};
	char own[4096];
	size_t count = 1;
	if (strcmp(prefix, vendor) != 0)
		directory[count++] = prefix;
	directory[count++] = "/etc/sockfix/rules.d";
	if (own_directory(own, sizeof(own)))
		directory[count++] = own;
	return book_add_directories(book, directory, count);
}

static bool sets_nothing(const struct ruleset *set)
{
	for (size_t i = 0; i < set->count; i++) {
		if (!set->rule[i].veto)
			return false;
	}
	return true;
}

static int add_preset(struct book *book, const char *name)
{
	const char *names[preset_count + 1];
	for (size_t i = 0; i < preset_count; i++) {
		const struct preset *preset = &preset_table[i];
		char place[128];
		names[i] = preset->name;
		snprintf(place, sizeof(place), "preset:%s", name);
		if (strcmp(preset->name, name) == 0)
			return book_add_text(
				book, place, preset->text, (size_t)(preset->end - preset->text));
	}
	say_unknown(name, "a preset", names, preset_count, "sockfix list presets prints them");
	return -EINVAL;
}

static int add_sources(struct book *book, const struct rulebook_request *request, bool settings)
{
	int answer = 0;
	for (size_t i = 0; i < request->count; i++) {
		const struct rulebook_source *source = &request->source[i];
		int error = 0;
		if ((source->letter == 's') != settings)
			continue;
		if (source->letter == 'r')
			error = book_add_path(book, source->text);
		else if (source->letter == 'P')
			error = add_preset(book, source->text);
		else
			error = book_add_setting(book, source->text);
		if (error)
			answer = error;
	}
	return answer;
}

static bool names_rules(const struct rulebook_request *request)
{
	for (size_t i = 0; i < request->count; i++) {
		if (request->source[i].letter != 's')
			return true;
	}
	return false;
}

int rulebook_gather(const struct rulebook_request *request, struct book **out)
{
	struct book *book = book_new();
	bool named = names_rules(request);
	int error = 0;
	*out = book;
	if (!book)
		return -ENOMEM;
	if (!named || request->with_system)
		error = add_directories(book);
	if (!named && sets_nothing(&book->set) && !error)
		book_add_default(book);
	int wrong = add_sources(book, request, false);
	int unset = add_sources(book, request, true);
	if (!unset)
		unset = book_check_settings(book);
	problem_say_errors(book);
	return error ? error : wrong ? wrong : unset;
}

char *rulebook_names(const struct ruleset *rules)
{
	char *names = memory_print("%s", "");

	for (size_t i = 0; i < rules->count; i++) {
		char *more = memory_print("%s%s%s", names, i ? ", " : "", rules->rule[i].name);

		free(names);
		names = more;
	}
	return names;
}

char *rulebook_line(const struct ruleset *rules)
{
	const size_t length = wire_encode(rules, NULL, 0);
	char *line = memory_take(1, length + 1);

	wire_encode(rules, line, length + 1);
	return line;
}

const struct rule *rulebook_first_beyond(const struct ruleset *rules, size_t most)
{
	size_t fit = 0, beyond = rules->count + 1; /* so many fit, so many do not */

	while (beyond - fit > 1) {
		const size_t middle = fit + (beyond - fit) / 2;
		const struct ruleset first = {.rule = rules->rule, .count = middle};

		*(wire_encode(&first, NULL, 0) <= most ? &fit : &beyond) = middle;
	}
	return fit == rules->count ? NULL : &rules->rule[fit];
}

void rulebook_tell(const struct rule *rule, bool refused, const char *sentence)
{
	char place[4096];

	(void)refused;
	problem_place(rule->file, rule->line, place, sizeof(place));
	say("%s: %s: %s", place, rule->name, sentence);
}

static bool is_default(const struct rule *rule)
{
	return strcmp(rule->file, "built-in") == 0 || strcmp(rule->file, "preset:default") == 0;
}

bool rulebook_is_default(const struct ruleset *rules)
{
	for (size_t i = 0; i < rules->count; i++)
		if (!rules->rule[i].veto && !is_default(&rules->rule[i]))
			return false;
	return true;
}

static bool sets_coalesce(const struct rule *rule)
{
	for (size_t i = 0; i < rule->settings; i++)
		if (rule->setting[i].option == OPTION_COALESCE)
			return true;
	return false;
}

bool rulebook_joins_by_default(const struct ruleset *rules)
{
	bool joins = false;

	for (size_t i = 0; i < rules->count; i++) {
		const struct rule *rule = &rules->rule[i];
		const bool all = rule->match.named == 1u << MATCH_ROLE &&
				 rule->match.role == ROLE_ANY && !rule->holdout;

		if (!rule->veto && sets_coalesce(rule))
			joins = is_default(rule) || (joins && !all);
	}
	return joins;
}
