/* A file read and written to a socket, piece by piece (F01), where sendfile(2) would do without
 * touching the bytes. The pairs come from the recording: a read whose bytes the next write sent. */

#include "tools/base/plural.h"
#include "tools/find/judge.h"

#define PAIRS 64
#define BYTES (UINT64_C(4) << 20)
/* What a copied byte costs beyond sendfile's: 1 GiB in 8 KB pieces took 0.4 s longer on loopback.
 */
#define COPY_PS 370

struct copies {
	uint64_t pairs, bytes;
	const struct flow_fold *flow; /* one of those that copy */
};

static void count_flow(const struct flow_fold *flow, struct copies *copies)
{
	if (!flow->fed)
		return;
	copies->pairs += flow->fed;
	copies->bytes += flow->fed_bytes;
	copies->flow = flow;
}

static void report(struct judge *judge, uint32_t e, const struct copies *copies)
{
	struct finding *finding = judge_add(judge, "F01", e, NULL);
	double megabytes = (double)copies->bytes / 1e6;

	finding->sure = SURE_POSSIBLE;
	finding->fix = FIX_APP;
	finding->hits = finding->of = copies->pairs;
	finding->flow = copies->flow;
	finding->turn = *turn_at(copies->flow, copies->flow->fed_turn);
	finding->lost_high = copies->bytes * COPY_PS / 1000;
	finding->saved_calls = 2 * copies->pairs - copies->bytes / (UINT64_C(1) << 30) - 1;
	finding->minor = finding->lost_high * 100 < judge->fold->split.wall;
	finding_put(finding, what, "reads a file and sends it, %llu KB at a time: %.1f MB",
		(unsigned long long)(copies->bytes / copies->pairs / 1024), megabytes);
	finding_put(finding, how,
		"%.1f MB at %.2f ns a byte, what the copies cost over sendfile() on loopback; "
		"sendfile saves %llu call%s",
		megabytes, COPY_PS / 1000.0, (unsigned long long)finding->saved_calls,
		plural(finding->saved_calls));
	finding_put(finding, no_rule,
		"no rule does without the copy: the program should use sendfile()");
	if (never_joined(judge, e))
		return;
	mend_endpoint(&finding->second, judge, finding,
		"coalesce = \"buffer\"; accept_loss = true; coalesce_limit = \"256K\";", false);
	finding_put(finding, second_price,
		"saves a part of the calls; what is collected is lost if a signal kills the "
		"program");
}

void find_file(struct judge *judge)
{
	const struct fold *fold = judge->fold;

	for (uint32_t e = 0; e < fold->endpoints; e++) {
		struct copies copies = {0};

		for_each_flow (flow, fold, e)
			count_flow(flow, &copies);
		if (copies.pairs >= PAIRS && copies.bytes >= BYTES)
			report(judge, e, &copies);
	}
}
