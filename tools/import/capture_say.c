/* Sentences about a capture, by what was counted. Judges no calls. */
#include "tools/import/capture_say.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "tools/base/plural.h"

#define US UINT64_C(1000)

static void __attribute__((format(printf, 4, 5)))
add(char *text, size_t size, const char *between, const char *format, ...)
{
	size_t used = strlen(text);
	va_list args;

	if (used)
		used += (size_t)snprintf(text + used, size - used, "%s", between);
	if (used >= size)
		return;
	va_start(args, format);
	vsnprintf(text + used, size - used, format, args);
	va_end(args);
}

/* By how long the two halves of handshakes took there. */
static const char *place_of(const struct talks_sums *sums)
{
	if (!sums->to_client || !sums->to_server)
		return "no handshake is in it, so it is not known where it was taken";
	if (sums->to_client < 300 * US && sums->to_server < 300 * US)
		return "both ends were near where it was taken";
	if (sums->to_client * 4 <= sums->to_server)
		return "it was taken at the client's end";
	if (sums->to_server * 4 <= sums->to_client)
		return "it was taken at the server's end";
	return "it was taken between the two ends";
}

void capture_say_about(struct import *import, const struct talks_sums *sums)
{
	char *text = import->note->about;
	const size_t size = sizeof(import->note->about);

	add(text, size, " ", "The calls are those that the %ss' segments tell of; %s.",
		import->end ? "server" : "client", place_of(sums));
	if (sums->to_client && sums->to_server)
		add(text, size, " ",
			"From there to the client and back it took %.2f ms, to the server %.2f.",
			(double)sums->to_client / 1e6, (double)sums->to_server / 1e6);
}

static bool has_no_times(const struct talks_sums *sums)
{
	return sums->segments > 10 && sums->began == sums->ended;
}

bool capture_is_partial(const struct talks_sums *sums)
{
	return sums->refused || sums->cut || sums->one_sided || sums->without_acks || sums->steps ||
	       has_no_times(sums) || capture_lacks_bytes(sums);
}

bool capture_lacks_bytes(const struct talks_sums *sums)
{
	return sums->missed * 20 > sums->bytes;
}

void capture_say_lacks(struct import *import, const struct talks_sums *sums, const char *broken)
{
	char *text = import->note->lacks;
	const size_t size = sizeof(import->note->lacks);

	if (*broken)
		add(text, size, "; ", "it is cut off or damaged after %" PRIu64 " packet%s: %s",
			sums->packets, plural(sums->packets), broken);
	if (sums->strange)
		add(text, size, "; ",
			"%" PRIu64 " packet%s of a link that is not known, of type %d",
			sums->strange, sums->strange == 1 ? " is" : "s are", sums->strange_link);
	if (sums->cut)
		add(text, size, "; ",
			"%" PRIu64
			" packet%s cut off in front of what TCP says; next time: tcpdump "
			"-s 128",
			sums->cut, sums->cut == 1 ? " is" : "s are");
	if (capture_lacks_bytes(sums))
		add(text, size, "; ",
			"it lacks segments, of %" PRIu64
			" bytes that were acknowledged; next time: "
			"tcpdump -s 128 -B 65536 -w FILE tcp port PORT",
			sums->missed);
	if (sums->one_sided)
		add(text, size, "; ",
			"of %" PRIu64
			" connection%s it has one direction alone; next time where both "
			"pass: tcpdump -i any",
			sums->one_sided, plural(sums->one_sided));
	if (sums->without_acks)
		add(text, size, "; ",
			"of %" PRIu64
			" connection%s it has no ACK without data, so nothing tells what "
			"waited for one; next time without a filter on flags: tcpdump tcp port PORT",
			sums->without_acks, plural(sums->without_acks));
	if (sums->steps)
		add(text, size, "; ",
			"its clock was set %" PRIu64 " time%s, or its packets are out of order: "
			"reordercap IN OUT",
			sums->steps, plural(sums->steps));
	if (has_no_times(sums))
		add(text, size, "; ", "its packets have no times");
	if (sums->refused)
		add(text, size, "; ", "it has more connections than the first %d, which these are",
			TALKS_MOST);
}
