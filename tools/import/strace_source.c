/* Lines out of a stream of bytes, of which there may be any: kept are a begin and an end, whatever
 * the line's length; and a clock that goes on whatever theirs does. Must not know calls. */
#include "tools/import/strace_source.h"

#include <string.h>

#define S   UINT64_C(1000000000)
#define DAY (86400 * S)

/* A log whose times leap further was put together of two. */
#define LEAP (400 * DAY)

/* ---- lines ---- */

static void add(struct source *source, const unsigned char *bytes, size_t length)
{
	const size_t room = LINE_ROOM - 1;
	size_t first = source->length < room ? room - source->length : 0;

	first = first < length ? first : length;
	memcpy(source->text + source->length, bytes, first);
	source->length += first;
	bytes += first;
	length -= first;
	if (!length)
		return;
	/* Full: what comes now is the end, until more comes. */
	if (length >= LINE_TAIL) {
		memcpy(source->text + LINE_HEAD, bytes + length - LINE_TAIL, LINE_TAIL);
		return;
	}
	memmove(source->text + LINE_HEAD, source->text + LINE_HEAD + length, LINE_TAIL - length);
	memcpy(source->text + room - length, bytes, length);
}

/* False: there is none. The last one need not have an end. */
static bool read_line(struct source *source)
{
	struct input *input = source->input;
	bool any = source->glued > 0;

	memcpy(source->text, source->glue, source->glued);
	source->length = source->glued;
	source->glued = 0;
	for (;;) {
		const unsigned char *from = input->bytes + input->at, *end;
		size_t length = input->end - input->at;

		if (!length && !input_more(input))
			break;
		from = input->bytes + input->at;
		length = input->end - input->at;
		end = memchr(from, '\n', length);
		length = end ? (size_t)(end - from) : length;
		add(source, from, length);
		input->at += length + (end != NULL);
		input->taken += length + (end != NULL);
		any = true;
		if (end)
			break;
	}
	for (size_t i = 0; i < source->length; i++)
		if (!source->text[i])
			source->text[i] = '?';
	source->text[source->length] = '\0';
	source->lines += any;
	return any;
}

/* "clone(child_stack=NULL, flags=SIGCHLDstrace: Process 29713 attached": the rest follows. */
static bool is_broken(struct source *source)
{
	static const char own[] = "strace: Process ";
	const size_t most = 48;
	const char *from = source->text + (source->length > most ? source->length - most : 0);
	const char *at = strstr(from, own);

	if (!at || !strstr(at, " attached"))
		return false;
	source->glued = (size_t)(at - source->text);
	if (source->glued > sizeof(source->glue))
		source->glued = 0;
	memcpy(source->glue, source->text, source->glued);
	return true;
}

/* ---- its clock ---- */

static void set_clock(struct source_clock *clock, uint64_t value)
{
	const int64_t now = (int64_t)value + clock->shift;
	const int64_t ahead = now - (int64_t)clock->value;

	if (clock->value && (ahead < -(int64_t)S || ahead > (int64_t)LEAP)) {
		clock->shift -= ahead;
		return;
	}
	if (!clock->value || ahead > 0)
		clock->value = (uint64_t)now;
}

static void tell_time(struct source *source)
{
	struct source_clock *clock = &source->clock;
	const struct log_line *line = &source->line;

	if (clock->kind == CLOCK_MISSING)
		clock->kind = line->clock;
	if (line->clock != clock->kind || clock->kind == CLOCK_MISSING) {
		/* One call after the other, each as long as it says. */
		if (clock->kind == CLOCK_MISSING)
			clock->value += 1000 + (line->took > 0 ? (uint64_t)line->took : 0);
		return;
	}
	if (clock->kind == CLOCK_SINCE) {
		set_clock(clock, clock->last += line->time);
		return;
	}
	if (clock->kind == CLOCK_DAY && line->time + DAY / 2 < clock->last)
		clock->days++;
	clock->last = line->time;
	set_clock(clock, clock->days * DAY + line->time);
}

void source_next(struct source *source)
{
	while (read_line(source)) {
		if (is_broken(source))
			continue;
		if (!line_parse(source->text, source->length, &source->line)) {
			source->odd += source->length > 0;
			continue;
		}
		tell_time(source);
		if (source->line.kind != LINE_NOTHING && source->line.kind != LINE_SIGNAL)
			return;
	}
	source->over = true;
}
