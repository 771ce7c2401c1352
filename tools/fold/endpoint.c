/* Puts flows together that go to one peer and port, or came in by one port of ours, names each
 * such endpoint for the screen, and sums up how long its answers took. */
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "tools/fold/fold_parts.h"
#include "tools/base/memory.h"
#include "rules/ip.h"
#include "tools/base/ip_text.h"

/* The services that this tool's users meet, as they call them. */
static const struct service {
	uint16_t port;
	const char *name;
} service_table[] = {
	{20, "ftp-data"},
	{21, "ftp"},
	{22, "ssh"},
	{23, "telnet"},
	{25, "smtp"},
	{53, "dns"},
	{80, "http"},
	{102, "iso-tsap"},
	{110, "pop3"},
	{119, "nntp"},
	{143, "imap"},
	{389, "ldap"},
	{443, "https"},
	{445, "smb"},
	{465, "smtps"},
	{502, "modbus"},
	{563, "nntps"},
	{587, "submission"},
	{636, "ldaps"},
	{873, "rsync"},
	{990, "ftps"},
	{993, "imaps"},
	{995, "pop3s"},
	{1433, "mssql"},
	{1521, "oracle"},
	{1883, "mqtt"},
	{2003, "graphite"},
	{2049, "nfs"},
	{2404, "iec-104"},
	{3306, "mysql"},
	{5432, "postgresql"},
	{5672, "amqp"},
	{6379, "redis"},
	{8125, "statsd"},
	{9092, "kafka"},
	{9200, "elasticsearch"},
	{9418, "git"},
	{11211, "memcached"},
	{11300, "beanstalkd"},
	{20000, "dnp3"},
	{27017, "mongodb"},
	{44818, "ethernet-ip"},
};

static const char *service_name(uint16_t port)
{
	for (size_t i = 0; i < sizeof(service_table) / sizeof(*service_table); i++)
		if (service_table[i].port == port)
			return service_table[i].name;
	return NULL;
}

static bool is_ours(const struct flow_fold *flow)
{
	return flow->connection->role == ROLE_OF_LISTENER || flow->serves ||
	       flow->connection->role == ROLE_OF_SERVER;
}

/* What makes two flows one endpoint. */
struct place {
	uint8_t ours;
	uint8_t peer[16]; /* zeros where ours */
	uint16_t port;
	struct flow_fold *flow;
};

static int compare_endpoints(const struct place *a, const struct place *b)
{
	int order = memcmp(a->peer, b->peer, sizeof(a->peer));

	if (a->ours != b->ours)
		return a->ours < b->ours ? -1 : 1;
	return order ? order : a->port < b->port ? -1 : a->port > b->port;
}

static int compare_places(const void *left, const void *right)
{
	const struct place *a = left, *b = right;
	int order = compare_endpoints(a, b);

	return order ? order : a->flow < b->flow ? -1 : a->flow > b->flow;
}

static struct place place_of(struct flow_fold *flow)
{
	struct place place = {.ours = is_ours(flow), .flow = flow};
	const struct trace_connection *connection = flow->connection;

	place.port = connection->port ? connection->port
		     : place.ours     ? connection->local_port
				      : connection->peer_port;
	if (!place.ours)
		memcpy(place.peer, connection->peer, sizeof(place.peer));
	return place;
}

static char *endpoint_text(const struct place *place)
{
	const char *name = service_name(place->port), *gap = name ? " " : "";
	char address[INET6_ADDRSTRLEN];
	const bool is_4 = ip_is_v4(place->peer);

	name = name ? name : "";
	if (place->ours)
		return memory_print("port %u%s%s (server)", place->port, gap, name);
	ip_text(address, place->peer);
	return memory_print(
		"%s%s%s:%u%s%s", is_4 ? "" : "[", address, is_4 ? "" : "]", place->port, gap, name);
}

struct sought {
	const struct places *places;
	struct place place;
};

static int compare_sought(const void *with, uint32_t number)
{
	const struct sought *sought = with;

	return compare_endpoints(&sought->places->place[number], &sought->place);
}

