/* A single call in the lines of trace_text.h: its word, what stands in brackets
 * behind it, and how long it took. */
#ifndef TEST_TRACE_TEXT_CALL_H
#define TEST_TRACE_TEXT_CALL_H

#include "trace_text_process.h"

#define TRACE_TEXT_LASTS (EVENT_BARE | EVENT_MENDED) /* no event has both */

/* What the text says of it: no time. covers.call 0: no COVERS event follows. */
struct trace_text_call {
	struct trace_event event, covers;
	uint64_t took;
};

/* The call at *at, which is then behind it; sizes in a range take from the text's dice. */
void trace_text_call(struct trace_text *text, const char **at, struct trace_text_call *call);

#endif
