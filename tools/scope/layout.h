/* Where the program that is made keeps what it knows of a connection: between the parts that make
 * it, and for nobody else. */
#ifndef SOCKFIX_SCOPE_LAYOUT_H
#define SOCKFIX_SCOPE_LAYOUT_H

#include "rules/rule.h"
#include "tools/scope/code.h"

/* Registers that calls keep. */
enum {
	CONTEXT = BPF_REG_6, /* struct bpf_sock_ops */
	EVENT = BPF_REG_7,   /* its .op */
	ENDS = BPF_REG_8, /* the first rule with `last` that matches, or how many rules there are */
	DRAW = BPF_REG_9, /* 0-99, of a connection always the same */
};

/* On the stack, below BPF_REG_10. */
enum {
	AT_VALUE = -16, /* 16 bytes for bpf_setsockopt() */
	AT_PEER = -32,	/* 16, as struct network has them */
	AT_PORT = -36,	/* the service's, 32 bits each */
	AT_LOCAL = -40,
	AT_PEER_PORT = -44,
};

/* Goes there unless all that the rule names holds. Of the matchers those that are about a process
 * must not be named. */
void layout_match(struct code *code, const struct rule *rule, struct jumps *otherwise);

/* Fills the places above from the context; leaves where it is no TCP over IPv4 or IPv6. */
void layout_subject(struct code *code);

#endif
