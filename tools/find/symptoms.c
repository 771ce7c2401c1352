/* What a look at a connection can be a symptom of, and the words for it. A look says that bytes are
 * held; that somebody waits for them is said by the bytes that came back and by a connection that
 * is silent meanwhile. Pure. */
#include "tools/find/symptoms.h"

#include <stdio.h>
#include <string.h>

#include "tools/base/ip_text.h"
#include "tools/base/plural.h"

/* The kernel's clocks count from there on (codes.c, S01 and S02): of the time that was busy, and
 * of the looking. */
#define CLOCK_OF_BUSY 0.2
#define CLOCK_OF_ALL  0.1

/* ---- symptoms ---- */

/* Small segments, that a turn takes while Nagle joins its writes; a stream with a heartbeat takes
 * more. */
enum { SEGMENTS_OF_A_TURN = 3 };

static bool waits_for_answers(const struct looks *looks)
{
	const uint32_t answers = looks->last.tcp.answers - looks->first.tcp.answers;
	const uint32_t segments = looks->last.tcp.segments - looks->first.tcp.segments;
	const uint64_t bytes = looks->last.sent - looks->first.sent;
	const uint64_t full = looks->last.tcp.mss ? bytes / looks->last.tcp.mss : 0;

	return segments <= full + SEGMENTS_OF_A_TURN * (uint64_t)(answers + 1);
}

/* Nagle holds bytes back for which an answer waits. A stream of small writes is held as often, but
 * sends all the time, or hears nothing; a bulk stream has whole segments to send. Where the way
 * itself takes long a part of each hold is no longer than that (looks.c). */
