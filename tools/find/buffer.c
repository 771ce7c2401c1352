/* Buffers: our own send buffer (S01), the peer's window (S02), a receive buffer that the program
 * has fixed (S03), by the kernel's own clocks; and options set again and again (S11). */
#include <netinet/in.h>
#include <netinet/tcp.h>

#include "rules/option.h"
#include "tools/base/plural.h"
#include "tools/find/judge.h"
#include "tools/read/events.h"

#define SHARE	       5		 /* one part in so many of the time that it sends */
#define BUSY	       UINT64_C(100000)	 /* us of sending that are worth a look */
#define BULK	       UINT64_C(1000000) /* bytes received */
#define LOCKED_SEND    1		 /* SO_BUF_LOCK, include/uapi/linux/socket.h */
#define LOCKED_RECEIVE 2
#define REPEATS	       100

/* The program has switched the kernel's tuning off. */
static bool is_fixed(const struct flow_fold *flow, int option, int lock)
{
	int locked = flow->connection->options.buf_lock;

	return theirs(flow, option) || (locked > 0 && locked & lock);
}

/* What that many bytes take at least from a connection that nothing limits: the first 10 segments
 * are one round trip's (RFC 6928), each further one lets through twice as many. */
static uint64_t least_time(const struct flow_fold *flow, uint64_t bytes, uint64_t rtt)
{
	uint64_t window = UINT64_C(10) * flow_mss(flow), ns = rtt;

	for (; bytes > window; ns += rtt) {
		bytes -= window;
		window *= 2;
	}
	return ns;
}

/* Connections that spent a fifth and more of their sending so; and of those of a limit of our own,
 * such as have fixed their buffer. */
static bool is_limited(const struct flow_fold *flow, bool own)
{
	const struct trace_tcp *tcp = &flow->connection->at_close;
	const uint64_t us = own ? tcp->sndbuf_limited_us : tcp->rwnd_limited_us;

	return tcp->busy_us >= BUSY && us * SHARE >= tcp->busy_us &&
	       (!own || is_fixed(flow, OPTION_SO_SNDBUF, LOCKED_SEND));
}

/* hit.lost: the kernel's own clock of it, which counts from before where the connection was there
 * before. */
static void tally_limits(const struct judge *judge, uint32_t e, bool own, struct tally *tally)
{
	const struct fold *fold = judge->fold;

	for_each_flow (flow, fold, e) {
		const struct trace_tcp *tcp = &flow->connection->at_close;
		const uint64_t us = own ? tcp->sndbuf_limited_us : tcp->rwnd_limited_us;
		const uint64_t ns = least(us * US, fold->split.wall);

		if (flow->connection->role == ROLE_OF_LISTENER)
			continue;
		tally->of++;
		if (is_limited(flow, own))
			tally_hit(tally, (struct hit){flow, NO_TURN, ns, ns, 0, true});
	}
}

/* What a larger buffer could save at most: all the time that it had bytes under way, but for what
 * these take anyway. The clock of the limit stops while the path, too, is full. */
static uint64_t could_save(const struct judge *judge, const struct tally *tally)
{
	struct hits hits = {.tally = tally};
	uint64_t sum = 0;

	while (hits_next(&hits)) {
		const struct flow_fold *flow = hits.hit.flow;
		const struct trace_tcp *tcp = &flow->connection->at_close;
		const uint64_t busy = least(tcp->busy_us * US, judge->fold->split.wall);

		sum += beyond(busy, least_time(flow, tcp->bytes_acked,
					    judge->fold->endpoint[flow->endpoint].min_rtt));
	}
	return least(sum, judge->fold->split.wall);
}

static void find_own_limit(struct judge *judge, uint32_t e)
{
	struct tally tally = {0};
	struct finding *finding;
	uint64_t most;

	tally_limits(judge, e, true, &tally);
	if (tally.hits > 0) {
		finding = judge_add(judge, "S01", e, &tally);
		most = could_save(judge, &tally);
		if (most > finding->lost_low) {
			finding->sure = SURE_LIKELY;
			finding->lost_high = most;
		}
		finding->minor = finding->lost_high * 100 < judge->fold->split.wall;
		finding->fix = FIX_RULE;
		finding_put(finding, what,
			"waits for room in the send buffer that it has fixed: %llu of %llu "
			"connection%s",
			(unsigned long long)tally.hits, (unsigned long long)tally.of,
			plural(tally.of));
		judge_how(judge, finding, &tally,
			"the kernel's own clock of it (tcpi_sndbuf_limited), to all the time that "
			"bytes were under way (tcpi_busy_time) less the round trips that they "
			"need");
		mend_endpoint(&finding->mend, judge, finding, "so_sndbuf = \"auto\";", true);
		judge_stalled(judge, finding, &tally);
	}
	tally_free(&tally);
}

