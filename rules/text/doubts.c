/* Notes about a rule that is right by itself and may not be what was meant: a number whose unit was
 * another one in mind, an option that its role never uses, a glob that is no glob.
 *
 * Knows one rule at a time (never.c holds them against each other), and nothing of this host. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "rules/text/parts.h"

struct doubt {
	struct book *book;
	const struct rule *rule;
	const struct source *source;
	const int *line; /* NULL on the command line */
};

__attribute__((format(printf, 3, 4))) static void note(
	const struct doubt *doubt, int line, const char *format, ...)
{
	char text[400];
	va_list list;

	va_start(list, format);
	vsnprintf(text, sizeof(text), format, list);
	va_end(list);
	problem_add(doubt->book, PROBLEM_NOTE, (struct place){doubt->source, line}, NULL,
		"%.76s%s%s", doubt->line ? doubt->rule->name : "", doubt->line ? ": " : "", text);
}

static int line_of(const struct doubt *doubt, size_t setting)
{
	return doubt->line ? doubt->line[setting] : 0;
}

/* ---- numbers ---- */

/* Below this a bare number of that unit is hardly meant. */
static const struct {
	const char *unit;
	int64_t least;
	const char *is, *meant;
} small_table[] = {
	{"ms", 1000, "ms", "s"},
	{"bytes/s", 10000, "bytes a second", "Mbit"},
};

void number_doubt(struct book *book, struct place place, const char *rule, int id, int64_t number)
{
	const struct option *option = &option_table[id];

	for (size_t i = 0; i < sizeof(small_table) / sizeof(*small_table); i++)
		if (strcmp(option->unit, small_table[i].unit) == 0 && number > 0 &&
			number < small_table[i].least)
			problem_add(book, PROBLEM_NOTE, place, NULL,
				"%.76s: %s = %d is %d %s; did you mean \"%d%s\"?", rule,
				option->name, (int)number, (int)number, small_table[i].is,
				(int)number, small_table[i].meant);
}

/* ---- settings that do nothing ---- */

/* The index of the setting that gives the option a value, or -1. */
static int find(const struct rule *rule, int option)
{
	for (size_t i = 0; i < rule->settings; i++)
		if (rule->setting[i].option == option && rule->setting[i].value.kind != VALUE_KEEP)
			return (int)i;
	return -1;
}

static bool is_on(const struct rule *rule, int option)
{
	const int at = find(rule, option);

	return at >= 0 && rule->setting[at].value.number > 0;
}

static void doubt_keepalive(const struct doubt *doubt)
{
	static const int without[] = {
		OPTION_TCP_KEEPIDLE, OPTION_TCP_KEEPINTVL, OPTION_TCP_KEEPCNT};

	for (size_t i = 0; i < sizeof(without) / sizeof(*without); i++) {
		const int at = find(doubt->rule, without[i]);

		if (at < 0 || find(doubt->rule, OPTION_SO_KEEPALIVE) >= 0)
			continue;
		note(doubt, line_of(doubt, (size_t)at),
			"%s means nothing without so_keepalive = true, here or by the program",
			option_table[without[i]].name);
		return;
	}
}

static void doubt_delay(const struct doubt *doubt)
{
	const int delay = find(doubt->rule, OPTION_COALESCE_DELAY),
		  mode = find(doubt->rule, OPTION_COALESCE);
	const int64_t number = mode < 0 ? COALESCE_ALWAYS : doubt->rule->setting[mode].value.number;

	if (delay >= 0 && (number == COALESCE_OFF || number == COALESCE_AUTO))
		note(doubt, line_of(doubt, (size_t)delay),
			"coalesce_delay means nothing with coalesce = \"%s\": it bounds always and "
			"buffer",
			coalesce_name[number]);
}

static void doubt_cork(const struct doubt *doubt)
{
	if (is_on(doubt->rule, OPTION_TCP_CORK) && is_on(doubt->rule, OPTION_TCP_NODELAY))
		note(doubt, line_of(doubt, (size_t)find(doubt->rule, OPTION_TCP_CORK)),
			"tcp_cork holds back what tcp_nodelay would send at once");
}

static void doubt_rights(const struct doubt *doubt)
{
	const int mark = find(doubt->rule, OPTION_SO_MARK);

	if (mark >= 0)
		note(doubt, line_of(doubt, (size_t)mark),
			"so_mark needs root (CAP_NET_ADMIN) in the program; sockfix check --here "
			"tries it");
}

/* ---- the role ---- */

static bool role_uses(enum role role, unsigned when)
{
	const unsigned of_client = AT_BIND | AT_CONNECT | AT_READ | AT_WRITE;
	const unsigned of_server = AT_BIND | AT_LISTEN | AT_ACCEPT | AT_READ | AT_WRITE;

	return role == ROLE_CLIENT ? when & of_client : role != ROLE_SERVER || when & of_server;
}

static void doubt_role(const struct doubt *doubt)
{
	const enum role role = doubt->rule->match.role;

	for (size_t i = 0; i < doubt->rule->settings; i++) {
		const struct option *option = &option_table[doubt->rule->setting[i].option];

		if (!role_uses(role, option->when))
			note(doubt, line_of(doubt, i),
				"%s is for %s: a rule of role = \"%s\" never sets it", option->name,
				role == ROLE_CLIENT ? "listeners" : "clients",
				role == ROLE_CLIENT ? "client" : "server");
	}
}

/* ---- globs ---- */

/* ".*", "\\d", "^" at the beginning or "$" at the end. */
static bool looks_like_a_regex(const char *glob)
{
	const size_t length = strlen(glob);

	return strstr(glob, ".*") || strstr(glob, ".+") || strchr(glob, '\\') || *glob == '^' ||
	       (length && glob[length - 1] == '$');
}

static bool has_open_bracket(const char *glob)
{
	const char *open = strchr(glob, '[');

	return open && !strchr(open + 1, ']');
}

static void doubt_glob(const struct doubt *doubt, enum matcher matcher, const char *glob)
{
	const char *name = matcher_name[matcher];
	const int line = doubt->rule->line;

	if (looks_like_a_regex(glob))
		note(doubt, line,
			"%s = \"%.60s\" looks like a regular expression; it is a glob: * is anything, "
			"? one letter",
			name, glob);
	else if (has_open_bracket(glob))
		note(doubt, line, "%s = \"%.60s\": a [ without ] stands for itself", name, glob);
	else if (matcher == MATCH_ARGS && !strpbrk(glob, "*?["))
		note(doubt, line,
			"args = \"%.60s\" matches where these are all the arguments; \"*%.60s*\" where "
			"they are among them",
			glob, glob);
}

static void doubt_globs(const struct doubt *doubt)
{
	for (int i = 0; i < MATCHER_COUNT; i++) {
		const struct globs *globs = match_items_read(&doubt->rule->match, (enum matcher)i);

		if (matcher_table[i].kind != MATCHER_GLOBS)
			continue;
		for (size_t k = 0; k < globs->count; k++)
			doubt_glob(doubt, (enum matcher)i, globs->glob[k]);
	}
}

void rule_doubt(
	struct book *book, const struct rule *rule, const struct source *source, const int *line)
{
	const struct doubt doubt = {book, rule, source, line};

	doubt_keepalive(&doubt);
	doubt_delay(&doubt);
	doubt_cork(&doubt);
	doubt_rights(&doubt);
	doubt_role(&doubt);
	doubt_globs(&doubt);
}
