/* A judge of looks: what each connection shows (symptoms.c) becomes a finding for each code and
 * endpoint, and these a verdict. Pure. Must not call anything proven that the kernel did not say.
 */
#include "tools/find/sampled.h"

#include <stdlib.h>
#include <string.h>

#include "tools/base/memory.h"
#include "tools/find/symptoms.h"

/* A habit, not an accident: one look of so many. In whole numbers, as processors differ in others.
 */
#define LOOKS_A_HIT 100u
/* Where more may have been missed there is no 'no'. */
#define SURE_OF_NONE 0.05

/* ---- findings ---- */

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

static bool is_habit(uint32_t hits, const struct observed *observed)
{
	return hits >= SYMPTOM_LEAST && (uint64_t)hits * LOOKS_A_HIT >= observed->looks;
}

static void add(struct sampled *sampled, const struct observed *observed,
	const struct connection *connection, const struct symptom *symptom)
{
	const uint32_t hits = symptom->hits ? symptom->hits(observed, connection) : 0;
	struct sampled_finding *finding;

	if (!is_habit(hits, observed) && !(symptom->sign && symptom->sign(connection)))
		return;
	finding = finding_of(sampled, code_find(symptom->code), connection,
		observed_is_server(observed, connection));
	finding->symptom = symptom;
	finding->connections++;
	finding->others = symptom->others;
	if (symptom->when)
		when_unite(&finding->when, symptom->when(connection));
	if (hits <= finding->hits)
		return;
	finding->hits = hits;
	finding->worst = connection;
}

/* Whose a connection that is over was is not known: it may have been a process's that has been seen
 * with others to the same peer. */
static void add_over(struct sampled *sampled, const struct observed *observed,
	const struct connection *connection, const struct symptom *symptom)
{
	const struct socket_state *socket = &connection->looks.first;

	if (!observed->over || !connection->gone || observed_is_server(observed, connection))
		return;
	for (size_t i = 0; i < observed->over->count; i++) {
		const struct over *over = &observed->over->of[i];

		if (over->port != socket->peer_port ||
			memcmp(over->peer, socket->peer, sizeof(over->peer)) != 0)
			continue;
		struct sampled_finding *finding =
			finding_of(sampled, code_find(symptom->code), connection, false);

		finding->symptom = symptom;
		finding->connections = over->count;
	}
}

static void judge(struct sampled *sampled, const struct observed *observed,
	const struct connection *connection)
{
	for (size_t s = 0; s < symptom_count; s++)
		if (symptom_table[s].hits || symptom_table[s].sign)
			add(sampled, observed, connection, &symptom_table[s]);
		else
			add_over(sampled, observed, connection, &symptom_table[s]);
}

/* Several connections that wait at the same looks lose that time once. */
static void complete(struct sampled_finding *finding, uint32_t looks)
{
	const uint32_t together = when_count(&finding->when);

	when_free(&finding->when);
	if (together > finding->hits)
		finding->hits = together;
	if (finding->hits > looks) /* it ended within a look */
		finding->hits = looks;
	finding->of = looks;
	finding->minor = !finding->symptom->hits;
	finding->share = finding->minor ? (struct share){0, 0} : share_of(finding->hits, looks);
	finding->sure = is_proven(finding) ? SURE_PROVEN : SURE_LIKELY;
	symptom_name_peer(finding);
	finding->symptom->describe(finding);
	symptom_name_mend(finding);
}

static int compare(const void *left, const void *right)
{
	const struct sampled_finding *a = left, *b = right;

	if (a->minor != b->minor)
		return a->minor ? 1 : -1;
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

	if (!sampled->loud)
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
		if (observed->connections.of[i].left_out)
			continue;
		count(&sampled, &observed->connections.of[i].looks);
		judge(&sampled, observed, &observed->connections.of[i]);
	}
	for (size_t i = 0; i < sampled.count; i++)
		complete(&sampled.finding[i], observed->looks);
	if (sampled.count)
		qsort(sampled.finding, sampled.count, sizeof(*sampled.finding), compare);
	while (sampled.loud < sampled.count && !sampled.finding[sampled.loud].minor)
		sampled.loud++;
	sampled.word = word_of(&sampled);
	return sampled;
}

void sampled_free(struct sampled *sampled)
{
	free(sampled->finding);
	sampled->finding = NULL;
	sampled->count = 0;
}
