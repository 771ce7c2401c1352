/* Cuts a flow's steps into turns, as fold.h says, and times them. Every step is in exactly one
 * turn. Times may run backwards in damaged traces: no difference is taken without a look. */
#include <stdlib.h>
#include <string.h>

#include "tools/trace/fold_parts.h"
#include "tools/trace/memory.h"

static uint64_t since(uint64_t from, uint64_t to)
{
	return from && to > from ? to - from : 0;
}

bool step_has_data(const struct step *step)
{
	return step->done > 0 && !step->error;
}

bool step_goes_on(const struct step *step, struct piece_cursor *cursor)
{
	const bool goes_on =
		cursor->rest && step->asked == cursor->rest && step->tid == cursor->tid;

	cursor->rest = step->asked > step->done ? step->asked - step->done : 0;
	cursor->tid = step->tid;
	return goes_on;
}

bool piece_next(
	const struct flow_fold *flow, size_t end, struct piece_cursor *cursor, struct piece *piece)
{
	bool found = false;

	for (; cursor->step < end; cursor->step++) {
		const struct step *step = &flow->step[cursor->step];
		if (!step_has_data(step))
			continue;
		if (found && (!step->writes || !piece->writes || step->asked != cursor->rest ||
				     step->tid != cursor->tid))
			return true;
		if (!found)
			*piece = (struct piece){.writes = step->writes};
		found = true;
		piece->bytes += step->done;
		if (step->writes)
			step_goes_on(step, cursor);
		else
			cursor->rest = 0;
		if (!cursor->rest) {
			cursor->step++;
			return true;
		}
	}
	return found;
}

/* What is carried from step to step. */
struct cutting {
	struct flow_fold *flow;
	struct turn *turn;	    /* the current one, NULL before the first step */
	struct piece_cursor cursor; /* for partial writes */
	uint32_t writer;	    /* the turn's, 0: nobody yet */
	uint64_t first_write;	    /* began */
	uint64_t last_read;	    /* with data, returned; 0 after a write */
	uint64_t since_held;	    /* bytes of the turn that were written since it was held */
};

static bool begins_turn(const struct cutting *cutting, const struct step *step)
{
	if (!cutting->turn)
		return true;
	if (!step_has_data(step))
		return false;
	if (cutting->flow->serves)
		return !step->writes && cutting->turn->writes;
	return step->writes && cutting->turn->reads;
}

static void turn_begin(struct cutting *cutting, size_t step)
{
	struct flow_fold *flow = cutting->flow;

	flow->turn = memory_grow(flow->turn, flow->turns, sizeof(*flow->turn));
	cutting->turn = &flow->turn[flow->turns++];
	*cutting->turn = (struct turn){.first = (uint32_t)step};
	cutting->cursor.rest = 0;
	cutting->writer = 0;
	cutting->first_write = cutting->last_read = cutting->since_held = 0;
}

/* Shorter times between two writes are not looked up. */
#define A_STAND UINT64_C(100000000) /* ns */

/* Between two writes of a turn the writer may have waited for a word that did not come. */
static void take_stand(struct cutting *cutting, const struct step *step, const struct spans *spans)
{
	struct turn *turn = cutting->turn;
	const struct flow_fold *flow = cutting->flow;
	uint64_t stood;

	if (!turn->writes || since(turn->written, step->begin) < A_STAND)
		return;
	stood = spans_blocked(spans, flow->process, step->tid, flow->connection->number,
		turn->written, step->begin);
	if (stood > turn->stood) {
		turn->stood = stood;
		turn->stood_until = step->begin;
	}
}

uint32_t flow_segment(const struct flow_fold *flow)
{
	return flow->connection->at_connect.snd_mss ? flow->connection->at_connect.snd_mss : 1448;
}

/* `held` is yet that of the writes before. */
static void take_filled(struct cutting *cutting, const struct step *step)
{
	struct turn *turn = cutting->turn;

	if (turn->held || step->flags & EVENT_PROVEN)
		cutting->since_held += step->done;
	turn->filled = cutting->since_held >= flow_segment(cutting->flow) ||
		       (turn->more && step->done >= flow_segment(cutting->flow));
}

static void add_write(struct cutting *cutting, const struct step *step, const struct spans *spans)
{
	struct turn *turn = cutting->turn;

	take_stand(cutting, step, spans);
	if (!step_goes_on(step, &cutting->cursor))
		turn->writes++;
	turn->bytes_out += step->done;
	turn->written = step->end;
	turn->arm |= step->flags & (EVENT_BARE | EVENT_MENDED);
	turn->more = step->flags & (EVENT_MORE | EVENT_CORK);
	turn->corked = step->flags & EVENT_CORK;
	take_filled(cutting, step);
	if (step->flags & EVENT_PROVEN) {
		turn->proven = true;
		if (!turn->held)
			turn->held = step->end;
	}
	if (!cutting->first_write) {
		cutting->first_write = step->begin;
		if (cutting->flow->serves)
			turn->think = since(cutting->last_read, step->begin);
	}
	if (cutting->writer && cutting->writer != step->tid)
		turn->mixed = true;
	cutting->writer = step->tid;
	cutting->last_read = 0;
}