uint32_t places_number(struct places *places, struct flow_fold *flow)
{
	const struct sought sought = {places, place_of(flow)};
	const uint32_t count = places->order.count;
	const uint32_t number = order_number(&places->order, compare_sought, &sought);

	if (number == count) {
		places->place = memory_grow(places->place, number, sizeof(sought.place));
		places->place[number] = sought.place;
	}
	return number;
}

const struct flow_fold *places_flow(const struct places *places, uint32_t number)
{
	return places->place[number].flow;
}

void places_free(struct places *places)
{
	free(places->place);
	free(places->order.number);
}

static void add_rtt(struct endpoint *endpoint, const struct trace_tcp *tcp)
{
	const uint64_t rtt = (uint64_t)tcp->min_rtt_us * 1000;

	if (!tcp->taken || !tcp->min_rtt_us || tcp->min_rtt_us == UINT32_MAX)
		return;
	if (!endpoint->min_rtt || rtt < endpoint->min_rtt)
		endpoint->min_rtt = rtt;
}

/* Where no kernel was asked: a connect that was waited for took a round trip. */
static void add_connect(struct endpoint *endpoint, const struct flow_fold *flow)
{
	const uint64_t took = flow->connect_took;

	if (took && !flow->connection->connect_error &&
		(!endpoint->min_rtt || took < endpoint->min_rtt))
		endpoint->min_rtt = took;
}

/* From the waits of the flows at place[0..flows). */
static void endpoint_waits(struct endpoint *endpoint, const struct place *place, size_t flows)
{
	size_t count = 0;
	uint64_t *wait = memory_take((size_t)endpoint->turns, sizeof(*wait));

	for (size_t f = 0; f < flows; f++)
		for_each_turn (turn, place[f].flow) {
			if (turn->answered && turn->writes && !turn->early)
				wait[count++] = turn->wait;
		}
	sort_numbers(wait, count);
	endpoint->wait_p5 = quantile(wait, count, 0.05);
	endpoint->wait_p50 = quantile(wait, count, 0.5);
	endpoint->wait_p95 = quantile(wait, count, 0.95);
	endpoint->wait_p99 = quantile(wait, count, 0.99);
	endpoint->wait_max = quantile(wait, count, 1);
	free(wait);
}

/* The flows at place[0..flows), which are all its own. */
static void endpoint_add(struct fold *fold, const struct place *place, size_t flows)
{
	fold->endpoint = memory_grow(fold->endpoint, fold->endpoints, sizeof(*fold->endpoint));
	struct endpoint *endpoint = &fold->endpoint[fold->endpoints];
	*endpoint = (struct endpoint){
		.text = endpoint_text(place),
		.port = place->port,
		.role = place->ours ? ROLE_OF_SERVER : ROLE_OF_CLIENT,
	};
	memcpy(endpoint->peer, place->peer, sizeof(endpoint->peer));
	for (size_t f = 0; f < flows; f++) {
		struct flow_fold *flow = place[f].flow;
		flow->endpoint = (uint32_t)fold->endpoints;
		endpoint->connections += flow->connection->role != ROLE_OF_LISTENER;
		endpoint->turns += flow->turns;
		add_rtt(endpoint, &flow->connection->at_connect);
		add_rtt(endpoint, &flow->connection->at_close);
		if (fold->run->imported.what)
			add_connect(endpoint, flow);
	}
	endpoint_waits(endpoint, place, flows);
	fold->endpoints++;
}

/* Each endpoint's flows are a list in the order of the fold's. */
static void link_flows(struct fold *fold)
{
	for (size_t f = fold->flows; f-- > 0;) {
		struct flow_fold *flow = &fold->flow[f];
		struct endpoint *endpoint = &fold->endpoint[flow->endpoint];

		flow->next = endpoint->flow;
		endpoint->flow = flow;
	}
}

void endpoints_take(struct fold *fold)
{
	struct place *place = memory_take(fold->flows, sizeof(*place));

	for (size_t i = 0; i < fold->flows; i++)
		place[i] = place_of(&fold->flow[i]);
	qsort(place, fold->flows, sizeof(*place), compare_places);
	for (size_t first = 0, end; first < fold->flows; first = end) {
		for (end = first + 1;
			end < fold->flows && compare_endpoints(&place[first], &place[end]) == 0;)
			end++;
		endpoint_add(fold, &place[first], end - first);
	}
	link_flows(fold);
	free(place);
}
