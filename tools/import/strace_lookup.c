/* Look-ups of names: a datagram socket that talks to port 53 is libc's getaddrinfo(), from its
 * first word until it is closed. Kept is a hash of the name, as the library keeps it. */
#include <string.h>

#include "tools/import/strace_world.h"

enum { HEADER = 12, NO_ANSWER = 3 /* EAI_AGAIN, as the library has it */ };

/* The name in a query (RFC 1035, 4.1): labels, each behind its length. 0: there is none. */
static uint32_t name_of(const char *query)
{
	unsigned char bytes[HEADER + 256];
	const char *from = strchr(query, '"');
	const size_t length = from ? arg_string(from, bytes, sizeof(bytes)) : 0;

	if (length <= HEADER + 1)
		return 0;
	const unsigned char *end = memchr(bytes + HEADER, 0, length - HEADER);
	return hash_of(bytes + HEADER, end ? (size_t)(end - bytes - HEADER) : length - HEADER);
}

static bool goes_to_53(const struct call *call)
{
	uint8_t address[16], family;
	uint16_t port;

	return arg_address(call->args.arg[4], address, &port, &family) && port == 53;
}

/* query: NULL in connect(). What is sent elsewhere is no look-up. */
void lookup_asks(struct call *call, struct desc *desc, const char *query)
{
	struct lookup *lookup = &desc->lookup;

	if (!lookup->since && query && !goes_to_53(call))
		return;
	if (!lookup->since)
		lookup->since = call->start;
	if (query && !lookup->name)
		lookup->name = name_of(query);
}

void lookup_answered(struct call *call, struct desc *desc)
{
	desc->lookup.answered |= call->line->result > 0;
}

void lookup_ends(struct call *call, struct desc *desc)
{
	struct lookup *lookup = &desc->lookup;
	struct log_line line = *call->line;
	struct call whole = *call;

	if (!lookup->since || !lookup->name)
		return;
	line.error = lookup->answered ? 0 : NO_ANSWER;
	whole.line = &line;
	whole.start = later(lookup->since, call->thread->image->started);
	whole.end = later(whole.start, call->end);
	whole.exact = true;
	call_event_early(
		&whole, (struct trace_event){.call = TRACE_GETADDRINFO, .asked = lookup->name});
}
