/* A judge of looks. A look says that bytes are held; that somebody waits for them is said by the
 * bytes that came back and by a connection that is silent meanwhile. Pure. Must not call anything
 * proven that the kernel did not say. */
#include "tools/find/sampled.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/base/ip_text.h"
#include "tools/base/memory.h"

/* A habit, not an accident: so many looks, and so much of the time. */
enum { LOOKS_LEAST = 5 };
/* Small ones, that a turn takes while Nagle joins its writes; a stream with a heartbeat takes more.
 */
enum { SEGMENTS_OF_A_TURN = 3 };
#define SHARE_LEAST 0.01
/* Where more may have been missed there is no 'no'. */
#define SURE_OF_NONE 0.05
/* The kernel's clocks count from there on (codes.c, S01 and S02): of the time that was busy, and
 * of the looking. */
#define CLOCK_OF_BUSY 0.2
#define CLOCK_OF_ALL  0.1

/* ---- symptoms ---- */

/* Nagle holds bytes back for which an answer waits. A stream of small writes is held as often, but
 * sends all the time, or hears nothing; a bulk stream has whole segments to send. */
static bool waits_for_answers(const struct looks *looks)
{
	const uint32_t answers = looks->last.tcp.answers - looks->first.tcp.answers;
	const uint32_t segments = looks->last.tcp.segments - looks->first.tcp.segments;
	const uint64_t bytes = looks->last.sent - looks->first.sent;
	const uint64_t full = looks->last.tcp.mss ? bytes / looks->last.tcp.mss : 0;

	return segments <= full + SEGMENTS_OF_A_TURN * (uint64_t)(answers + 1);
}

static uint32_t stalled(const struct connection *connection)
{
	const struct looks *looks = &connection->looks;

	if (looks->nagle == NAGLE_OFF || looks->held < LOOKS_LEAST ||
		looks->still < looks->held - looks->held / 2 || looks->bulk >= looks->held ||
		looks->last.received == looks->first.received || !waits_for_answers(looks))
		return 0;
	return looks->held;
}

bool sampled_is_stalled(const struct connection *connection)
{
	return stalled(connection) > 0;
}

static uint32_t stalled_client(const struct observed *observed, const struct connection *connection)
{
	return observed_is_server(observed, connection) ? 0 : stalled(connection);
}

static uint32_t stalled_server(const struct observed *observed, const struct connection *connection)
{
	return observed_is_server(observed, connection) ? stalled(connection) : 0;
}

/* What a clock of the kernel advanced while it was looked at, in looks of all the time; 0: too
 * little to be clear. */
static uint32_t by_clock(const struct observed *observed, const struct connection *connection,
	uint64_t clock_us, uint64_t of_us)
{
	const double wall = (double)(observed->end - observed->began) / 1e3;
	const double share = wall > 0 ? (double)clock_us / wall : 0;

	if (connection->looks.looks < LOOKS_LEAST || share < CLOCK_OF_ALL ||
		(double)clock_us < CLOCK_OF_BUSY * (double)of_us)
		return 0;
	return (uint32_t)((share < 1 ? share : 1) * observed->looks);
}

static uint64_t busy_us(const struct looks *looks)
{
	return looks->last.tcp.busy_us - looks->first.tcp.busy_us;
}

static uint32_t closed_window(const struct observed *observed, const struct connection *connection)
{
	const struct looks *looks = &connection->looks;

	return by_clock(observed, connection,
		looks->last.tcp.window_us - looks->first.tcp.window_us, busy_us(looks));
}

/* SYN_SENT, and sent again: the first second is over. */
static uint32_t calls_in_vain(const struct observed *observed, const struct connection *connection)
{
	(void)observed;
	return connection->looks.again ? connection->looks.calling : 0;
}

static uint32_t full_queue(const struct observed *observed, const struct connection *connection)
{
	(void)observed;
	return connection->looks.full;
}

/* ---- words ---- */

