/* Plays a program of BPF_PROG_TYPE_SOCK_OPS that was made from rules, without a kernel: as many
 * opcodes as such programs have; any other fails the test. */
#ifndef TEST_BPF_PLAY_H
#define TEST_BPF_PLAY_H

#include <linux/bpf.h>
#include <stddef.h>
#include <stdint.h>

enum { BPF_PLAY_CALLS = 64 };

struct bpf_play {
	/* in */
	struct bpf_sock_ops event;
	uint64_t cookie;
	/* out: what bpf_setsockopt() was called with */
	struct {
		int level, name;
		size_t length;
		unsigned char bytes[16];
	} set[BPF_PLAY_CALLS];
	size_t sets, steps;
	uint64_t result;
};

void bpf_play(struct bpf_play *play, const struct bpf_insn *insn, size_t count);

#endif
