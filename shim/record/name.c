/* Recorded sleeps and look-ups of names. A name itself is kept only where that was asked for. */
#include "shim/record/name.h"

#include <errno.h>
#include <string.h>

#include "shim/base/control.h"

void call_slept_recorded(uint64_t since, int error, uint64_t microseconds)
{
	struct trace_note note = {.call = TRACE_NANOSLEEP,
		.error = error,
		.start = since,
		.end = trace_clock(),
		.asked = microseconds};

	if (trace_file_ready())
		trace_add(&note);
}

/* name: NULL where there was none, or it is not for us to keep. */
static void named(
	unsigned call, uint64_t since, int error, const void *of, size_t length, const char *name)
{
	struct trace_note note = {.call = (uint8_t)call,
		.error = error,
		.start = since,
		.end = trace_clock(),
		.asked = of ? trace_name_hash(of, length) : 0};

	if (!control_on())
		return;
	if (trace_names)
		note.name = name;
	note.done = note.name != NULL;
	trace_add(&note);
}

/* getaddrinfo's numbers are negative (netdb.h); what the system said is errno. */
static int error_of(int result, int saved)
{
	if (result == 0)
		return 0;
	return result == EAI_SYSTEM ? saved : -result & 0xff;
}

/* An address in text, which nobody has to be asked for: names have no ':', and one of digits and
 * dots alone is taken for an address (inet_aton(3)). */
static bool is_address(const char *node)
{
	return strchr(node, ':') || !node[strspn(node, "0123456789.")];
}

void call_addrinfo_recorded(uint64_t since, int error, const char *node)
{
	const int number = error_of(error, errno);

	if (node && is_address(node))
		node = NULL;
	named(TRACE_GETADDRINFO, since, number, node, node ? strlen(node) : 0, node);
}

void call_nameinfo_recorded(
	uint64_t since, int error, const struct sockaddr *address, socklen_t length)
{
	named(TRACE_GETNAMEINFO, since, error_of(error, errno), address, length, NULL);
}

void call_hostname_recorded(uint64_t since, bool found, const char *name)
{
	named(TRACE_GETHOSTBYNAME, since, found ? 0 : EHOSTUNREACH, name, strlen(name), name);
}
