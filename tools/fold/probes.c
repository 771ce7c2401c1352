/* What the kernel said of a turn, by the notes that the library took behind reads: the segments
 * that were sent again in it, and when bytes that were held back left. Without a note a turn has
 * neither, whatever happened. */
#include "tools/fold/fold_parts.h"

/* Of the kernel's clock at most (CONFIG_HZ=100), ns. */
#define TICK UINT64_C(10000000)

/* The notes of two threads may stand the other way round. */
static void take_retrans(struct turn *turn, const struct probe *probe, uint32_t *total)
{
	if (probe->total <= *total)
		return;
	if (turn)
		turn->retrans += probe->total - *total;
	*total = probe->total;
}

/* What another thread has sent since the answer came says nothing of this turn. */
static void take_left(struct turn *turn, const struct probe *probe)
{
	const uint64_t silent = UINT64_C(1000000) * probe->silent;
	const uint64_t left = probe->time > silent ? probe->time - silent : 1;

	if ((turn->proven || turn->more) && !turn->filled && !turn->left && turn->answered &&
		left <= turn->answered + TICK)
		turn->left = left;
}

void probes_judge(const struct probe *probe, size_t probes, struct turn *turn, struct turn *asks,
	uint32_t *total)
{
	for (size_t i = 0; i < probes; i++) {
		/* The first turn may begin with calls that failed, and count from later on. */
		const bool before = !turn || (!turn->number && probe[i].time < turn->begin);

		take_retrans(before ? NULL : turn, &probe[i], total);
		if (asks && !before)
			take_left(asks, &probe[i]);
	}
}