static void find_peers_limit(struct judge *judge, uint32_t e)
{
	struct tally tally = {0};
	struct finding *finding;

	tally_limits(judge, e, false, &tally);
	if (tally.hits > 0) {
		finding = judge_add(judge, "S02", e, &tally);
		finding->minor = finding->lost_high * 100 < judge->fold->split.wall;
		finding->fix = FIX_PEER;
		finding_put(finding, what, "the peer reads too slowly: %llu of %llu connection%s",
			(unsigned long long)tally.hits, (unsigned long long)tally.of,
			plural(tally.of));
		judge_how(
			judge, finding, &tally, "the kernel's own clock of it (tcpi_rwnd_limited)");
		finding_put(finding, no_rule,
			"no rule of this side mends it: the peer, or its receive buffer, is the "
			"limit");
	}
	tally_free(&tally);
}

static void find_fixed_receive(struct judge *judge, uint32_t e)
{
	const struct fold *fold = judge->fold;
	struct tally tally = {0};
	struct finding *finding;

	for_each_flow (flow, fold, e) {
		const struct trace_connection *c = flow->connection;
		bool fixed = is_fixed(flow, OPTION_SO_RCVBUF, LOCKED_RECEIVE);
		uint64_t life = life_of(flow), rtt = fold->endpoint[e].min_rtt, window;

		if (!fixed || c->at_close.bytes_received < BULK || !rtt)
			continue;
		tally.of++;
		window = c->options.rcvbuf > 0 ? (uint64_t)c->options.rcvbuf / 2 : 0;
		/* What one window a round trip allows is what came, or nearly. */
		if (window && (double)c->at_close.bytes_received * (double)rtt * 2 >
				      (double)window * (double)life)
			tally_hit(&tally,
				(struct hit){flow, NO_TURN, life,
					beyond(life,
						least_time(flow, c->at_close.bytes_received, rtt)),
					0, false});
	}
	if (tally.hits > 0) {
		finding = judge_add(judge, "S03", e, &tally);
		finding->sure = SURE_POSSIBLE;
		finding->lost_low = 0;
		finding->fix = FIX_RULE;
		finding_put(finding, what,
			"SO_RCVBUF is fixed by the program, and a limit: %llu connection%s",
			(unsigned long long)tally.hits, plural(tally.hits));
		judge_how(judge, finding, &tally,
			"what came is what one such window a round trip lets through: the "
			"connections' time, less the round trips that the bytes need anyway");
		mend_endpoint(&finding->mend, judge, finding, "so_rcvbuf = \"auto\";", true);
	}
	tally_free(&tally);
}

/* The last value of each option of a connection, for as many as a loop may set. */
#define REMEMBERED 16

/* Whether that option has that value already; remembers it. */
static bool is_repeated(
	struct trace_event last[REMEMBERED], size_t *next, const struct trace_event *event)
{
	for (size_t i = 0; i < REMEMBERED; i++)
		if (last[i].call && last[i].flow == event->flow && last[i].asked == event->asked) {
			const bool same = last[i].done == event->done;

			last[i].done = event->done;
			return same;
		}
	last[(*next)++ % REMEMBERED] = *event;
	return false;
}

/* The kernel forgets TCP_QUICKACK by itself (tcp(7)): who wants it must set it again. */
static bool is_forgotten(const struct trace_event *event)
{
	return event->asked == (IPPROTO_TCP << 16 | TCP_QUICKACK);
}

/* The same value of the same option of the same connection, set again. Returns the time of these
 * calls. */
static uint64_t tally_repeats(
	const struct run_process *process, const struct run_thread *thread, struct tally *tally)
{
	struct trace_event last[REMEMBERED] = {{0}};
	struct events events;
	uint64_t ns = 0;
	size_t next = 0;

	if (!thread_called(thread, CLASS_OPTION))
		return 0;
	events_begin(&events, process, thread);
	while (events_next(&events)) {
		const struct trace_event *event = &events.event;

		if (event->call != TRACE_SETSOCKOPT || event->error || is_forgotten(event))
			continue;
		tally->of++;
		if (is_repeated(last, &next, event)) {
			tally->hits++;
			ns += event_duration(event);
		}
	}
	events_end(&events);
	return ns;
}

static void find_repeats(struct judge *judge)
{
	const struct run *run = judge->fold->run;
	struct tally tally = {0};
	uint64_t ns = 0;

	for (size_t p = 0; p < run->processes; p++)
		for (size_t t = 0; t < run->process[p].threads; t++)
			ns += tally_repeats(&run->process[p], &run->process[p].thread[t], &tally);
	if (tally.hits >= REPEATS) {
		struct finding *finding = judge_add(judge, "S11", UINT32_MAX, NULL);

		finding->sure = SURE_LIKELY;
		finding->hits = tally.hits;
		finding->of = tally.of;
		finding->lost_low = finding->lost_high = ns;
		finding->saved_calls = tally.hits;
		finding->fix = FIX_APP;
		finding->minor = ns * 100 < judge->fold->split.wall || ns < HABIT_LOST;
		finding_put(finding, what, "sets an option to what it is: %llu of %llu setsockopt",
			(unsigned long long)tally.hits, (unsigned long long)tally.of);
		finding_put(finding, how, "the time in these calls");
		finding_put(finding, no_rule, "no rule mends this: the program should set it once");
	}
}

void find_buffer(struct judge *judge)
{
	for (uint32_t e = 0; e < judge->fold->endpoints; e++) {
		find_own_limit(judge, e);
		find_peers_limit(judge, e);
		find_fixed_receive(judge, e);
	}
	find_repeats(judge);
}
