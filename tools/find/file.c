/* A file read and written to a socket, piece by piece (F01), where sendfile(2) would do without
 * touching the bytes. The pairs come from the recording: a read whose bytes the next write sent. */
#include <stdio.h>

#include "tools/find/judge.h"

#define PAIRS 64
#define BYTES (UINT64_C(4) << 20)
/* What a copied byte costs beyond sendfile's: 1 GiB in 8 KB pieces took 0.4 s longer on loopback.
 */
#define COPY_PS 370

void find_file(struct judge *judge)
{
	const struct fold *fold = judge->fold;

	for (uint32_t e = 0; e < fold->endpoints; e++) {
		uint64_t pairs = 0, bytes = 0;
		const struct flow_fold *typical = NULL;
		const struct turn *turn = NULL;
		struct finding *finding;

		for (size_t f = 0; f < fold->flows; f++) {
			const struct flow_fold *flow = &fold->flow[f];

			for (size_t t = 0; flow->endpoint == e && t < flow->turns; t++)
				for (size_t s = 0; s < flow->turn[t].steps; s++) {
					const struct step *step =
						&flow->step[flow->turn[t].first + s];

					if (!step->file_read)
						continue;
					pairs++;
					bytes += step->done;
					typical = flow;
					turn = &flow->turn[t];
				}
		}
		if (pairs < PAIRS || bytes < BYTES)
			continue;
		finding = judge_add(judge, "F01", e, NULL);
		finding->sure = SURE_POSSIBLE;
		finding->fix = FIX_APP;
		finding->hits = finding->of = pairs;
		finding->flow = typical;
		finding->turn = turn;
		finding->lost_high = bytes * COPY_PS / 1000;
		finding->saved_calls = 2 * pairs - bytes / (UINT64_C(1) << 30) - 1;
		finding->minor = finding->lost_high * 100 < fold->split.wall;
		snprintf(finding->what, sizeof(finding->what),
			"reads a file and sends it, %llu KB at a time: %.1f MB",
			(unsigned long long)(bytes / pairs / 1024), (double)bytes / 1e6);
		snprintf(finding->how, sizeof(finding->how),
			"%.1f MB at %.2f ns a byte, what the copies cost over sendfile() on "
			"loopback; sendfile saves %llu calls",
			(double)bytes / 1e6, COPY_PS / 1000.0,
			(unsigned long long)finding->saved_calls);
		snprintf(finding->no_rule, sizeof(finding->no_rule),
			"no rule does without the copy: the program should use sendfile()");
		mend_endpoint(&finding->second, judge, finding,
			"coalesce = \"buffer\"; accept_loss = true; coalesce_limit = \"256K\";",
			false);
		snprintf(finding->second_price, sizeof(finding->second_price),
			"saves a part of the calls; what is collected is lost if a signal kills "
			"the "
			"program");
	}
}
