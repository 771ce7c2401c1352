/* The line of trace_text.h about the whole run. */
#ifndef TEST_TRACE_TEXT_RUN_H
#define TEST_TRACE_TEXT_RUN_H

#include "trace_text_process.h"

/* The line behind its first word. */
void trace_text_run(struct trace_text *text, const char *at);

#endif
