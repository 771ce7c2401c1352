/* Which rules and options a program on a cgroup can serve, and the sentences for those that it
 * cannot. The table says what Linux 6.18 takes in bpf_setsockopt() of a sock_ops program
 * (net/core/filter.c, sol_tcp_sockopt() and its neighbours); what else the kernel here has is tried
 * before it is relied upon (trial.h). Pure. */
#include "tools/scope/takes.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "tools/base/memory.h"

enum {
	BOTH = TAKES_CONNECT | TAKES_ACCEPT,
	HANDSHAKE = BOTH | TAKES_LISTEN,
};

static const unsigned where_table[OPTION_COUNT] = {
	[OPTION_TCP_NODELAY] = BOTH,
	[OPTION_SO_SNDBUF] = HANDSHAKE,
	[OPTION_SO_RCVBUF] = HANDSHAKE,
	[OPTION_SO_KEEPALIVE] = BOTH,
	[OPTION_TCP_KEEPIDLE] = BOTH,
	[OPTION_TCP_KEEPINTVL] = BOTH,
	[OPTION_TCP_KEEPCNT] = BOTH,
	[OPTION_TCP_USER_TIMEOUT] = BOTH,
	[OPTION_TCP_NOTSENT_LOWAT] = BOTH,
	[OPTION_TCP_CONGESTION] = HANDSHAKE,
	[OPTION_IP_TOS] = HANDSHAKE,
	[OPTION_SO_PRIORITY] = BOTH,
	[OPTION_SO_MARK] = HANDSHAKE,
	[OPTION_TCP_MAXSEG] = HANDSHAKE,
	[OPTION_TCP_SYNCNT] = TAKES_CONNECT,
	[OPTION_TCP_WINDOW_CLAMP] = HANDSHAKE,
	[OPTION_SO_MAX_PACING_RATE] = BOTH,
	[OPTION_TCP_THIN_LINEAR_TIMEOUTS] = BOTH,
};

static const char *const why_table[OPTION_COUNT] = {
	[OPTION_TCP_QUICKACK] = "the kernel forgets it, and takes it anew from the program alone",
	[OPTION_LISTEN_BACKLOG] = "it is an argument of the program's own listen()",
};

unsigned takes_option(int id)
{
	return where_table[id];
}

static const char *why_not(const struct option *option, int id)
{
	if (why_table[id])
		return why_table[id];
	if (option->when & AT_BIND)
		return "it is due before bind(), of which the kernel does not tell";
	return "the kernel takes it from the program alone";
}

const char *takes_not(const struct setting *setting)
{
	const int id = setting->option;
	const struct option *option = &option_table[id];

	/* coalesce becomes TCP_NODELAY, and what else is said of joining goes with it */
	if (setting->value.kind == VALUE_KEEP || (option->when & AT_WRITE))
		return NULL;
	if (!where_table[id])
		return why_not(option, id);
	if (setting->value.kind == VALUE_UNDO)
		return "what the program sets cannot be undone";
	if (option->type == TYPE_RATE && setting->value.number >= UINT32_MAX)
		return "the kernel takes rates below 4294967295 bytes/s only";
	return NULL;
}

/* ---- sentences ---- */

static void tell_setting(
	const struct rule *rule, const struct setting *setting, const struct takes_told *told)
{
	const char *name = option_table[setting->option].name, *why = takes_not(setting);
	char sentence[256];

	if (why)
		snprintf(sentence, sizeof(sentence),
			"%s cannot be set from outside of the program and is left out: %s", name,
			why);
	else if (setting->force)
		snprintf(sentence, sizeof(sentence),
			"force holds for %s until the connection is there: what the program sets "
			"on it then wins",
			name);
	else
		return;
	told->tell(rule, why != NULL, sentence);
}

static bool joins(const struct setting *setting)
{
	return setting->option == OPTION_COALESCE && setting->value.kind == VALUE_NUMBER &&
	       setting->value.number != COALESCE_OFF;
}

static void tell_rule(const struct rule *rule, struct takes_told *told)
{
	for (size_t i = 0; i < rule->settings; i++) {
		tell_setting(rule, &rule->setting[i], told);
		if (joins(&rule->setting[i]))
			told->joins = true;
	}
}

/* ---- rules about a process ---- */

#define ABOUT_PROCESS                                                                              \
	(1u << MATCH_PROGRAM | 1u << MATCH_SCRIPT | 1u << MATCH_ARGS | 1u << MATCH_USER)

/* Whether a flow that the rule does not see gets more set than one that it sees. */
static bool holds_back(const struct rule *rule)
{
	if (rule->veto || rule->last)
		return true;
	for (size_t i = 0; i < rule->settings; i++)
		if (rule->setting[i].value.kind == VALUE_KEEP)
			return true;
	return false;
}

static int leave_out(const struct rule *rule, const struct takes_told *told)
{
	const unsigned named = rule->match.named & ABOUT_PROCESS;
	const bool refused = holds_back(rule);
	char sentence[256];

	snprintf(sentence, sizeof(sentence),
		"it asks for the %s, which the kernel does not tell of a cgroup's connections: %s",
		matcher_name[__builtin_ctz(named)],
		refused ? "without this rule more would be set than you want" : "it is left out");
	told->tell(rule, refused, sentence);
	return refused ? -EINVAL : 0;
}

/* Keeps it, unless it is about others. */
static void keep(const struct rule *rule, const struct subject *process, struct ruleset *out,
	struct takes_told *told)
{
	struct rule left = *rule;

	if (left.match.named & ABOUT_PROCESS) {
		left.match.named &= ABOUT_PROCESS;
		if (!rule_matches(&left, process))
			return;
		left.match.named = rule->match.named & ~ABOUT_PROCESS;
	}
	out->rule[out->count++] = left;
	tell_rule(rule, told);
}

int takes_narrow(const struct ruleset *set, const struct subject *process, struct ruleset *out,
	struct takes_told *told)
{
	int answer = 0;

	out->rule = memory_take(set->count, sizeof(*out->rule));
	out->count = 0;
	for (size_t i = 0; i < set->count; i++) {
		const struct rule *rule = &set->rule[i];
		int error = 0;

		if (!process && (rule->match.named & ABOUT_PROCESS))
			error = leave_out(rule, told);
		else
			keep(rule, process, out, told);
		if (error)
			answer = error;
	}
	return answer;
}
