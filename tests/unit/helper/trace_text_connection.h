/* The lines of trace_text.h that say of a connection that it is there. */
#ifndef TEST_TRACE_TEXT_CONNECTION_H
#define TEST_TRACE_TEXT_CONNECTION_H

#include "trace_text_process.h"

/* The line behind its first word, which gave the role (enum trace_role). */
void trace_text_connection(struct trace_text *text, uint8_t role, const char *at);

#endif
