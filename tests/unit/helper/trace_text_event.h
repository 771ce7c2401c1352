/* Calls of trace_text.h, one after the other, as events of a thread. */
#ifndef TEST_TRACE_TEXT_EVENT_H
#define TEST_TRACE_TEXT_EVENT_H

#include "trace_text_process.h"

/* Events of the thread up to the end or a closing brace; returns there. */
const char *trace_text_events(struct trace_text *text, const char *at);

#endif
