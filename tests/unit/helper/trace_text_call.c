/* Reads one call of a text into its event. Does not know when it was, nor who made it. */
#include "trace_text_call.h"

#include <ctype.h>
#include <string.h>

#include "trace_text_value.h"

static uint32_t read_size(struct trace_text *text, const char **at)
{
	const uint32_t low = (uint32_t)trace_text_number(at);

	if (strncmp(*at, "..", 2) != 0)
		return low;
	*at += 2;
	const uint32_t high = (uint32_t)trace_text_number(at);
	if (high < low)
		trace_text_fail("no range before", *at);
	text->dice = text->dice * 1103515245u + 12345u;
	return low + (text->dice >> 8) % (high - low + 1);
}

void trace_text_attribute(const char **at, struct trace_event *event, struct trace_event *covers)
{
	static const struct {
		const char *name;
		uint8_t flag;
	} flag[] = {{"held", EVENT_HELD}, {"proven", EVENT_PROVEN}, {"nonblock", EVENT_NONBLOCK},
		{"more", EVENT_MORE}, {"cork", EVENT_CORK}, {"file", EVENT_FILE},
		{"bare", EVENT_BARE}, {"mended", EVENT_MENDED}, {"lasts", TRACE_TEXT_LASTS}};
	const size_t length = strcspn(*at, "=,)");
	const char *name = *at;

	*at += length;
	for (size_t i = 0; **at != '=' && i < TRACE_TEXT_COUNT(flag); i++)
		if (strlen(flag[i].name) == length && memcmp(flag[i].name, name, length) == 0) {
			event->flags |= flag[i].flag;
			return;
		}
	if (*(*at)++ != '=')
		trace_text_fail("no such flag", name);
	if (length == 6 && memcmp(name, "covers", length) == 0) {
		covers->call = TRACE_COVERS;
		for (size_t i = 0; i < 6; i++) {
			covers->covered[i] = (uint32_t)trace_text_number(at);
			if (**at != '/')
				return;
			(*at)++;
		}
		trace_text_fail("more than six", name);
	}
	static const struct trace_text_member member[] = {TRACE_TEXT_MEMBER(trace_event, asked),
		TRACE_TEXT_MEMBER(trace_event, done), TRACE_TEXT_MEMBER(trace_event, error),
		TRACE_TEXT_MEMBER(trace_event, extra), TRACE_TEXT_MEMBER(trace_event, flow),
		TRACE_TEXT_MEMBER(trace_event, set)};
	if (!trace_text_set(event, member, TRACE_TEXT_COUNT(member), name, length, at))
		trace_text_fail("no such key", name);
}

void trace_text_call(struct trace_text *text, const char **at, struct trace_event *event)
{
	const size_t length = strspn(*at, "abcdefghijklmnopqrstuvwxyz_");
	const bool sized = isdigit((unsigned char)(*at)[length]);
	const char *name = *at;

	*at += length;
	if (sized && ((length == 1 && strchr("wr", *name)) ||
			     (length == 4 && memcmp(name, "file", 4) == 0))) {
		event->call = *name == 'w' ? TRACE_SEND : *name == 'r' ? TRACE_RECV : TRACE_READ;
		event->done = read_size(text, at);
		event->asked = *name == 'r' ? 8192 : event->done;
		if (*name == 'f') {
			event->flags = EVENT_FILE;
			event->flow = 0;
		}
		return;
	}
	if (length == 5 && memcmp(name, "again", 5) == 0) {
		event->call = TRACE_RECV;
		event->error = 11;
		event->flags = EVENT_NONBLOCK;
		return;
	}
	*at = name + strspn(name, "abcdefghijklmnopqrstuvwxyz_0123456789");
	for (unsigned call = 1; call < TRACE_CALL_COUNT; call++)
		if (strlen(call_name(call)) == (size_t)(*at - name) &&
			memcmp(call_name(call), name, (size_t)(*at - name)) == 0) {
			event->call = (uint8_t)call;
			return;
		}
	trace_text_fail("no such call", name);
}