static void name_peer(struct sampled_finding *finding)
{
	const struct socket_state *socket = &finding->worst->looks.first;

	if (finding->server)
		snprintf(finding->peer, sizeof(finding->peer), "port %u", socket->local_port);
	else
		ip_text_endpoint(finding->peer, socket->peer, socket->peer_port);
}

static void describe_n01(struct sampled_finding *finding)
{
	snprintf(finding->what, sizeof(finding->what),
		"a small write waits for the ACK of the one before");
	snprintf(finding->mend.set, sizeof(finding->mend.set), "coalesce = \"auto\";");
}

static void describe_n02(struct sampled_finding *finding)
{
	snprintf(finding->what, sizeof(finding->what),
		"the rest of an answer waits for its client's ACK");
	snprintf(finding->mend.set, sizeof(finding->mend.set), "coalesce = \"auto\";");
}

static void describe_c01(struct sampled_finding *finding)
{
	finding->fix = FIX_PEER;
	snprintf(finding->what, sizeof(finding->what),
		"nobody answers the SYN, which was sent again");
	snprintf(finding->no_rule, sizeof(finding->no_rule),
		"the listener's queue is full, or the way to it is barred");
}

static void describe_c02(struct sampled_finding *finding)
{
	snprintf(finding->what, sizeof(finding->what),
		"its queue is full: %u wait, for %u it has room", finding->worst->looks.fullest,
		finding->worst->looks.last.room);
	snprintf(finding->mend.set, sizeof(finding->mend.set), "listen_backlog = 1024;");
}

static void describe_s02(struct sampled_finding *finding)
{
	finding->fix = FIX_PEER;
	snprintf(finding->what, sizeof(finding->what), "the peer's window is full");
	snprintf(finding->no_rule, sizeof(finding->no_rule),
		"the peer must read faster, or have a larger receive buffer");
}

static void name_mend(struct sampled_finding *finding)
{
	struct mend *mend = &finding->mend;
	const struct socket_state *socket = &finding->worst->looks.first;
	char address[INET6_ADDRSTRLEN];

	if (!*mend->set)
		return;
	ip_text(address, socket->peer);
	if (finding->server)
		snprintf(mend->match, sizeof(mend->match), "role = \"server\"; port = %u;",
			socket->local_port);
	else
		snprintf(mend->match, sizeof(mend->match),
			"role = \"client\"; peer = \"%s\"; port = %u;", address, socket->peer_port);
	snprintf(mend->name, sizeof(mend->name), "%.3s-%.46s", finding->code->name,
		finding->server ? finding->peer : address);
	if (!finding->server)
		snprintf(mend->name + strlen(mend->name), sizeof(mend->name) - strlen(mend->name),
			"-%u", socket->peer_port);
	for (char *c = mend->name; *c; c++)
		*c = strchr(".: ", *c) ? '-' : *c >= 'A' && *c <= 'Z' ? *c + 32 : *c;
}

/* ---- findings ---- */

/* One connection against one code: how many looks show it, 0: none. */
struct symptom {
	const char *code;
	bool others; /* somebody else waits */
	uint32_t (*hits)(const struct observed *observed, const struct connection *connection);
	void (*describe)(struct sampled_finding *finding);
};

static const struct symptom symptom_table[] = {
	{"N01", false, stalled_client, describe_n01},
	{"N02", true, stalled_server, describe_n02},
	{"C01", false, calls_in_vain, describe_c01},
	{"C02", true, full_queue, describe_c02},
	{"S02", false, closed_window, describe_s02},
};
enum { SYMPTOMS = sizeof(symptom_table) / sizeof(*symptom_table) };

static void describe(struct sampled_finding *finding)
{
	for (size_t i = 0; i < SYMPTOMS; i++)
		if (strcmp(symptom_table[i].code, finding->code->name) == 0)
			symptom_table[i].describe(finding);
}

