/* Notes about rules that can never win, whatever connects: vetoed, behind a rule that ends the
 * search, or said again by a later one; and about two that are drawn by one lot. Holds rules
 * against each other, by what they match; says nothing where it cannot be sure. */
#include <stdio.h>
#include <string.h>

#include "rules/text/parts.h"

/* ---- whether all that one matches is matched by another ---- */

static bool globs_cover(const void *wide, const void *narrow)
{
	const struct globs *all = wide, *some = narrow;

	for (size_t i = 0; i < some->count; i++) {
		size_t k = 0;

		while (k < all->count && strcmp(all->glob[k], "*") != 0 &&
			strcmp(all->glob[k], some->glob[i]) != 0)
			k++;
		if (k == all->count)
			return false;
	}
	return true;
}

static bool role_covers(const void *wide, const void *narrow)
{
	const enum role all = *(const enum role *)wide;

	return all == ROLE_ANY || all == *(const enum role *)narrow;
}

/* IPv4 stands below ::ffff:0:0/96, and a shorter prefix is about IPv6 alone. */
static bool network_covers(const struct network *all, const struct network *some)
{
	const unsigned bytes = all->bits / 8, rest = all->bits % 8;
	const uint8_t mask = (uint8_t)(0xff00 >> rest);

	if (some->bits < all->bits ||
		(all->bits < 96 && some->bits >= 96 && some->address[10] == 0xff))
		return false;
	return memcmp(all->address, some->address, bytes) == 0 &&
	       (!rest || ((all->address[bytes] ^ some->address[bytes]) & mask) == 0);
}

static bool networks_cover(const void *wide, const void *narrow)
{
	const struct networks *all = wide, *some = narrow;

	for (size_t i = 0; i < some->count; i++) {
		size_t k = 0;

		while (k < all->count && !network_covers(&all->network[k], &some->network[i]))
			k++;
		if (k == all->count)
			return false;
	}
	return true;
}

static bool ports_cover(const void *wide, const void *narrow)
{
	const struct ports *all = wide, *some = narrow;

	for (size_t i = 0; i < some->count; i++) {
		size_t k = 0;

		while (k < all->count && (all->range[k].low > some->range[i].low ||
						 all->range[k].high < some->range[i].high))
			k++;
		if (k == all->count)
			return false;
	}
	return true;
}

static bool users_cover(const void *wide, const void *narrow)
{
	const struct users *all = wide, *some = narrow;

	for (size_t i = 0; i < some->count; i++) {
		size_t k = 0;

		while (k < all->count && all->uid[k] != some->uid[i])
			k++;
		if (k == all->count)
			return false;
	}
	return true;
}

static bool covers(const struct match *wide, const struct match *narrow)
{
	static bool (*const cover[MATCHER_KINDS])(const void *, const void *) = {
		[MATCHER_GLOBS] = globs_cover,
		[MATCHER_ROLE] = role_covers,
		[MATCHER_NETWORKS] = networks_cover,
		[MATCHER_PORTS] = ports_cover,
		[MATCHER_USERS] = users_cover,
	};

	for (int i = 0; i < MATCHER_COUNT; i++) {
		const enum matcher matcher = (enum matcher)i;
		const bool any = matcher == MATCH_ROLE && wide->role == ROLE_ANY;

		if (!(wide->named & 1u << i) || any)
			continue;
		if (!(narrow->named & 1u << i) ||
			!cover[matcher_table[i].kind](
				match_items_read(wide, matcher), match_items_read(narrow, matcher)))
			return false;
	}
	return true;
}

/* ---- the reasons ---- */

static bool sets(const struct rule *rule, int option)
{
	for (size_t i = 0; i < rule->settings; i++)
		if (rule->setting[i].option == option)
			return true;
	return false;
}

static bool says_all_of(const struct rule *later, const struct rule *rule)
{
	for (size_t i = 0; i < rule->settings; i++)
		if (!sets(later, rule->setting[i].option))
			return false;
	return true;
}

static const struct rule *who_vetoes(const struct ruleset *set, const struct rule *rule)
{
	for (size_t i = 0; i < set->count; i++)
		if (set->rule[i].veto && covers(&set->rule[i].match, &rule->match))
			return &set->rule[i];
	return NULL;
}

static const struct rule *who_ends_before(const struct ruleset *set, const struct rule *rule)
{
	for (const struct rule *at = set->rule; at < rule; at++)
		if (at->last && !at->veto && !at->holdout && covers(&at->match, &rule->match))
			return at;
	return NULL;
}

/* A rule between them that may end the search keeps the later one away. */
static const struct rule *who_says_it_again(const struct ruleset *set, const struct rule *rule)
{
	const struct rule *end = set->rule + set->count;

	for (const struct rule *at = rule; !at->last && ++at < end;)
		if (!at->veto && !at->holdout && says_all_of(at, rule) &&
			covers(&at->match, &rule->match))
			return at;
	return NULL;
}

static const struct rule *who_is_drawn_before(const struct ruleset *set, const struct rule *rule)
{
	for (const struct rule *at = set->rule; rule->holdout && at < rule; at++)
		if (at->holdout && !at->veto &&
			(covers(&at->match, &rule->match) || covers(&rule->match, &at->match)))
			return at;
	return NULL;
}

__attribute__((format(printf, 4, 5))) static void note(
	struct book *book, const struct rule *rule, const struct rule *by, const char *format, ...)
{
	struct source *source = book_take(book, 1, sizeof(*source));
	char text[200], place[300] = "";
	va_list list;

	va_start(list, format);
	vsnprintf(text, sizeof(text), format, list);
	va_end(list);
	if (by)
		snprintf(place, sizeof(place), ": %.76s (%.200s:%d)", by->name, by->file, by->line);
	*source = (struct source){.name = rule->file, .text = ""};
	problem_add(book, PROBLEM_NOTE, (struct place){source, rule->line}, NULL, "%.76s: %s%s",
		rule->name, text, place);
}

static void doubt(struct book *book, const struct rule *rule)
{
	const struct rule *by;

	if (rule->holdout == 100)
		note(book, rule, NULL,
			"holdout = 100 leaves out every connection: it never applies");
	else if ((by = who_vetoes(&book->set, rule)))
		note(book, rule, by, "it never applies, for all that it matches is left alone");
	else if ((by = who_ends_before(&book->set, rule)))
		note(book, rule, by, "it never applies, for all that it matches ends before it");
	else if ((by = who_says_it_again(&book->set, rule)))
		note(book, rule, by, "it never wins, for a later rule sets all of it again");
	else if ((by = who_is_drawn_before(&book->set, rule)))
		note(book, rule, by,
			"one lot decides its holdout and another one's: what both match counts for "
			"neither");
}

void book_doubt(struct book *book)
{
	/* each against each: of more rules than a person writes nobody waits for the notes */
	if (book->set.count > 2000)
		return;
	for (size_t i = 0; i < book->set.count; i++)
		if (!book->set.rule[i].veto)
			doubt(book, &book->set.rule[i]);
}
