/* Compiles rules: what rules_decide() (rules/rule.c) does over data, for the options that the
 * kernel takes here (takes.h). A veto first; then option by option the last rule that matches and
 * names it, from the last one back, so that nothing need be remembered between two rules and the
 * verifier's work grows with the program and not with the number of ways through it.
 *
 * Pure: no system call. Registers and stack: layout.h. */
#include "tools/scope/program.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "tools/scope/layout.h"
#include "tools/scope/takes.h"

struct making {
	struct code code;
	const struct ruleset *set;
	bool sets; /* something */
};

static bool has_last_before(const struct ruleset *set, size_t index)
{
	for (size_t i = 0; i < index; i++)
		if (set->rule[i].last && !set->rule[i].veto)
			return true;
	return false;
}

/* ---- the beginning ---- */

static void only_our_events(struct code *code)
{
	struct jumps ours = {0};

	code_move(code, CONTEXT, BPF_REG_1);
	code_load(code, EVENT, CONTEXT, offsetof(struct bpf_sock_ops, op));
	code_jump(code, &ours, BPF_JEQ, EVENT, BPF_SOCK_OPS_TCP_CONNECT_CB);
	code_jump(code, &ours, BPF_JEQ, EVENT, BPF_SOCK_OPS_PASSIVE_ESTABLISHED_CB);
	code_jump(code, &ours, BPF_JEQ, EVENT, BPF_SOCK_OPS_TCP_LISTEN_CB);
	code_leave(code);
	code_land(code, &ours);
}

/* A socket's cookie is its own, and a hundred in a row draw every number once, well mixed: 61 and
 * 100 have no common factor. */
static void draw(struct making *making)
{
	struct code *code = &making->code;
	bool asked = false;

	for (size_t i = 0; i < making->set->count; i++)
		asked = asked || making->set->rule[i].holdout;
	if (!asked)
		return;
	code_move(code, BPF_REG_1, CONTEXT);
	code_call(code, BPF_FUNC_get_socket_cookie);
	code_move(code, DRAW, BPF_REG_0);
	code_do(code, BPF_MOD, DRAW, 100);
	code_do(code, BPF_MUL, DRAW, 61);
	code_do(code, BPF_MOD, DRAW, 100);
}

static void vetoes(struct making *making)
{
	for (size_t i = 0; i < making->set->count; i++) {
		struct jumps no = {0};

		if (!making->set->rule[i].veto)
			continue;
		layout_match(&making->code, &making->set->rule[i], &no);
		code_leave(&making->code);
		code_land(&making->code, &no);
	}
}

static void find_end(struct making *making)
{
	const size_t count = making->set->count;
	struct code *code = &making->code;
	struct jumps found = {0};

	if (!has_last_before(making->set, count))
		return;
	for (size_t i = 0; i < count; i++) {
		const struct rule *rule = &making->set->rule[i];
		struct jumps no = {0};

		if (!rule->last || rule->veto)
			continue;
		layout_match(code, rule, &no);
		code_set(code, ENDS, (uint32_t)i);
		code_go(code, &found);
		code_land(code, &no);
	}
	code_set(code, ENDS, (uint32_t)count);
	code_land(code, &found);
}

/* ---- values ---- */

static void set_socket_option(struct code *code, int level, int name, size_t length)
{
	code_move(code, BPF_REG_1, CONTEXT);
	code_set(code, BPF_REG_2, (uint32_t)level);
	code_set(code, BPF_REG_3, (uint32_t)name);
	code_move(code, BPF_REG_4, BPF_REG_10);
	code_do(code, BPF_ADD, BPF_REG_4, AT_VALUE);
	code_set(code, BPF_REG_5, (uint32_t)length);
	code_call(code, BPF_FUNC_setsockopt);
}

/* The type of service has another number on IPv6. */
static void set_type_of_service(struct code *code, size_t length)
{
	struct jumps v6 = {0}, done = {0};

	code_load(code, BPF_REG_2, CONTEXT, offsetof(struct bpf_sock_ops, family));
	code_jump(code, &v6, BPF_JNE, BPF_REG_2, AF_INET);
	set_socket_option(code, IPPROTO_IP, IP_TOS, length);
	code_go(code, &done);
	code_land(code, &v6);
	set_socket_option(code, IPPROTO_IPV6, IPV6_TCLASS, length);
	code_land(code, &done);
}

static void set_value(struct making *making, int id, const struct value *value)
{
	unsigned char bytes[16] = {0};
	size_t length = option_encode(id, value, bytes);
	struct code *code = &making->code;

	if (option_table[id].type == TYPE_RATE)
		length = sizeof(uint32_t); /* net/core/filter.c takes no other */
	for (size_t i = 0; i < length; i += 4) {
		uint32_t word;

		__builtin_memcpy(&word, bytes + i, sizeof(word));
		code_store_word(code, BPF_REG_10, (int16_t)(AT_VALUE + (int)i), word);
	}
	if (id == OPTION_IP_TOS)
		set_type_of_service(code, length);
	else
		set_socket_option(code, option_table[id].level, option_table[id].optname, length);
	making->sets = making->sets || !code->dead;
}

