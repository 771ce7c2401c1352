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

static bool is_word(const char *name, size_t length, const char *word)
{
	return strlen(word) == length && memcmp(name, word, length) == 0;
}

/* A flag by its name; false: it is none. */
static bool set_flag(struct trace_event *event, const char *name, size_t length)
{
	static const struct {
		const char *name;
		uint8_t flag;
	} flag[] = {{"held", EVENT_HELD}, {"proven", EVENT_PROVEN}, {"nonblock", EVENT_NONBLOCK},
		{"more", EVENT_MORE}, {"cork", EVENT_CORK}, {"file", EVENT_FILE},
		{"bare", EVENT_BARE}, {"mended", EVENT_MENDED}, {"lasts", TRACE_TEXT_LASTS}};

	for (size_t i = 0; i < TRACE_TEXT_COUNT(flag); i++)
		if (is_word(name, length, flag[i].name)) {
			event->flags |= flag[i].flag;
			return true;
		}
	return false;
}

/* "1/2/3" as a COVERS event. */
static void read_covers(const char **at, struct trace_event *covers)
{
	const char *begin = *at;

	covers->call = TRACE_COVERS;
	for (size_t i = 0; i < 6; i++) {
		covers->covered[i] = (uint32_t)trace_text_number(at);
		if (**at != '/')
			return;
		(*at)++;
	}
	trace_text_fail("more than six", begin);
}

/* Flag or KEY=VALUE of an event. */
static void read_attribute(const char **at, struct trace_text_call *call)
{
#define M(name) TRACE_TEXT_MEMBER(trace_event, name)
	static const struct trace_text_member member[] = {
		M(asked), M(done), M(error), M(extra), M(flow), M(set)};
#undef M
	const size_t length = strcspn(*at, "=,)");
	const char *name = *at;

	*at += length;
	if (**at != '=' && set_flag(&call->event, name, length))
		return;
	if (*(*at)++ != '=')
		trace_text_fail("no such flag", name);
	if (is_word(name, length, "covers"))
		read_covers(at, &call->covers);
	else if (!trace_text_set(&call->event, member, TRACE_TEXT_COUNT(member), name, length, at))
		trace_text_fail("no such key", name);
}

/* The size behind 'w', 'r' or "file". */
static void read_sized(
	struct trace_text *text, const char **at, char kind, struct trace_event *event)
{
	event->call = kind == 'w' ? TRACE_SEND : kind == 'r' ? TRACE_RECV : TRACE_READ;
	event->done = read_size(text, at);
	event->asked = kind == 'r' ? 8192 : event->done;
	if (kind == 'f') {
		event->flags = EVENT_FILE;
		event->flow = 0;
	}
}

/* Any call by its name. */
static void read_name(const char **at, struct trace_event *event)
{
	const char *name = *at;
	const size_t length = strspn(name, "abcdefghijklmnopqrstuvwxyz_0123456789");

	*at += length;
	for (unsigned call = 1; call < TRACE_CALL_COUNT; call++)
		if (is_word(name, length, call_name(call))) {
			event->call = (uint8_t)call;
			return;
		}
	trace_text_fail("no such call", name);
}

static void read_word(struct trace_text *text, const char **at, struct trace_event *event)
{
	const char *name = *at;
	const size_t length = strspn(name, "abcdefghijklmnopqrstuvwxyz_");

	if (isdigit((unsigned char)name[length]) &&
		(is_word(name, length, "w") || is_word(name, length, "r") ||
			is_word(name, length, "file"))) {
		*at += length;
		read_sized(text, at, *name, event);
	} else if (is_word(name, length, "again")) {
		*at += length;
		event->call = TRACE_RECV;
		event->error = 11;
		event->flags = EVENT_NONBLOCK;
	} else {
		read_name(at, event);
	}
}

void trace_text_call(struct trace_text *text, const char **at, struct trace_text_call *call)
{
	*call = (struct trace_text_call){.event.flow = text->flow, .took = 1000};
	read_word(text, at, &call->event);
	const int class = call_class(call->event.call);
	if (class == CLASS_WAIT || class == CLASS_NAME || class == CLASS_SLEEP)
		call->event.flow = 0; /* they are about no connection, or about several */
	if (**at == '(')
		do {
			(*at)++;
			read_attribute(at, call);
		} while (**at == ',');
	if (**at == ')')
		(*at)++;
	if (**at == '~') {
		(*at)++;
		call->took = trace_text_time(at);
	}
}
