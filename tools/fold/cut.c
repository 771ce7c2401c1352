/* Cuts a flow's steps into turns, as fold.h says, and times them. Every step is in exactly one
 * turn. Times may run backwards in damaged traces: no difference is taken without a look. */
#include <stdlib.h>

#include "tools/fold/fold_parts.h"
#include "tools/base/memory.h"

/* What is carried from step to step. */
struct cutting {
	struct folding *all;
	struct flow_fold *flow;
	struct turn now;
	struct turn before; /* a server's, of which the peer's next word is still to tell */
	bool open, waits;   /* there is such a one */
	uint32_t turns;	    /* that were begun */
	unsigned exchanges; /* turns with writes that are over */
	uint64_t rest;	    /* what the last write of `tid` left over */
	uint32_t tid;
	uint32_t writer;      /* the turn's, 0: nobody yet */
	uint32_t reader;      /* of the turn's first data */
	bool kept;	      /* the cork was still on then */
	uint64_t first_write; /* began */
	uint64_t last_read;   /* with data, returned; 0 after a write */
	uint64_t since_held;  /* bytes of the turn that were written since it was held */
	uint64_t first_begin; /* of the turn's steps */
	uint64_t last_end;    /* of the flow's steps */
	uint64_t turn_end;    /* of the turn before */
	bool held;	      /* the step before was, in this turn */
	bool spoken;	      /* there was data */
	struct row row;
	struct saying saying;
	struct probe *probe; /* the turn's */
	size_t probes;
	uint32_t retrans; /* so far, of the connection */
};

bool step_has_data(const struct step *step)
{
	return step->done > 0 && !step->error;
}

/* Whether this write is the rest of the one before; keeps cutting's rest up to date. */
static bool step_goes_on(const struct step *step, struct cutting *cutting)
{
	const bool goes_on =
		cutting->rest && step->asked == cutting->rest && step->tid == cutting->tid;

	cutting->rest = step->asked > step->done ? step->asked - step->done : 0;
	cutting->tid = step->tid;
	return goes_on;
}

static bool begins_turn(const struct cutting *cutting, const struct step *step)
{
	if (!cutting->open)
		return true;
	if (!step_has_data(step))
		return false;
	if (cutting->flow->serves)
		return !step->writes && cutting->now.writes;
	return step->writes && cutting->now.reads;
}

static void turn_begin(struct cutting *cutting, const struct step *step)
{
	cutting->now =
		(struct turn){.number = cutting->turns++, .first = (uint32_t)cutting->flow->steps};
	cutting->open = true;
	cutting->rest = 0;
	cutting->writer = 0;
	cutting->first_write = cutting->last_read = cutting->since_held = 0;
	cutting->first_begin = step->begin;
	cutting->held = false;
	cutting->row = (struct row){0};
	cutting->probes = 0;
	saying_begin(&cutting->saying);
}

/* Shorter times between two writes are not looked up. */
#define A_STAND UINT64_C(100000000) /* ns */

/* Between two writes of a turn the writer may have waited for a word that did not come. */
static void take_stand(struct cutting *cutting, const struct step *step)
{
	struct turn *turn = &cutting->now;
	const struct flow_fold *flow = cutting->flow;
	uint64_t stood;

	if (!turn->writes || since(turn->written, step->begin) < A_STAND)
		return;
	stood = spans_blocked(cutting->all->spans, flow->process, step->tid,
		flow->connection->number, turn->written, step->begin);
	if (stood > turn->stood) {
		turn->stood = stood;
		turn->stood_until = step->begin;
	}
}

static bool is_held(const struct cutting *cutting, const struct step *step)
{
	return step->flags & EVENT_PROVEN && !(cutting->flow->connection->wired & WIRED_NOT_OURS);
}

/* `held` is yet that of the writes before. */
static void take_filled(struct cutting *cutting, const struct step *step)
{
	struct turn *turn = &cutting->now;

	if (turn->held || is_held(cutting, step))
		cutting->since_held += step->done;
	turn->filled = cutting->since_held >= trace_mss(cutting->flow->connection) ||
		       (turn->more && step->done >= trace_mss(cutting->flow->connection));
}

