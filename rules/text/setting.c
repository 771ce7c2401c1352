/* What is wrong, or worth a note, with settings that are well formed each by itself.
 *
 * Asked after a rule was read whole: options that this version cannot do, settings that cannot
 * stand together, and what `sockfix check` should say about the rest. Changes nothing. */
#include <stdio.h>
#include <string.h>

#include "rules/text/parts.h"

/* A rule that is checked, and where its settings stand. */
struct check {
	struct book *book;
	const struct rule *rule;
	const struct source *source;
	const int *line; /* NULL on the command line */
	char prefix[80]; /* "NAME: "; "" on the command line, where the one rule needs no name */
};

/* The index of the setting that gives the option a number, or -1. */
static int find(const struct rule *rule, int option)
{
	for (size_t i = 0; i < rule->settings; i++)
		if (rule->setting[i].option == option &&
			rule->setting[i].value.kind == VALUE_NUMBER)
			return (int)i;
	return -1;
}

static int64_t number_of(const struct rule *rule, int setting)
{
	return setting < 0 ? -1 : rule->setting[setting].value.number;
}

static struct place place_of(const struct check *check, int setting)
{
	return (struct place){check->source, check->line ? check->line[setting] : 0};
}

static void check_linger(const struct check *check)
{
	const int linger = find(check->rule, OPTION_SO_LINGER);

	if (number_of(check->rule, linger) != 0)
		return;
	if (number_of(check->rule, find(check->rule, OPTION_COALESCE)) > COALESCE_OFF)
		problem_add(check->book, PROBLEM_ERROR, place_of(check, linger),
			"with linger 0 a close throws away what is held; use coalesce = \"off\"",
			"%sso_linger = 0 and coalesce cannot stand together", check->prefix);
	else
		problem_add(check->book, PROBLEM_NOTE, place_of(check, linger), NULL,
			"%sso_linger = 0: nothing is coalesced, and close() throws away what is "
			"unsent",
			check->prefix);
}

static void check_cork(const struct check *check)
{
	const int cork = find(check->rule, OPTION_TCP_CORK);

	if (number_of(check->rule, cork) > 0)
		problem_add(check->book, PROBLEM_NOTE, place_of(check, cork), NULL,
			"%stcp_cork = true alone costs 200 ms a turn; coalesce = \"always\" does "
			"not",
			check->prefix);
}

/* What is collected in user space can be lost: a rule must say that it knows. */
static void check_buffer(const struct check *check)
{
	const int mode = find(check->rule, OPTION_COALESCE);
	const int limit = find(check->rule, OPTION_COALESCE_LIMIT);
	const int loss = find(check->rule, OPTION_ACCEPT_LOSS);

	if (number_of(check->rule, mode) == COALESCE_BUFFER) {
		if (number_of(check->rule, loss) != 1)
			problem_add(check->book, PROBLEM_ERROR, place_of(check, mode),
				"add accept_loss = true, or use coalesce = \"always\"",
				"%scoalesce = \"buffer\" loses what it has collected when a signal "
				"kills the program",
				check->prefix);
		if (check->rule->match.role == ROLE_SERVER)
			problem_add(check->book, PROBLEM_NOTE, place_of(check, mode), NULL,
				"%scoalesce = \"buffer\" counts for accepted connections, not for "
				"the listener",
				check->prefix);
		return;
	}
	if (limit >= 0 || loss >= 0)
		problem_add(check->book, PROBLEM_ERROR, place_of(check, limit >= 0 ? limit : loss),
			NULL, "%s%s means nothing without coalesce = \"buffer\"", check->prefix,
			option_table[limit >= 0 ? OPTION_COALESCE_LIMIT : OPTION_ACCEPT_LOSS].name);
}

static void append(char *list, size_t size, const char *name)
{
	const size_t used = strlen(list);

	snprintf(list + used, size - used, "%s%s", used ? ", " : "", name);
}

/* One note a rule, where the first such option stands. */
static void check_risks(const struct check *check)
{
	char seen[320] = "", breaks[320] = "";
	int first = -1;

	for (size_t i = 0; i < check->rule->settings; i++) {
		const struct setting *setting = &check->rule->setting[i];
		const struct option *option = &option_table[setting->option];

		if (setting->value.kind == VALUE_KEEP || option->risk == RISK_NONE)
			continue;
		append(option->risk == RISK_SEEN ? seen : breaks, sizeof(seen), option->name);
		first = first < 0 ? (int)i : first;
	}
	if (first >= 0)
		problem_add(check->book, PROBLEM_NOTE, place_of(check, first), NULL, "%s%s%s%s%s%s",
			check->prefix, *seen ? "the program can notice " : "", seen,
			*seen && *breaks ? "; " : "", breaks, *breaks ? " may break it" : "");
}

void rule_check(
	struct book *book, const struct rule *rule, const struct source *source, const int *line)
{
	struct check check = {book, rule, source, line, ""};

	if (line)
		snprintf(check.prefix, sizeof(check.prefix), "%.76s: ", rule->name);
	check_linger(&check);
	check_buffer(&check);
	check_cork(&check);
	check_risks(&check);
	rule_doubt(book, rule, source, line);
}
