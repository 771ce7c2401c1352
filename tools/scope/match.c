/* Makes instructions that say whether a rule matches: rules_decide()'s matchers (rules/rule.c),
 * for those that the kernel knows of a connection. Must not decide anything. */
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>

#include "tools/scope/layout.h"

static uint32_t word_at(const uint8_t *bytes, int index)
{
	uint32_t word;

	memcpy(&word, bytes + 4 * index, sizeof(word));
	return word;
}

/* ---- what is known ---- */

#define OF(field) ((int16_t)offsetof(struct bpf_sock_ops, field))

static void peer_from(struct code *code, int index, int16_t field)
{
	code_load(code, BPF_REG_2, CONTEXT, field);
	code_store(code, BPF_REG_10, (int16_t)(AT_PEER + 4 * index), BPF_REG_2);
}

static void peer_address(struct code *code)
{
	static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
	struct jumps v6 = {0}, known = {0}, done = {0};

	code_load(code, BPF_REG_3, CONTEXT, OF(family));
	code_jump(code, &v6, BPF_JNE, BPF_REG_3, AF_INET);
	for (int i = 0; i < 3; i++)
		code_store_word(code, BPF_REG_10, (int16_t)(AT_PEER + 4 * i), word_at(mapped, i));
	peer_from(code, 3, OF(remote_ip4));
	code_go(code, &done);
	code_land(code, &v6);
	code_jump(code, &known, BPF_JEQ, BPF_REG_3, AF_INET6);
	code_leave(code);
	code_land(code, &known);
	for (int i = 0; i < 4; i++)
		peer_from(code, i, (int16_t)(OF(remote_ip6) + 4 * i));
	code_land(code, &done);
}

/* linux/bpf.h: local_port is in this machine's order, remote_port in the network's. */
static void ports(struct code *code)
{
	struct jumps client = {0};

	code_load(code, BPF_REG_2, CONTEXT, OF(local_port));
	code_load(code, BPF_REG_3, CONTEXT, OF(remote_port));
	code_from_network(code, BPF_REG_3);
	code_store(code, BPF_REG_10, AT_LOCAL, BPF_REG_2);
	code_store(code, BPF_REG_10, AT_PEER_PORT, BPF_REG_3);
	code_store(code, BPF_REG_10, AT_PORT, BPF_REG_3);
	code_jump(code, &client, BPF_JEQ, EVENT, BPF_SOCK_OPS_TCP_CONNECT_CB);
	code_store(code, BPF_REG_10, AT_PORT, BPF_REG_2);
	code_land(code, &client);
}

void layout_subject(struct code *code)
{
	peer_address(code);
	ports(code);
}

/* ---- what is asked ---- */

static void match_role(struct code *code, enum role role, struct jumps *no)
{
	if (role == ROLE_NONE)
		code_go(code, no);
	else if (role != ROLE_ANY)
		code_jump(code, no, role == ROLE_CLIENT ? BPF_JNE : BPF_JEQ, EVENT,
			BPF_SOCK_OPS_TCP_CONNECT_CB);
}

static void match_network(struct code *code, const struct network *network, struct jumps *yes)
{
	static const uint8_t v4[12] = {[10] = 0xff, [11] = 0xff};
	struct network masked = *network;
	struct jumps next = {0};
	uint8_t mask[16];

	for (unsigned i = 0; i < 16; i++) {
		const unsigned bits = network->bits > 8 * i ? network->bits - 8 * i : 0;

		mask[i] = bits >= 8 ? 0xff : (uint8_t)(0xff00u >> bits);
		masked.address[i] &= mask[i];
	}
	/* "::/0" is all of IPv6 and none of IPv4, which stands inside of it here. */
	if (network->bits < 96) {
		struct jumps is_v6 = {0};

		for (int i = 0; i < 3; i++) {
			code_load(code, BPF_REG_2, BPF_REG_10, (int16_t)(AT_PEER + 4 * i));
			code_set(code, BPF_REG_3, word_at(v4, i));
			code_jump_both(code, &is_v6, BPF_JNE, BPF_REG_2, BPF_REG_3);
		}
		code_go(code, &next);
		code_land(code, &is_v6);
	}
	for (int i = 0; i < 4 && network->bits > 32 * (unsigned)i; i++) {
		code_load(code, BPF_REG_2, BPF_REG_10, (int16_t)(AT_PEER + 4 * i));
		code_set(code, BPF_REG_3, word_at(mask, i));
		code_and(code, BPF_REG_2, BPF_REG_3);
		code_set(code, BPF_REG_3, word_at(masked.address, i));
		code_jump_both(code, &next, BPF_JNE, BPF_REG_2, BPF_REG_3);
	}
	code_go(code, yes);
	code_land(code, &next);
}

static void match_peer(struct code *code, const struct networks *peer, struct jumps *no)
{
	struct jumps yes = {0};

	code_jump(code, no, BPF_JEQ, EVENT, BPF_SOCK_OPS_TCP_LISTEN_CB);
	for (size_t i = 0; i < peer->count; i++)
		match_network(code, &peer->network[i], &yes);
	code_go(code, no);
	code_land(code, &yes);
}

static void match_ports(struct code *code, const struct ports *list, int16_t at, struct jumps *no)
{
	struct jumps yes = {0};

	code_load(code, BPF_REG_2, BPF_REG_10, at);
	for (size_t i = 0; i < list->count; i++) {
		const struct port_range *range = &list->range[i];
		struct jumps next = {0};

		/* 0 is a port that is not known */
		code_jump(code, &next, BPF_JLT, BPF_REG_2, range->low ? range->low : 1);
		code_jump(code, &yes, BPF_JLE, BPF_REG_2, range->high);
		code_land(code, &next);
	}
	code_go(code, no);
	code_land(code, &yes);
}

void layout_match(struct code *code, const struct rule *rule, struct jumps *otherwise)
{
	const struct match *match = &rule->match;

	if (match->named & 1u << MATCH_ROLE)
		match_role(code, match->role, otherwise);
	if (match->named & 1u << MATCH_PORT)
		match_ports(code, &match->port, AT_PORT, otherwise);
	if (match->named & 1u << MATCH_LOCAL_PORT)
		match_ports(code, &match->local_port, AT_LOCAL, otherwise);
	if (match->named & 1u << MATCH_PEER_PORT)
		match_ports(code, &match->peer_port, AT_PEER_PORT, otherwise);
	if (match->named & 1u << MATCH_PEER)
		match_peer(code, &match->peer, otherwise);
	if (!rule->veto && rule->holdout)
		code_jump(code, otherwise, BPF_JLT, DRAW, rule->holdout);
}