static uint32_t stalled(const struct connection *connection)
{
	const struct looks *looks = &connection->looks;

	if (looks->nagle == NAGLE_OFF || looks->held < SYMPTOM_LEAST ||
		looks->still < looks->held - looks->held * 3 / 4 || looks->bulk >= looks->held ||
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

	if (connection->looks.looks < SYMPTOM_LEAST || share < CLOCK_OF_ALL ||
		(double)clock_us < CLOCK_OF_BUSY * (double)of_us)
		return 0;
	return (uint32_t)((share < 1 ? share : 1) * observed->looks);
}

static uint64_t busy_us(const struct looks *looks)
{
	return looks->last.tcp.busy_us - looks->first.tcp.busy_us;
}

/* In looks, likewise: the time that it had bytes under way is what a larger buffer could save. */
static uint32_t full_buffer(const struct observed *observed, const struct connection *connection)
{
	const struct looks *looks = &connection->looks;

	if (looks->send_buffer != FIXED_YES)
		return 0;
	return by_clock(observed, connection,
		looks->last.tcp.buffer_us - looks->first.tcp.buffer_us, busy_us(looks));
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

static uint32_t dropped(const struct looks *looks)
{
	return looks->last.dropped - looks->first.dropped;
}

/* Bursts fill a queue between two looks: then what it dropped says more than how often it was seen
 * full. */
static bool has_overflown(const struct connection *connection)
{
	const struct looks *looks = &connection->looks;

	return looks->last.state == TCP_IS_LISTENING && looks->fullest > 0 && dropped(looks) > 0 &&
	       looks->fullest >= looks->last.room;
}

/* Segments that the peer had not got. */
static uint32_t needed_again(const struct looks *looks)
{
	const uint32_t again = looks->last.tcp.sent_again - looks->first.tcp.sent_again;
	const uint32_t needless = looks->last.tcp.needless - looks->first.tcp.needless;

	return again > needless ? again - needless : 0;
}

static uint32_t lost_segments(const struct observed *observed, const struct connection *connection)
{
	(void)observed;
	return needed_again(&connection->looks) ? connection->looks.lost : 0;
}

static bool is_silent(const struct connection *connection)
{
	return !connection->gone && looks_silent(&connection->looks.last);
}

/* ---- words ---- */

void symptom_name_peer(struct sampled_finding *finding)
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
	const struct looks *looks = &finding->worst->looks;
	const uint32_t lost = dropped(looks);

	if (lost)
		snprintf(finding->what, sizeof(finding->what),
			"its queue is full: %u wait, for %u it has room; %u SYN%s dropped, 1 s and "
			"more each for the client",
			looks->fullest, looks->last.room, lost, plural(lost));
	else
		snprintf(finding->what, sizeof(finding->what),
			"its queue is full: %u wait, for %u it has room; none was dropped meanwhile",
			looks->fullest, looks->last.room);
	finding->sure = lost ? SURE_PROVEN : SURE_LIKELY;
	snprintf(finding->mend.set, sizeof(finding->mend.set), "listen_backlog = 1024;");
}

/* As judge.h's S01: the clock stops while the path is full of what the small buffer holds. */
static void describe_s01(struct sampled_finding *finding)
{
	const struct looks *looks = &finding->worst->looks;
	const double clock = (double)(looks->last.tcp.buffer_us - looks->first.tcp.buffer_us);
	const double most = finding->share.high * (double)busy_us(looks) / clock;

	finding->share.high = most > 1			   ? 1
			      : most > finding->share.high ? most
							   : finding->share.high;
	finding->sure = SURE_LIKELY;
	snprintf(finding->what, sizeof(finding->what),
		"waits for room in the send buffer that it has fixed");
	snprintf(finding->mend.set, sizeof(finding->mend.set), "so_sndbuf = \"auto\";");
	finding->mend.force = true;
}

static void describe_s09(struct sampled_finding *finding)
{
	const uint32_t again = needed_again(&finding->worst->looks);

	finding->fix = FIX_SYSTEM;
	finding->others = finding->server;
	snprintf(finding->what, sizeof(finding->what),
		"%u segment%s sent again, which it waited for", again, plural(again));
	snprintf(finding->no_rule, sizeof(finding->no_rule),
		"packets are lost between here and the peer, or the peer is gone");
}

static void describe_l01(struct sampled_finding *finding)
{
	const struct socket_tcp *tcp = &finding->worst->looks.last.tcp;
	const uint32_t ms = tcp->silent_ms < tcp->quiet_ms ? tcp->silent_ms : tcp->quiet_ms;

	finding->sure = SURE_POSSIBLE;
	snprintf(finding->what, sizeof(finding->what),
		"silent for %u s without keepalives: %u connection%s", ms / 1000,
		finding->connections, plural(finding->connections));
	snprintf(finding->mend.set, sizeof(finding->mend.set),
		"so_keepalive = true; tcp_keepidle = \"60s\"; tcp_keepintvl = \"10s\"; "
		"tcp_keepcnt = 6;");
}

static void describe_c04(struct sampled_finding *finding)
{
	finding->sure = SURE_POSSIBLE;
	finding->fix = FIX_APP;
	snprintf(finding->what, sizeof(finding->what),
		"a connection for each transaction: %u ended while it was looked at",
		finding->connections);
	snprintf(finding->no_rule, sizeof(finding->no_rule),
		"the program should keep its connections, or use a pool");
}

static void describe_s02(struct sampled_finding *finding)
{
	finding->fix = FIX_PEER;
	snprintf(finding->what, sizeof(finding->what), "the peer's window is full");
	snprintf(finding->no_rule, sizeof(finding->no_rule),
		"the peer must read faster, or have a larger receive buffer");
}

void symptom_name_mend(struct sampled_finding *finding)
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

/* ---- the table ---- */

static const struct when *when_waited(const struct connection *connection)
{
	return &connection->waited;
}

static const struct when *when_called(const struct connection *connection)
{
	return &connection->called;
}

static const struct when *when_lost(const struct connection *connection)
{
	return &connection->lost;
}

const struct symptom symptom_table[] = {
	{"N01", false, stalled_client, NULL, when_waited, describe_n01},
	{"N02", true, stalled_server, NULL, when_waited, describe_n02},
	{"C01", false, calls_in_vain, NULL, when_called, describe_c01},
	{"C02", true, full_queue, has_overflown, NULL, describe_c02},
	{"C04", false, NULL, NULL, NULL, describe_c04},
	{"S01", false, full_buffer, NULL, NULL, describe_s01},
	{"S02", false, closed_window, NULL, NULL, describe_s02},
	{"S09", false, lost_segments, NULL, when_lost, describe_s09},
	{"L01", false, NULL, is_silent, NULL, describe_l01},
};
const size_t symptom_count = sizeof(symptom_table) / sizeof(*symptom_table);
