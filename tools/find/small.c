/* Many small writes that nobody answers in between: segments (N03) and calls (N05) that need not
 * be. Costs CPU and packets, not waiting, so its seconds are only possible ones. */

#include "tools/find/judge.h"

#define MANY	 100
#define WRITE_NS UINT64_C(700) /* a system call on a socket that sends nothing */
#define SEGMENT_NS                                                                                 \
	UINT64_C(2000) /* sending, taking and acknowledging one, both ends of loopback             \
			*/

struct small {
	uint64_t writes, bytes, trains, tiny, all_writes;
};

static void count_turn(const struct turn *turn, struct small *small)
{
	small->all_writes += turn->sent;
	small->tiny += turn->tiny;
	small->trains += turn->rows;
	small->writes += turn->row_writes;
	small->bytes += turn->row_bytes;
}

static uint64_t segments_saved(const struct flow_fold *flow, const struct small *small)
{
	uint64_t sent = flow->connection->at_close.data_segs_out;
	uint64_t rest = small->all_writes - small->writes;
	uint64_t needed = small->bytes / flow_mss(flow) + small->trains + rest;

	return sent > needed ? sent - needed : 0;
}

static void report(struct judge *judge, const char *code, uint32_t e, const struct small *small,
	uint64_t saved)
{
	struct finding *finding = judge_add(judge, code, e, NULL);
	bool tiny = code[2] == '5';

	finding->sure = SURE_POSSIBLE;
	finding->hits = tiny ? small->tiny : small->writes;
	finding->of = small->all_writes;
	finding->saved_segments = saved;
	finding->lost_high = saved * SEGMENT_NS + (tiny ? small->tiny * WRITE_NS : 0);
	finding->minor = finding->lost_high * 100 < judge->fold->split.wall && saved < 1000;
	if (tiny)
		finding_put(finding, what, "writes of %u bytes and less: %llu of %llu", TINY,
			(unsigned long long)small->tiny, (unsigned long long)small->all_writes);
	else
		finding_put(finding, what,
			"%llu small writes in a row, about %llu bytes each: %llu segments too many",
			(unsigned long long)small->writes,
			(unsigned long long)(small->bytes / small->writes),
			(unsigned long long)saved);
	finding_put(finding, how,
		"segments that were sent less those that the bytes need, at %llu ns each: CPU, not "
		"waiting",
		(unsigned long long)SEGMENT_NS);
	mend_small(judge, finding);
}

static bool has_small(const struct fold *fold, uint32_t e)
{
	for_each_flow (flow, fold, e)
		if (flow->sums.rows || flow->sums.tiny)
			return true;
	return false;
}

void find_small(struct judge *judge)
{
	const struct fold *fold = judge->fold;

	for (uint32_t e = 0; e < fold->endpoints; e++) {
		struct small small = {0};
		uint64_t saved = 0;

		if (!has_small(fold, e))
			continue;
		for_each_flow (flow, fold, e) {
			struct small own = {0};

			for (size_t t = 0; t < flow->turns; t++)
				if (!parts_taken(judge, flow, t))
					count_turn(turn_at(flow, t), &own);
			small.writes += own.writes;
			small.bytes += own.bytes;
			small.trains += own.trains;
			small.tiny += own.tiny;
			small.all_writes += own.all_writes;
			saved += own.writes ? segments_saved(flow, &own) : 0;
		}
		if (small.tiny >= MANY && small.tiny * 2 > small.all_writes)
			report(judge, "N05", e, &small, saved);
		else if (small.writes >= MANY && saved * 4 >= small.writes / 10)
			report(judge, "N03", e, &small, saved);
	}
}
