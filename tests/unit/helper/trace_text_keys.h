/* What a line of trace_text.h says of a connection beside its address. */
#ifndef TEST_TRACE_TEXT_KEYS_H
#define TEST_TRACE_TEXT_KEYS_H

#include "trace_text_process.h"

/* Each KEY=VALUE of `at` into the connection, which is one of that process. */
void trace_text_keys(
	struct trace_text_process *process, struct trace_connection *connection, const char *at);

#endif