static void add_write(struct cutting *cutting, const struct step *step)
{
	struct turn *turn = &cutting->now;

	take_stand(cutting, step);
	if (!step_goes_on(step, cutting))
		turn->writes++;
	turn->bytes_out += step->done;
	turn->written = step->end;
	turn->arm |= step->flags & (EVENT_BARE | EVENT_MENDED);
	turn->more = step->flags & (EVENT_MORE | EVENT_CORK);
	turn->corked = step->flags & EVENT_CORK;
	take_filled(cutting, step);
	if (is_held(cutting, step)) {
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

/* Where the wire was seen: for our ACK, and no other reason. */
static bool is_pause(const struct flow_fold *flow, const struct step *step)
{
	const unsigned wired = flow->connection->wired;

	return !wired || (step->flags & EVENT_PROVEN && !(wired & WIRED_NOT_THEIRS));
}

static void add_read(struct cutting *cutting, const struct step *step)
{
	struct turn *turn = &cutting->now;
	const struct flow_fold *flow = cutting->flow;

	if (!turn->reads++) {
		cutting->reader = step->tid;
		cutting->kept = step->flags & EVENT_CORK;
	}
	turn->bytes_in += step->done;
	if (cutting->last_read) {
		uint64_t pause = spans_blocked(cutting->all->spans, flow->process, step->tid,
			flow->connection->number, cutting->last_read, step->end);
		if (pause > turn->pause && is_pause(flow, step)) {
			turn->pause = pause;
			turn->paused_until = step->end;
		}
	} else if (!flow->serves) {
		turn->answered = step->end;
	}
	cutting->last_read = step->end;
}

/* ---- steps ---- */

/* Of a write, whatever became of it. */
static void sum_write(struct cutting *cutting, const struct step *step)
{
	struct turn *turn = &cutting->now;

	if (!step->done)
		return;
	turn->sent++;
	turn->tiny += step->done <= TINY;
	turn->last_write = step->done;
	turn->asked = trace_asks_about(cutting->flow->connection, step->flags, step->asked);
}

/* What the flow has of all its steps. */
static void sum_flow(struct cutting *cutting, const struct step *step)
{
	struct flow_fold *flow = cutting->flow;
	const uint64_t silence = since(cutting->last_end, step->end);
	const uint64_t held =
		cutting->held ? since(cutting->last_end, step->writes ? step->begin : step->end)
			      : 0;

	flow->silence = silence > flow->silence ? silence : flow->silence;
	if (held > flow->held_longest) {
		flow->held_longest = held;
		flow->held_turn = cutting->now.number;
	}
	if (step->fed) {
		flow->fed++;
		flow->fed_bytes += step->done;
		flow->fed_turn = cutting->now.number;
	}
	flow->sends_more = flow->sends_more || step->flags & EVENT_MORE;
	cutting->held = step->flags & EVENT_HELD;
	cutting->last_end = step->end;
	flow->steps++;
}

static void add_step(struct cutting *cutting, const struct step *step)
{
	struct turn *turn = &cutting->now;

	turn->steps++;
	if (step_has_data(step)) {
		if (!turn->begin)
			turn->begin =
				cutting->flow->serves && !step->writes ? step->end : step->begin;
		if (step->writes)
			add_write(cutting, step);
		else
			add_read(cutting, step);
		turn->data_end = step->end;
		saying_step(&cutting->saying, step);
	}
	if (step->writes)
		sum_write(cutting, step);
	else if (step->error)
		turn->polled = true;
	row_step(&cutting->row, cutting->flow, step, turn);
	if (step_has_data(step) || !step->error)
		turn->end = step->end;
	sum_flow(cutting, step);
}

static uint64_t most(uint64_t one, uint64_t other)
{
	return one > other ? one : other;
}

static void sum_turn(struct turn_sums *sums, const struct turn *turn)
{
	if (!sums->begin || turn->begin < sums->begin)
		sums->begin = turn->begin;
	sums->end = most(sums->end, turn->end);
	sums->took += turn->end > turn->begin ? turn->end - turn->begin : 0;
	sums->written += turn->writes > 0;
	sums->single += turn->writes == 1;
	sums->rows += turn->rows;
	sums->tiny += turn->tiny;
	sums->pause = most(sums->pause, turn->pause);
	sums->stood = most(sums->stood, turn->stood);
	sums->retrans = sums->retrans || turn->retrans;
	sums->untold = sums->untold || (turn->proven && !turn->left);
}

static void turn_emit(struct cutting *cutting, const struct turn *turn)
{
	sum_turn(&cutting->flow->sums, turn);
	phrases_count(cutting->all->phrases, turn);
	store_add(cutting->flow, turn);
}

/* What the turn waited for its answer, which that thread read. */
static void take_wait(struct cutting *cutting, uint32_t reader)
{
	const struct flow_fold *flow = cutting->flow;
	struct turn *turn = &cutting->now;

	turn->wait = since(turn->written, turn->answered);
	turn->blocked = spans_blocked(cutting->all->spans, flow->process, reader,
		flow->connection->number, turn->written, turn->answered);
}

/* The turn is over; the step begins the next one, NULL: there is none. */
static void turn_finish(struct cutting *cutting, const struct step *next)
{
	struct flow_fold *flow = cutting->flow;
	struct turn *turn = &cutting->now;
	const bool answered = flow->serves ? next != NULL : turn->reads > 0;
	const bool kept = answered && (flow->serves ? next->flags & EVENT_CORK : cutting->kept);

	if (flow->serves)
		turn->answered = next && turn->writes ? next->end : 0;
	else if (turn->number)
		turn->think = since(cutting->turn_end, turn->begin);
	if (!turn->begin) /* nothing but failed calls */
		turn->begin = cutting->first_begin;
	if (!turn->end)
		turn->end = cutting->last_end;
	/* a cork that was taken off has kept nothing back */
	if (turn->corked && !kept)
		turn->more = turn->corked = false;
	if (turn->writes && answered)
		take_wait(cutting, flow->serves ? next->tid : cutting->reader);
	if (turn->writes)
		turn->early = cutting->exchanges++ < 2;
	row_end(&cutting->row, turn);
	saying_end(&cutting->saying);
	turn->signature = phrases_number(cutting->all->phrases, flow, &cutting->saying);
	cutting->turn_end = turn->end;
}

/* A server's turn is over when the client speaks again, which begins the next one: what the kernel
 * says then is of the turn before. */
static void turn_close(struct cutting *cutting, const struct step *next)
{
	const bool serves = cutting->flow->serves;
	struct turn *asks = serves ? cutting->waits ? &cutting->before : NULL : &cutting->now;

	turn_finish(cutting, next);
	probes_judge(cutting->probe, cutting->probes, &cutting->now, asks, &cutting->retrans);
	if (cutting->waits)
		turn_emit(cutting, &cutting->before);
	cutting->waits = serves && next;
	if (cutting->waits)
		cutting->before = cutting->now;
	else
		turn_emit(cutting, &cutting->now);
}

/* ---- the flow ---- */

void cut_step(struct cutting *cutting, const struct step *step)
{
	struct flow_fold *flow = cutting->flow;

	/* Where the peer's first word comes before ours. */
	if (!cutting->spoken && step_has_data(step)) {
		cutting->spoken = true;
		flow->serves = flow->serves ||
			       (flow->connection->role == ROLE_OF_UNKNOWN && !step->writes);
	}
	if (begins_turn(cutting, step)) {
		if (cutting->open)
			turn_close(cutting, step);
		turn_begin(cutting, step);
	}
	add_step(cutting, step);
}

void cut_probe(struct cutting *cutting, const struct step *step)
{
	const struct probe probe = {step->begin, step->asked, step->done};

	if (!cutting->open) {
		probes_judge(&probe, 1, NULL, NULL, &cutting->retrans);
		return;
	}
	cutting->probe = memory_grow(cutting->probe, cutting->probes, sizeof(probe));
	cutting->probe[cutting->probes++] = probe;
}

struct cutting *cut_begin(struct folding *all, struct flow_fold *flow)
{
	const struct trace_tcp *tcp = &flow->connection->at_connect;
	struct cutting *cutting = memory_take(1, sizeof(*cutting));

	cutting->all = all;
	cutting->flow = flow;
	cutting->retrans = tcp->taken ? tcp->total_retrans : 0;
	return cutting;
}

void cut_end(struct cutting *cutting)
{
	if (cutting->open)
		turn_close(cutting, NULL);
	cutting->flow->turns = cutting->turns;
	store_end(cutting->flow);
	saying_free(&cutting->saying);
	free(cutting->probe);
	free(cutting);
}
