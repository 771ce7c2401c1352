/* Which rules match a flow, and what holds for it: the later wins, option by option.
 *
 * Pure, and linked into the victim: reads its arguments, writes the decision, calls fnmatch(3) and
 * nothing else. It never asks the kernel, the environment or a clock, and never sees a descriptor.
 */
#include "rules/ip.h"
#include "rules/rule.h"

#include <fnmatch.h>
#include <string.h>

const char *const matcher_name[MATCHER_COUNT] = {
#define MATCHER(id, name, ...) name,
#include "rules/matcher_table.h"
#undef MATCHER
};

const struct matcher_row matcher_table[MATCHER_COUNT] = {
#define MATCHER(id, name, kind, field, subject_, also, whole, example, meaning)                    \
	{MATCHER_##kind, whole, offsetof(struct match, field), offsetof(struct subject, subject_), \
		offsetof(struct subject, also)},
#include "rules/matcher_table.h"
#undef MATCHER
};

static struct setting default_setting[] = {
	{.option = OPTION_COALESCE, .value = {.kind = VALUE_NUMBER, .number = COALESCE_AUTO}},
};

const struct rule rule_default = {
	.name = "default",
	.file = "",
	.match = {.named = 1u << MATCH_ROLE, .role = ROLE_ANY},
	.setting = default_setting,
	.settings = 1,
};

static bool globs_hold(const void *items, const void *at, const struct subject *subject)
{
	const struct globs *globs = items;
	const char *const *text = at;

	(void)subject;
	for (size_t i = 0; i < globs->count; i++)
		if (fnmatch(globs->glob[i], *text ? *text : "", 0) == 0)
			return true;
	return false;
}

static bool role_holds(const void *items, const void *at, const struct subject *subject)
{
	const enum role *role = items, *is = at;

	(void)subject;
	return *role == ROLE_ANY || *role == *is;
}

static bool address_in(const struct network *network, const uint8_t address[16])
{
	const unsigned bytes = network->bits / 8, bits = network->bits % 8;

	/* "::/0" is all of IPv6 and none of IPv4, which stands inside of it here. */
	if (network->bits < 96 && ip_is_v4(address))
		return false;
	if (memcmp(network->address, address, bytes) != 0)
		return false;
	return !bits || (network->address[bytes] ^ address[bytes]) >> (8 - bits) == 0;
}

static bool networks_hold(const void *items, const void *at, const struct subject *subject)
{
	const struct networks *peer = items;

	for (size_t i = 0; subject->peer_known && i < peer->count; i++)
		if (address_in(&peer->network[i], at))
			return true;
	return false;
}

static bool ports_hold(const void *items, const void *at, const struct subject *subject)
{
	const struct ports *ports = items;
	const uint16_t *port = at;

	(void)subject;
	for (size_t i = 0; *port && i < ports->count; i++)
		if (ports->range[i].low <= *port && *port <= ports->range[i].high)
			return true;
	return false;
}

static bool users_hold(const void *items, const void *at, const struct subject *subject)
{
	const struct users *users = items;
	const uint32_t *uid = at;

	(void)subject;
	for (size_t i = 0; i < users->count; i++)
		if (users->uid[i] == *uid)
			return true;
	return false;
}

static bool matcher_holds(
	const struct match *match, enum matcher matcher, const struct subject *subject)
{
	static bool (*const holds[MATCHER_KINDS])(
		const void *, const void *, const struct subject *) = {
		[MATCHER_GLOBS] = globs_hold,
		[MATCHER_ROLE] = role_holds,
		[MATCHER_NETWORKS] = networks_hold,
		[MATCHER_PORTS] = ports_hold,
		[MATCHER_USERS] = users_hold,
	};
	const struct matcher_row *row = &matcher_table[matcher];
	const void *items = match_items_read(match, matcher);
	const char *base = (const char *)subject;

	return holds[row->kind](items, base + row->subject, subject) ||
	       (row->also != row->subject && holds[row->kind](items, base + row->also, subject));
}

