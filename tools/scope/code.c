/* Puts instructions down. Knows nothing of rules and sockets. */
#include "tools/scope/code.h"

#include "tools/base/memory.h"

static struct bpf_insn *put(struct code *code, uint8_t opcode, uint8_t dst, uint8_t src)
{
	static struct bpf_insn nowhere;
	struct bpf_insn *insn = &nowhere;

	if (code->dead)
		return insn;
	code->insn = memory_grow(code->insn, code->count, sizeof(*code->insn));
	insn = &code->insn[code->count++];
	*insn = (struct bpf_insn){.code = opcode, .dst_reg = dst & 0xf, .src_reg = src & 0xf};
	return insn;
}

void code_move(struct code *code, uint8_t dst, uint8_t src)
{
	put(code, BPF_ALU64 | BPF_MOV | BPF_X, dst, src);
}

void code_set(struct code *code, uint8_t dst, uint32_t immediate)
{
	put(code, BPF_ALU | BPF_MOV | BPF_K, dst, 0)->imm = (int32_t)immediate;
}

void code_do(struct code *code, uint8_t operation, uint8_t dst, int32_t immediate)
{
	put(code, (uint8_t)(BPF_ALU64 | operation | BPF_K), dst, 0)->imm = immediate;
}

void code_and(struct code *code, uint8_t dst, uint8_t src)
{
	put(code, BPF_ALU64 | BPF_AND | BPF_X, dst, src);
}

void code_load(struct code *code, uint8_t dst, uint8_t src, int16_t offset)
{
	put(code, BPF_LDX | BPF_MEM | BPF_W, dst, src)->off = offset;
}

void code_store(struct code *code, uint8_t dst, int16_t offset, uint8_t src)
{
	put(code, BPF_STX | BPF_MEM | BPF_W, dst, src)->off = offset;
}

void code_store_word(struct code *code, uint8_t dst, int16_t offset, uint32_t immediate)
{
	struct bpf_insn *insn = put(code, BPF_ST | BPF_MEM | BPF_W, dst, 0);

	insn->off = offset;
	insn->imm = (int32_t)immediate;
}

void code_from_network(struct code *code, uint8_t dst)
{
	put(code, BPF_ALU | BPF_END | BPF_TO_BE, dst, 0)->imm = 32;
}

void code_call(struct code *code, int helper)
{
	put(code, BPF_JMP | BPF_CALL, 0, 0)->imm = helper;
}

void code_leave(struct code *code)
{
	code_set(code, BPF_REG_0, 1);
	put(code, BPF_JMP | BPF_EXIT, 0, 0);
	code->dead = true;
}

/* ---- jumps ---- */

/* Until it lands a jump has, instead of how far it goes, how far back the one before it is. */
static void chain(struct code *code, struct jumps *to, struct bpf_insn *insn)
{
	const size_t back = to->last ? code->count - to->last : 0;

	if (code->dead)
		return;
	if (back > INT16_MAX)
		code->far = true;
	insn->off = (int16_t)back;
	to->last = code->count;
}

void code_jump(
	struct code *code, struct jumps *to, uint8_t condition, uint8_t dst, int32_t immediate)
{
	struct bpf_insn *insn = put(code, (uint8_t)(BPF_JMP | condition | BPF_K), dst, 0);

	insn->imm = immediate;
	chain(code, to, insn);
}

void code_jump_both(
	struct code *code, struct jumps *to, uint8_t condition, uint8_t dst, uint8_t src)
{
	chain(code, to, put(code, (uint8_t)(BPF_JMP | condition | BPF_X), dst, src));
}

void code_go(struct code *code, struct jumps *to)
{
	chain(code, to, put(code, BPF_JMP | BPF_JA, 0, 0));
	code->dead = true;
}

void code_land(struct code *code, struct jumps *to)
{
	size_t at = to->last;

	if (at)
		code->dead = false;
	while (at && !code->far) {
		struct bpf_insn *insn = &code->insn[at - 1];
		const size_t before = insn->off ? at - (size_t)insn->off : 0;

		if (code->count - at > INT16_MAX)
			code->far = true;
		insn->off = (int16_t)(code->count - at);
		at = before;
	}
	to->last = 0;
}