/* A switch that is off is so by itself: where it is on the program has said so, and wins. */
static bool is_theirs(const struct setting *setting)
{
	return option_table[setting->option].type == TYPE_SWITCH && setting->value.number == 0 &&
	       !setting->force;
}

static bool joins(const struct setting *setting)
{
	return setting->option == OPTION_COALESCE && setting->value.kind == VALUE_NUMBER &&
	       setting->value.number != COALESCE_OFF;
}

static void apply(struct making *making, const struct setting *setting)
{
	static const struct value on = {.kind = VALUE_NUMBER, .number = 1};

	if (joins(setting))
		set_value(making, OPTION_TCP_NODELAY, &on);
	else if (takes_option(setting->option) && setting->value.kind != VALUE_KEEP &&
		 !takes_not(setting) && !is_theirs(setting))
		set_value(making, setting->option, &setting->value);
}

/* ---- one option ---- */

static bool is_of(const struct rule *rule, int id)
{
	for (size_t i = 0; i < rule->settings && !rule->veto; i++)
		if (rule->setting[i].option == id)
			return true;
	return false;
}

/* Ports where one message must be one segment, unless the rule names the port. */
static void match_delicate(struct code *code, const struct rule *rule, struct jumps *no)
{
	code_load(code, BPF_REG_2, BPF_REG_10, AT_PORT);
	for (int port = 1; port <= UINT16_MAX; port++)
		if (one_message_a_segment((uint16_t)port) &&
			!rule_names_port(&rule->match, (uint16_t)port))
			code_jump(code, no, BPF_JEQ, BPF_REG_2, port);
}

static void by_setting(
	struct making *making, size_t index, const struct setting *setting, struct jumps *done)
{
	const struct rule *rule = &making->set->rule[index];
	struct code *code = &making->code;
	struct jumps no = {0};

	if (has_last_before(making->set, index))
		code_jump(code, &no, BPF_JLT, ENDS, (int32_t)index);
	layout_match(code, rule, &no);
	if (joins(setting))
		match_delicate(code, rule, &no);
	apply(making, setting);
	code_go(code, done);
	code_land(code, &no);
}

static void by_rule(struct making *making, size_t index, int id, struct jumps *done)
{
	const struct rule *rule = &making->set->rule[index];

	for (size_t i = rule->settings; i > 0 && !rule->veto; i--)
		if (rule->setting[i - 1].option == id)
			by_setting(making, index, &rule->setting[i - 1], done);
}

static bool is_named(const struct ruleset *set, int id)
{
	for (size_t i = 0; i < set->count; i++)
		if (is_of(&set->rule[i], id))
			return true;
	return false;
}

/* What stands on a listener all that it accepts gets: no option that some of them are to be
 * without.
 */
static bool same_for_all(const struct ruleset *set, int id)
{
	for (size_t i = 0; i < set->count; i++) {
		const struct rule *rule = &set->rule[i];
		const bool some = rule->holdout ||
				  rule->match.named & (1u << MATCH_PEER | 1u << MATCH_PEER_PORT);

		if (some && (rule->veto || rule->last || is_of(rule, id)))
			return false;
	}
	return true;
}

static void only_where_due(struct making *making, int id, struct jumps *done)
{
	const unsigned where = takes_option(id);

	if (!(where & TAKES_LISTEN) || !same_for_all(making->set, id))
		code_jump(&making->code, done, BPF_JEQ, EVENT, BPF_SOCK_OPS_TCP_LISTEN_CB);
	if (!(where & TAKES_ACCEPT))
		code_jump(&making->code, done, BPF_JNE, EVENT, BPF_SOCK_OPS_TCP_CONNECT_CB);
}

/* Joining wants TCP_NODELAY, and where nothing can be joined that is what is left of it. A rule
 * that speaks of TCP_NODELAY itself has the first say. */
static void one_option(struct making *making, int id)
{
	const struct ruleset *set = making->set;
	struct jumps done = {0};

	only_where_due(making, id, &done);
	for (size_t i = set->count; i > 0; i--)
		by_rule(making, i - 1, id, &done);
	for (size_t i = set->count; i > 0 && id == OPTION_TCP_NODELAY; i--)
		by_rule(making, i - 1, OPTION_COALESCE, &done);
	code_land(&making->code, &done);
}

static void all_options(struct making *making)
{
	for (int id = 0; id < OPTION_COUNT; id++)
		if (takes_option(id) && (is_named(making->set, id) ||
						(id == OPTION_TCP_NODELAY &&
							is_named(making->set, OPTION_COALESCE))))
			one_option(making, id);
}

int program_make(const struct ruleset *set, struct bpf_insn **insn, size_t *count)
{
	struct making making = {.set = set};
	int error;

	only_our_events(&making.code);
	layout_subject(&making.code);
	draw(&making);
	vetoes(&making);
	find_end(&making);
	all_options(&making);
	code_leave(&making.code);
	*insn = making.code.insn;
	*count = making.code.count;
	error = making.code.far ? -E2BIG : making.sets ? 0 : -ENODATA;
	if (error) {
		free(*insn);
		*insn = NULL;
	}
	return error;
}
