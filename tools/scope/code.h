/* BPF instructions, one behind the other, with jumps that go forward only. What no way leads to is
 * not put down, for the verifier refuses it. What they mean:
 * Documentation/bpf/standardization/instruction-set.rst of the kernel. */
#ifndef SOCKFIX_SCOPE_CODE_H
#define SOCKFIX_SCOPE_CODE_H

#include <linux/bpf.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct code {
	struct bpf_insn *insn; /* to be freed */
	size_t count;
	bool dead; /* no way leads to here */
	bool far;  /* a jump was longer than the 16 bits that it has: this is no program */
};

/* Jumps to one place that is not there yet: the last of them, which knows the one before. */
struct jumps {
	size_t last; /* its place and 1; 0: none */
};

/* dst = src; dst = immediate (32 bits, the upper half becomes zero). */
void code_move(struct code *code, uint8_t dst, uint8_t src);
void code_set(struct code *code, uint8_t dst, uint32_t immediate);
/* dst op= immediate: BPF_ADD, BPF_MUL, ... on 64 bits. */
void code_do(struct code *code, uint8_t operation, uint8_t dst, int32_t immediate);
/* dst &= src. */
void code_and(struct code *code, uint8_t dst, uint8_t src);
/* dst = the 32 bits at src + offset; those at dst + offset = src, or = immediate. */
void code_load(struct code *code, uint8_t dst, uint8_t src, int16_t offset);
void code_store(struct code *code, uint8_t dst, int16_t offset, uint8_t src);
void code_store_word(struct code *code, uint8_t dst, int16_t offset, uint32_t immediate);
/* dst's lower 32 bits from the network's order into this machine's. */
void code_from_network(struct code *code, uint8_t dst);
void code_call(struct code *code, int helper);
/* return 1: all is well, and nothing is said to the kernel. */
void code_leave(struct code *code);

/* Where dst and the immediate (below 2^31) are so: BPF_JEQ, BPF_JNE, BPF_JLT, ...; always. */
void code_jump(
	struct code *code, struct jumps *to, uint8_t condition, uint8_t dst, int32_t immediate);
/* The same between two registers. */
void code_jump_both(
	struct code *code, struct jumps *to, uint8_t condition, uint8_t dst, uint8_t src);
void code_go(struct code *code, struct jumps *to);
/* That place is here. */
void code_land(struct code *code, struct jumps *to);

#endif
