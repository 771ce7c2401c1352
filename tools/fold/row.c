/* Rows of small writes close by within a turn, which are counted. */
#include "tools/fold/fold_parts.h"

#define ROW	 4u	 /* writes */
#define CLOSE_BY 200000u /* ns between two of them */

static bool is_small(const struct flow_fold *flow, const struct step *step)
{
	const uint32_t mss = flow_mss(flow); /* on loopback 64 KB */

	return step->writes && step->done > 0 &&
	       step->done < (mss < TRACE_SEGMENT ? mss : TRACE_SEGMENT) / 2;
}

static bool is_close_by(const struct row *row, const struct step *step)
{
	return !row->last || step->begin <= row->last || step->begin - row->last < CLOSE_BY;
}

void row_end(struct row *row, struct turn *turn)
{
	if (row->writes >= ROW) {
		turn->rows++;
		turn->row_writes += row->writes;
		turn->row_bytes += row->bytes;
	}
	*row = (struct row){0};
}

void row_step(
	struct row *row, const struct flow_fold *flow, const struct step *step, struct turn *turn)
{
	const bool small = is_small(flow, step);

	if (!small || !is_close_by(row, step))
		row_end(row, turn);
	if (small) {
		row->writes++;
		row->bytes += step->done;
	}
	row->last = step->end;
}
