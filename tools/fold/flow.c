/* Facts of one connection that are read off what was recorded of it. */
#include "tools/fold/fold.h"

uint32_t flow_mss(const struct flow_fold *flow)
{
	uint32_t mss = flow->connection->at_close.snd_mss;

	if (!mss)
		mss = flow->connection->at_connect.snd_mss;
	return mss ? mss : TRACE_SEGMENT;
}

uint64_t turn_took(const struct flow_fold *flow, const struct turn *turn)
{
	uint64_t end = turn->answered ? turn->answered : turn->end;

	if (turn->answered && !flow->serves && turn->data_end > end)
		end = turn->data_end;
	return since(turn->begin, end);
}