static bool is_same_endpoint(const struct sampled_finding *finding, const struct code *code,
	const struct socket_state *socket, bool server)
{
	const struct socket_state *of = &finding->worst->looks.first;

	if (finding->code != code || finding->server != server)
		return false;
	return server ? of->local_port == socket->local_port
		      : of->peer_port == socket->peer_port &&
				memcmp(of->peer, socket->peer, sizeof(of->peer)) == 0;
}

static struct sampled_finding *finding_of(struct sampled *sampled, const struct code *code,
	const struct connection *connection, bool server)
{
	for (size_t i = 0; i < sampled->count; i++)
		if (is_same_endpoint(&sampled->finding[i], code, &connection->looks.first, server))
			return &sampled->finding[i];
	sampled->finding = memory_grow(sampled->finding, sampled->count, sizeof(*sampled->finding));
	sampled->finding[sampled->count] = (struct sampled_finding){
		.code = code, .worst = connection, .server = server, .fix = FIX_RULE};
	return &sampled->finding[sampled->count++];
}

/* Nagle was seen on; the other codes are the kernel's own words. */
static bool is_proven(const struct sampled_finding *finding)
{
	return !finding->code->segments || finding->worst->looks.nagle == NAGLE_ON;
}

static void add(struct sampled *sampled, const struct observed *observed,
	const struct connection *connection, const struct symptom *symptom)
{
	const uint32_t hits = symptom->hits(observed, connection);
	struct sampled_finding *finding;

	if (hits < LOOKS_LEAST || hits < SHARE_LEAST * observed->looks)
		return;
	finding = finding_of(sampled, code_find(symptom->code), connection,
		observed_is_server(observed, connection));
	finding->connections++;
	finding->others = symptom->others;
	if (hits <= finding->hits)
		return;
	finding->hits = hits;
	finding->worst = connection;
}

static void complete(struct sampled_finding *finding, uint32_t looks)
{
	finding->of = looks;
	finding->share = share_of(finding->hits, looks);
	finding->sure = is_proven(finding) ? SURE_PROVEN : SURE_LIKELY;
	name_peer(finding);
	describe(finding);
	name_mend(finding);
}

static int compare(const void *left, const void *right)
{
	const struct sampled_finding *a = left, *b = right;

	return (a->hits < b->hits) - (a->hits > b->hits);
}

/* ---- the whole ---- */

static bool is_busy(const struct looks *looks)
{
	return looks->last.sent != looks->first.sent ||
	       looks->last.received != looks->first.received || looks->last.tcp.unacked > 0 ||
	       looks->calling > 0;
}

static void count(struct sampled *sampled, const struct looks *looks)
{
	if (looks->last.state == TCP_IS_LISTENING) {
		sampled->listeners++;
		return;
	}
	sampled->connections++;
	sampled->busy += is_busy(looks);
}

static enum verdict_word word_of(const struct sampled *sampled)
{
	const struct sampled_finding *first = sampled->finding;

	if (!sampled->count)
		return sampled->busy && sampled->none.high <= SURE_OF_NONE ? VERDICT_NOT_SOCKETS
									   : VERDICT_NOT_SURE;
	if (first->code->sort == SORT_PEER)
		return VERDICT_PEER;
	return first->others ? VERDICT_CLIENTS : VERDICT_STALLED;
}

struct sampled sampled_judge(const struct observed *observed)
{
	struct sampled sampled = {.none = share_of(0, observed->looks)};

	for (size_t i = 0; i < observed->connections.count; i++) {
		count(&sampled, &observed->connections.of[i].looks);
		for (size_t s = 0; s < SYMPTOMS; s++)
			add(&sampled, observed, &observed->connections.of[i], &symptom_table[s]);
	}
	for (size_t i = 0; i < sampled.count; i++)
		complete(&sampled.finding[i], observed->looks);
	if (sampled.count)
		qsort(sampled.finding, sampled.count, sizeof(*sampled.finding), compare);
	sampled.word = word_of(&sampled);
	return sampled;
}

void sampled_free(struct sampled *sampled)
{
	free(sampled->finding);
	sampled->finding = NULL;
	sampled->count = 0;
}
