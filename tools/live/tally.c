/* Copies struct control_tally out of a process. It is another process's word: numbers are bounded
 * where they are used as one, a rule's name ends where its room does, and is fit to be printed
 * before anybody compares it: two that print alike are one. */
#include "tools/live/tally.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tools/base/harmless.h"
#include "tools/base/memory.h"
#include "tools/live/peek.h"

static uint64_t less(uint64_t count, uint64_t before)
{
	return count > before ? count - before : 0;
}

static double number(uint64_t bits)
{
	double value;

	memcpy(&value, &bits, sizeof(value));
	return isfinite(value) && value > 0 ? value : 0;
}

static void take_arm(const struct control_arm *from, bool bare, struct tally *tally)
{
	struct tally_arm *arm = &tally->arm[tally->arms];
	uint64_t turns = 0;

	*arm = (struct tally_arm){.bare = bare,
		.peer = from->peer < CONTROL_PEERS ? from->peer : CONTROL_PEER_UNKNOWN,
		.connections = from->connections,
		.ns = from->ns,
		.squares = number(from->squares)};
	memcpy(arm->rule, from->rule, sizeof(arm->rule) - 1);
	text_harmless(arm->rule);
	for (int i = 0; i <= CONTROL_BUCKETS; i++)
		turns |= arm->bucket[i] = from->bucket[i];
	tally->arms += arm->connections || turns;
}

static void take(const struct control_tally *from, const struct inside *inside, struct tally *tally)
{
	tally->sockets = less(inside->flows, from->flows_before);
	tally->held = less(inside->held, from->held_before);
	tally->late = less(inside->late, from->late_before);
	tally->late_ns = less(inside->late_ns, from->late_ns_before);
	tally->refused = from->refused;
	for (int i = 0; i < CONTROL_ARMS; i++)
		if (i < 2 || from->arm[i].state == CONTROL_ARM_THERE)
			take_arm(&from->arm[i], i < 2 ? i == 1 : from->arm[i].bare != 0, tally);
	tally->known = true;
}

int tally_take(
	pid_t pid, const struct library *library, const struct inside *inside, struct tally *tally)
{
	struct control_tally *from;
	struct control_map map;
	int error = inside_map(pid, library, &map);

	memset(tally, 0, sizeof(*tally));
	if (error)
		return error;
	from = memory_take(1, sizeof(*from));
	if (map.tally && map.tally_size == sizeof(*from) && map.arm_size == sizeof(*from->arm))
		error = peek(pid, map.tally, from, sizeof(*from));
	take(from, inside, tally);
	tally->known = map.tally && !error;
	free(from);
	return error;
}
