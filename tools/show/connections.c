/* What the kernel told of each connection at its end: how long it had bytes to send, what kept them
 * back, and what was left. A figure that was not asked for is '-', never 0. */
#include "tools/show/connections.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "tools/fold/said.h"
#include "tools/base/text.h"
#include "tools/base/units.h"
#include "tools/base/memory.h"
#include "rules/ip.h"
#include "tools/base/ip_text.h"

/* Rows that are printed; columns of the figures, and of a name at most. */
enum { LINES = 40, FIGURES = 58, NAME_LEAST = 20, NAME_MOST = 48 };

static void address_text(char *text, size_t size, const uint8_t address[16], uint16_t port)
{
	const bool is_4 = ip_is_v4(address);
	char digits[INET6_ADDRSTRLEN];

	ip_text(digits, address);
	snprintf(text, size, is_4 ? "%s:%u" : "[%s]:%u", digits, port);
}

char *connection_text(char *text, const struct fold *fold, const struct flow_fold *flow)
{
	const struct trace_connection *connection = flow->connection;
	const struct endpoint *endpoint = &fold->endpoint[flow->endpoint];
	char from[INET6_ADDRSTRLEN + 16] = "", process[32] = "";

	if (connection->role == ROLE_OF_LISTENER)
		snprintf(from, sizeof(from), " listener");
	else if (endpoint->role == ROLE_OF_SERVER) {
		strcpy(from, " from ");
		address_text(from + 6, sizeof(from) - 6, connection->peer, connection->peer_port);
	}
	if (fold->run->processes > 1)
		snprintf(process, sizeof(process), ", process %d", flow->process->header.pid);
	snprintf(text, CONNECTION_TEXT, "%s%s #%u%s", endpoint->text, from, connection->number,
		process);
	return text;
}

static char *figure(char *text, int64_t value, char *(*write)(char *, uint64_t), uint64_t unit)
{
	return value < 0 ? strcpy(text, "-") : write(text, (uint64_t)value * unit);
}

/* Columns for a name: where there are too few each has a line of its own. */
static int name_width(FILE *out)
{
	const int left = (int)text_width(out) - FIGURES;

	return left > NAME_MOST ? NAME_MOST : left;
}

static void print_head(FILE *out)
{
	const int width = name_width(out);
	const char *name = "CONNECTION";

	if (width < NAME_LEAST) {
		fprintf(out, "  %s\n", name);
		name = "";
	}
	fprintf(out, "%*sLIMITED BY        AT ITS END\n", width + 20, "");
	fprintf(out, "  %-*s %8s %8s %8s %9s %9s %8s\n", width, name, "BUSY", "RWND", "SNDBUF",
		"QUEUED", "NOTSENT", "UNACKED");
}

/* Names that are too long for their column have a line of their own. */
static void print_row(FILE *out, const struct fold *fold, const struct flow_fold *flow)
{
	const int width = name_width(out);
	const struct kernel_said said = kernel_said(flow->connection);
	char name[CONNECTION_TEXT], text[6][UNITS];

	connection_text(name, fold, flow);
	if (width < NAME_LEAST || (int)strlen(name) > width) {
		fprintf(out, "  %s\n", name);
		*name = '\0';
	}
	fprintf(out, "  %-*s %8s %8s %8s %9s %9s %8s\n", width, name,
		figure(text[0], said.busy_us, units_seconds, 1000),
		figure(text[1], said.rwnd_limited_us, units_seconds, 1000),
		figure(text[2], said.sndbuf_limited_us, units_seconds, 1000),
		figure(text[3], said.queued, units_bytes, 1),
		figure(text[4], said.notsent, units_bytes, 1),
		figure(text[5], said.unacked, units_count, 1));
}

static int busiest_first(const void *left, const void *right)
{
	const struct flow_fold *a = *(const struct flow_fold *const *)left;
	const struct flow_fold *b = *(const struct flow_fold *const *)right;
	const int64_t one = kernel_said(a->connection).busy_us;
	const int64_t other = kernel_said(b->connection).busy_us;

	if (one != other)
		return one > other ? -1 : 1;
	return a < b ? -1 : a > b;
}

void connections_print(FILE *out, const struct report *report)
{
	const struct fold *fold = report->fold;
	const struct flow_fold **flow = memory_take(fold->flows, sizeof(*flow));
	size_t flows = 0;
	char text[UNITS];

	for (size_t f = 0; f < fold->flows; f++)
		if (fold->flow[f].connection->role != ROLE_OF_LISTENER)
			flow[flows++] = &fold->flow[f];
	if (flows) {
		qsort(flow, flows, sizeof(*flow), busiest_first);
		print_head(out);
	}
	for (size_t f = 0; f < flows && f < LINES; f++)
		print_row(out, fold, flow[f]);
	if (flows > LINES)
		fprintf(out, "    + %s more: --all --format json\n",
			units_count(text, flows - LINES));
	if (flows) {
		text_wrap(out, 2,
			"By the kernel (TCP_INFO, SIOCOUTQ): BUSY with bytes to send, LIMITED of "
			"that by the peer's window or the own buffer; bytes QUEUED, those not yet "
			"sent, segments on the way. -: it was not asked, or does not say.");
		fputc('\n', out);
	}
	free(flow);
}