static void add_read(struct cutting *cutting, const struct step *step, const struct spans *spans)
{
	struct turn *turn = cutting->turn;
	const struct flow_fold *flow = cutting->flow;

	turn->reads++;
	turn->bytes_in += step->done;
	if (cutting->last_read) {
		uint64_t pause = spans_blocked(spans, flow->process, step->tid,
			flow->connection->number, cutting->last_read, step->end);
		if (pause > turn->pause) {
			turn->pause = pause;
			turn->paused = (uint32_t)(step - flow->step);
		}
	} else if (!flow->serves) {
		turn->answered = step->end;
	}
	cutting->last_read = step->end;
}

static void add_step(struct cutting *cutting, const struct step *step, const struct spans *spans)
{
	struct turn *turn = cutting->turn;

	turn->steps++;
	if (step_has_data(step)) {
		if (!turn->begin)
			turn->begin =
				cutting->flow->serves && !step->writes ? step->end : step->begin;
		if (step->writes)
			add_write(cutting, step, spans);
		else
			add_read(cutting, step, spans);
	}
	if (step_has_data(step) || !step->error)
		turn->end = step->end;
}

/* The first read with data of the turn. */
static const struct step *first_read(const struct flow_fold *flow, const struct turn *turn)
{
	for (size_t i = turn->first; i < turn->first + turn->steps; i++)
		if (!flow->step[i].writes && step_has_data(&flow->step[i]))
			return &flow->step[i];
	return NULL;
}

/* What can only be said when the turn and the one behind it are cut. */
static void turn_finish(struct flow_fold *flow, size_t index, const struct spans *spans)
{
	struct turn *turn = &flow->turn[index], *next = turn + 1;
	const struct step *answer = first_read(flow, turn);

	if (flow->serves) {
		answer = index + 1 < flow->turns ? first_read(flow, next) : NULL;
		turn->answered = answer && turn->writes ? answer->end : 0;
	} else if (index) {
		turn->think = since(turn[-1].end, turn->begin);
	}
	if (!turn->begin) /* nothing but failed calls */
		turn->begin = flow->step[turn->first].begin;
	if (!turn->end)
		turn->end = flow->step[turn->first + turn->steps - 1].end;
	/* a cork that was taken off has kept nothing back */
	if (turn->corked && !(answer && answer->flags & EVENT_CORK))
		turn->more = turn->corked = false;
	if (!turn->writes || !answer)
		return;
	turn->wait = since(turn->written, turn->answered);
	turn->blocked = spans_blocked(spans, flow->process, answer->tid, flow->connection->number,
		turn->written, turn->answered);
}

uint64_t turn_took(const struct flow_fold *flow, const struct turn *turn)
{
	uint64_t end = turn->answered ? turn->answered : turn->end;

	for (size_t i = turn->steps; turn->answered && !flow->serves && i-- > 0;) {
		const struct step *step = &flow->step[turn->first + i];
		if (!step_has_data(step))
			continue;
		end = step->end > end ? step->end : end;
		break;
	}
	return since(turn->begin, end);
}

/* Where the peer's first word comes before ours. */
static bool peer_begins(const struct flow_fold *flow)
{
	for (size_t i = 0; i < flow->steps; i++)
		if (step_has_data(&flow->step[i]))
			return !flow->step[i].writes;
	return false;
}

void turns_take(struct flow_fold *flow, const struct spans *spans)
{
	struct cutting cutting = {.flow = flow};
	unsigned exchanges = 0;

	flow->serves = flow->connection->role == ROLE_OF_SERVER ||
		       (flow->connection->role == ROLE_OF_UNKNOWN && peer_begins(flow));
	for (size_t i = 0; i < flow->steps; i++) {
		if (begins_turn(&cutting, &flow->step[i]))
			turn_begin(&cutting, i);
		add_step(&cutting, &flow->step[i], spans);
	}
	flow->turn = memory_fit(flow->turn, flow->turns, sizeof(*flow->turn));
	for (size_t i = 0; i < flow->turns; i++) {
		turn_finish(flow, i, spans);
		if (flow->turn[i].writes)
			flow->turn[i].early = exchanges++ < 2;
	}
}
