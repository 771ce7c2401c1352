/* Which rules match a flow, and what holds for it: the later wins, option by option.
 *
 * Pure, and linked into the victim: reads its arguments, writes the decision, calls fnmatch(3) and
 * nothing else. It never asks the kernel, the environment or a clock, and never sees a descriptor.
 */
#include "rules/rule.h"

#include <fnmatch.h>
#include <string.h>

const char *const matcher_name[MATCHER_COUNT] = {
	[MATCH_PROGRAM] = "program",
	[MATCH_SCRIPT] = "script",
	[MATCH_ARGS] = "args",
	[MATCH_ROLE] = "role",
	[MATCH_PEER] = "peer",
	[MATCH_PORT] = "port",
	[MATCH_LOCAL_PORT] = "local_port",
	[MATCH_PEER_PORT] = "peer_port",
	[MATCH_USER] = "user",
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

static bool globs_hold(const struct globs *globs, const char *text)
{
	for (size_t i = 0; i < globs->count; i++)
		if (fnmatch(globs->glob[i], text, 0) == 0)
			return true;
	return false;
}

static bool address_in(const struct network *network, const uint8_t address[16])
{
	static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
	const unsigned bytes = network->bits / 8, bits = network->bits % 8;

	/* "::/0" is all of IPv6 and none of IPv4, which stands inside of it here. */
	if (network->bits < 96 && !memcmp(address, mapped, sizeof(mapped)))
		return false;
	if (memcmp(network->address, address, bytes) != 0)
		return false;
	return !bits || (network->address[bytes] ^ address[bytes]) >> (8 - bits) == 0;
}

static bool peer_holds(const struct networks *peer, const struct subject *subject)
{
	for (size_t i = 0; subject->peer_known && i < peer->count; i++)
		if (address_in(&peer->network[i], subject->peer))
			return true;
	return false;
}

static bool ports_hold(const struct ports *ports, uint16_t port)
{
	for (size_t i = 0; port && i < ports->count; i++)
		if (ports->range[i].low <= port && port <= ports->range[i].high)
			return true;
	return false;
}

static bool users_hold(const struct users *users, uint32_t uid)
{
	for (size_t i = 0; i < users->count; i++)
		if (users->uid[i] == uid)
			return true;
	return false;
}

static bool matcher_holds(
	const struct match *match, enum matcher matcher, const struct subject *subject)
{
	switch (matcher) {
	case MATCH_PROGRAM:
		return globs_hold(&match->program, subject->program) ||
		       globs_hold(&match->program, subject->argv0);
	case MATCH_SCRIPT:
		return globs_hold(&match->script, subject->script);
	case MATCH_ARGS:
		return globs_hold(&match->args, subject->args);
	case MATCH_ROLE:
		return match->role == ROLE_ANY || match->role == subject->role;
	case MATCH_PEER:
		return peer_holds(&match->peer, subject);
	case MATCH_PORT:
		return ports_hold(&match->port, subject->port);
	case MATCH_LOCAL_PORT:
		return ports_hold(&match->local_port, subject->local_port);
	case MATCH_PEER_PORT:
		return ports_hold(&match->peer_port, subject->peer_port);
	case MATCH_USER:
		return users_hold(&match->user, subject->uid);
	case MATCHER_COUNT:
		break;
	}
	return false;
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
static bool rule_names_port(const struct match *match, uint16_t port)
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

void rules_decide(
	const struct ruleset *set, const struct subject *subject, struct decision *decision)
{
	const bool delicate = one_message_a_segment(subject->port);

	decision->veto = NO_RULE;
	decision->set = decision->force = 0;
	for (int id = 0; id < OPTION_COUNT; id++)
		decision->rule[id] = NO_RULE;

	for (size_t i = 0; i < set->count; i++)
		if (set->rule[i].veto && rule_matches(&set->rule[i], subject)) {
			decision->veto = (int)i;
			return;
		}
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
