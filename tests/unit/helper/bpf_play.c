/* Interprets. What is read before it was written fails the test, as it does before the verifier. */
#include "tests/unit/helper/bpf_play.h"

#include <arpa/inet.h>
#include <stdbool.h>
#include <string.h>

#include "tests/helper/must.h"

enum { STACK = 512, REGISTERS = 11 };

struct machine {
	struct bpf_play *play;
	uint64_t value[REGISTERS];
	unsigned known; /* a bit a register */
	unsigned char stack[STACK], written[STACK];
};

static uint64_t get(const struct machine *machine, unsigned number)
{
	MUST(machine->known & 1u << number);
	return machine->value[number];
}

static void put(struct machine *machine, unsigned number, uint64_t value)
{
	MUST(number < BPF_REG_10);
	machine->known |= 1u << number;
	machine->value[number] = value;
}

/* Where that many bytes of the stack are. */
static size_t on_stack(const struct machine *machine, uint64_t address, size_t length)
{
	const uint64_t at = address - (uint64_t)(uintptr_t)machine->stack;

	MUST(at + length <= STACK && at < STACK);
	return (size_t)at;
}

static void read_bytes(const struct machine *machine, uint64_t address, void *bytes, size_t length)
{
	const uint64_t in_event = address - (uint64_t)(uintptr_t)&machine->play->event;

	if (in_event < sizeof(machine->play->event)) {
		memcpy(bytes, (const char *)&machine->play->event + in_event, length);
		return;
	}
	for (size_t i = 0, at = on_stack(machine, address, length); i < length; i++) {
		MUST(machine->written[at + i]);
		((unsigned char *)bytes)[i] = machine->stack[at + i];
	}
}

static void store(struct machine *machine, const struct bpf_insn *insn, uint32_t word)
{
	const uint64_t address = get(machine, insn->dst_reg) + (uint64_t)(int64_t)insn->off;
	const size_t at = on_stack(machine, address, sizeof(word));

	memcpy(machine->stack + at, &word, sizeof(word));
	memset(machine->written + at, 1, sizeof(word));
}

static void set_option(struct machine *machine)
{
	struct bpf_play *play = machine->play;
	const size_t length = get(machine, BPF_REG_5);

	MUST(get(machine, BPF_REG_1) == (uint64_t)(uintptr_t)&play->event);
	MUST(play->sets < BPF_PLAY_CALLS && length <= sizeof(play->set[0].bytes));
	play->set[play->sets].level = (int)get(machine, BPF_REG_2);
	play->set[play->sets].name = (int)get(machine, BPF_REG_3);
	play->set[play->sets].length = length;
	read_bytes(machine, get(machine, BPF_REG_4), play->set[play->sets++].bytes, length);
}

static void call(struct machine *machine, int helper)
{
	uint64_t answer = 0;

	if (helper == BPF_FUNC_get_socket_cookie)
		answer = machine->play->cookie;
	else if (helper == BPF_FUNC_setsockopt)
		set_option(machine);
	else
		MUST(!"a helper that is known");
	machine->known &= ~0x3eu; /* r1 to r5 are lost */
	put(machine, BPF_REG_0, answer);
}

static uint64_t operand(const struct machine *machine, const struct bpf_insn *insn)
{
	return BPF_SRC(insn->code) == BPF_X ? get(machine, insn->src_reg)
					    : (uint64_t)(int64_t)insn->imm;
}

static void compute(struct machine *machine, const struct bpf_insn *insn)
{
	const unsigned to = insn->dst_reg, operation = BPF_OP(insn->code);
	const uint64_t by = operation == BPF_END ? 0 : operand(machine, insn);

	if (operation == BPF_MOV)
		put(machine, to, BPF_CLASS(insn->code) == BPF_ALU ? (uint32_t)by : by);
	else if (operation == BPF_END)
		put(machine, to, ntohl((uint32_t)get(machine, to)));
	else if (operation == BPF_ADD)
		put(machine, to, get(machine, to) + by);
	else if (operation == BPF_MUL)
		put(machine, to, get(machine, to) * by);
	else if (operation == BPF_MOD)
		put(machine, to, get(machine, to) % by);
	else if (operation == BPF_AND)
		put(machine, to, get(machine, to) & by);
	else
		MUST(!"an operation that is known");
}

static int holds(const struct machine *machine, const struct bpf_insn *insn)
{
	const unsigned operation = BPF_OP(insn->code);
	uint64_t left, right;

	if (operation == BPF_JA)
		return 1;
	left = get(machine, insn->dst_reg);
	right = operand(machine, insn);
	switch (operation) {
	case BPF_JEQ:
		return left == right;
	case BPF_JNE:
		return left != right;
	case BPF_JLT:
		return left < right;
	case BPF_JLE:
		return left <= right;
	default:
		MUST(!"a condition that is known");
	}
}

/* Returns how far the next instruction is. */
static size_t jump(struct machine *machine, const struct bpf_insn *insn)
{
	if (BPF_OP(insn->code) == BPF_CALL)
		call(machine, insn->imm);
	else if (holds(machine, insn)) {
		MUST(insn->off >= 0); /* forward only */
		return 1 + (size_t)insn->off;
	}
	return 1;
}

static size_t step(struct machine *machine, const struct bpf_insn *insn)
{
	uint32_t word;

	switch (BPF_CLASS(insn->code)) {
	case BPF_LDX:
		read_bytes(machine, get(machine, insn->src_reg) + (uint64_t)(int64_t)insn->off,
			&word, sizeof(word));
		put(machine, insn->dst_reg, word);
		return 1;
	case BPF_ST:
		store(machine, insn, (uint32_t)insn->imm);
		return 1;
	case BPF_STX:
		store(machine, insn, (uint32_t)get(machine, insn->src_reg));
		return 1;
	case BPF_ALU:
	case BPF_ALU64:
		compute(machine, insn);
		return 1;
	case BPF_JMP:
		return jump(machine, insn);
	default:
		MUST(!"a class that is known");
	}
}

/* The verifier refuses instructions to which no way leads. Jumps go forward only. */
static void must_be_reached(const struct bpf_insn *insn, size_t count)
{
	unsigned char reached[count];

	memset(reached, 0, count);
	reached[0] = 1;
	for (size_t i = 0; i < count; i++) {
		const bool jumps = BPF_CLASS(insn[i].code) == BPF_JMP &&
				   insn[i].code != (BPF_JMP | BPF_EXIT) &&
				   BPF_OP(insn[i].code) != BPF_CALL;

		MUST(reached[i]);
		if (jumps)
			reached[i + 1 + (size_t)insn[i].off] = 1;
		if (insn[i].code != (BPF_JMP | BPF_EXIT) &&
			!(jumps && BPF_OP(insn[i].code) == BPF_JA))
			reached[i + 1] = 1;
	}
}

void bpf_play(struct bpf_play *play, const struct bpf_insn *insn, size_t count)
{
	struct machine machine = {.play = play, .known = 1u << BPF_REG_1 | 1u << BPF_REG_10};
	size_t at = 0;

	must_be_reached(insn, count);
	play->sets = play->steps = 0;
	machine.value[BPF_REG_1] = (uintptr_t)&play->event;
	machine.value[BPF_REG_10] = (uintptr_t)(machine.stack + STACK);
	for (;; play->steps++) {
		MUST(at < count);
		if (insn[at].code == (BPF_JMP | BPF_EXIT))
			break;
		at += step(&machine, &insn[at]);
	}
	play->result = get(&machine, BPF_REG_0);
}
