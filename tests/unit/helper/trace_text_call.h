/* A single call in the lines of trace_text.h: its word, and what stands in brackets behind it. */
#ifndef TEST_TRACE_TEXT_CALL_H
#define TEST_TRACE_TEXT_CALL_H

#include "trace_text_process.h"

#define TRACE_TEXT_LASTS (EVENT_BARE | EVENT_MENDED) /* no event has both */

/* The call that the word names, with its sizes; *at is then behind the name. */
void trace_text_call(struct trace_text *text, const char **at, struct trace_event *event);
/* Flag or KEY=VALUE of an event; covers= goes into *covers. */
void trace_text_attribute(const char **at, struct trace_event *event, struct trace_event *covers);

#endif
