/* Many small writes that nobody answers in between: segments (N03) and calls (N05) that need not
 * be. Costs CPU and packets, not waiting, so its seconds are only possible ones. */
#include <stdio.h>

#include "tools/find/judge.h"

#define TRAIN	 4	    /* writes in a row */
#define CLOSE_BY (200 * US) /* between two of them */
#define ETHERNET 1448u	    /* a full segment on most paths; loopback has 64 KB */
#define MANY	 100
#define TINY	 4	       /* bytes */
#define WRITE_NS UINT64_C(700) /* a system call on a socket that sends nothing */
#define SEGMENT_NS                                                                                 \
	UINT64_C(2000) /* sending, taking and acknowledging one, both ends of loopback             \
			*/

struct small {
	uint64_t writes, bytes, trains, tiny, all_writes;
};

static bool is_small(const struct step *step, uint32_t mss)
{
	return step->writes && step->done > 0 && step->done < (mss < ETHERNET ? mss : ETHERNET) / 2;
}

/* Writes of trains: at least TRAIN small ones close by. */
static void count_turn(
	const struct flow_fold *flow, const struct turn *turn, uint32_t mss, struct small *small)
{
	uint64_t run = 0, bytes = 0, last = 0;

	for (size_t s = 0; s <= turn->steps; s++) {
		const struct step *step = s < turn->steps ? &flow->step[turn->first + s] : NULL;
		bool goes_on = step && is_small(step, mss) &&
			       (run == 0 || beyond(step->begin, last) < CLOSE_BY);

		if (step && step->writes && step->done > 0) {
			small->all_writes++;
			small->tiny += step->done <= TINY;
		}
		if (goes_on) {
			run++;
			bytes += step->done;
			last = step->end;
			continue;
		}
		if (run >= TRAIN) {
			small->trains++;
			small->writes += run;
			small->bytes += bytes;
		}
		run = step && is_small(step, mss);
		bytes = run ? step->done : 0;
		last = step ? step->end : 0;
	}
}

static uint64_t segments_saved(const struct flow_fold *flow, const struct small *small)
{
	uint64_t sent = flow->connection->at_close.data_segs_out;
	uint64_t rest = small->all_writes - small->writes;
	uint64_t needed = small->bytes / mss_of(flow) + small->trains + rest;

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
		snprintf(finding->what, sizeof(finding->what),
			"writes of %d bytes and less: %llu of %llu", TINY,
			(unsigned long long)small->tiny, (unsigned long long)small->all_writes);
	else
		snprintf(finding->what, sizeof(finding->what),
			"%llu small writes in a row, about %llu bytes each: %llu segments too many",
			(unsigned long long)small->writes,
			(unsigned long long)(small->bytes / small->writes),
			(unsigned long long)saved);
	snprintf(finding->how, sizeof(finding->how),
		"segments that were sent less those that the bytes need, at %llu ns each: CPU, not "
		"waiting",
		(unsigned long long)SEGMENT_NS);
	mend_small(judge, finding);
}

void find_small(struct judge *judge)
{
	const struct fold *fold = judge->fold;

	for (uint32_t e = 0; e < fold->endpoints; e++) {
		struct small small = {0};
		uint64_t saved = 0;

		for (size_t f = 0; f < fold->flows; f++) {
			const struct flow_fold *flow = &fold->flow[f];
			struct small own = {0};

			for (size_t t = 0; flow->endpoint == e && t < flow->turns; t++)
				if (!judge->taken[f][t])
					count_turn(flow, &flow->turn[t], mss_of(flow), &own);
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