bool rule_matches(const struct rule *rule, const struct subject *subject)
{
	for (int matcher = 0; matcher < MATCHER_COUNT; matcher++)
		if (rule->match.named & (1u << matcher) &&
			!matcher_holds(&rule->match, (enum matcher)matcher, subject))
			return false;
	return true;
}

static bool any_rule_names(const struct ruleset *set, unsigned matchers)
{
	for (size_t i = 0; i < set->count; i++)
		if (set->rule[i].match.named & matchers)
			return true;
	return false;
}

bool rules_ask_for_peer(const struct ruleset *set)
{
	return any_rule_names(set, 1u << MATCH_PEER | 1u << MATCH_PEER_PORT);
}

bool rules_ask_for_local_port(const struct ruleset *set)
{
	return any_rule_names(set, 1u << MATCH_LOCAL_PORT);
}

/* Ports of controllers that read one message a segment: ISO-TSAP (S7), Modbus, IEC 60870-5-104,
 * DNP3, EtherNet/IP. */
bool one_message_a_segment(uint16_t port)
{
	return port == 102 || port == 502 || port == 2404 || port == 20000 || port == 44818;
}

static bool ports_name(const struct ports *ports, uint16_t port)
{
	for (size_t i = 0; i < ports->count; i++)
		if (ports->range[i].low == port && ports->range[i].high == port)
			return true;
	return false;
}

/* "1-65535" holds for port 502 but does not name it. */
bool rule_names_port(const struct match *match, uint16_t port)
{
	return ports_name(&match->port, port) || ports_name(&match->local_port, port) ||
	       ports_name(&match->peer_port, port);
}

static bool joins_writes(const struct setting *setting)
{
	return setting->option == OPTION_COALESCE && setting->value.kind == VALUE_NUMBER &&
	       setting->value.number != COALESCE_OFF;
}

static void rule_apply(const struct rule *rule, int index, bool may_join, struct decision *decision)
{
	for (size_t i = 0; i < rule->settings; i++) {
		const struct setting *setting = &rule->setting[i];
		const uint64_t bit = OPTION_BIT(setting->option);

		if (!may_join && joins_writes(setting))
			continue;
		decision->set &= ~bit;
		decision->force &= ~bit;
		decision->rule[setting->option] = (int16_t)index;
		if (setting->value.kind == VALUE_KEEP)
			continue;
		decision->set |= bit;
		decision->force |= setting->force ? bit : 0;
		decision->value[setting->option] = setting->value;
	}
}

static int vetoed_by(const struct ruleset *set, const struct subject *subject)
{
	for (size_t i = 0; i < set->count; i++)
		if (set->rule[i].veto && rule_matches(&set->rule[i], subject))
			return (int)i;
	return NO_RULE;
}

void rules_decide(
	const struct ruleset *set, const struct subject *subject, struct decision *decision)
{
	const bool delicate = one_message_a_segment(subject->port);

	decision->veto = vetoed_by(set, subject);
	decision->set = decision->force = 0;
	for (int id = 0; id < OPTION_COUNT; id++)
		decision->rule[id] = NO_RULE;

	if (decision->veto != NO_RULE)
		return;
	for (size_t i = 0; i < set->count; i++) {
		const struct rule *rule = &set->rule[i];

		if (rule->veto || rule->holdout > subject->draw || !rule_matches(rule, subject))
			continue;
		rule_apply(rule, (int)i, !delicate || rule_names_port(&rule->match, subject->port),
			decision);
		if (rule->last)
			break;
	}
}

/* A rule with a holdout behind one that is the last where it holds is drawn by the same lot: its
 * connections are not those of both arms. So the search goes on behind such a one. */
int rules_arm(const struct ruleset *set, const struct subject *subject)
{
	int arm = NO_RULE;

	if (vetoed_by(set, subject) != NO_RULE)
		return NO_RULE;
	for (size_t i = 0; i < set->count; i++) {
		const struct rule *rule = &set->rule[i];

		if (rule->veto || !rule_matches(rule, subject))
			continue;
		if (rule->holdout && arm != NO_RULE)
			return NO_RULE;
		if (rule->holdout)
			arm = (int)i;
		else if (rule->last)
			break;
	}
	return arm;
}
