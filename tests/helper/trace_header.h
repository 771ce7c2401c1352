/* What a trace file of this version begins with, for tests that write one. */
#ifndef TEST_TRACE_HEADER_H
#define TEST_TRACE_HEADER_H

#include <string.h>

#include "shim/trace_format.h"

/* The version and its sizes; the rest is as it was. */
static inline void trace_header_fill(struct trace_header *header)
{
	memcpy(header->magic, TRACE_MAGIC, sizeof(header->magic));
	header->version = TRACE_VERSION;
	header->block = TRACE_BLOCK;
	header->event = sizeof(struct trace_event);
	header->connection = TRACE_CONNECTION;
	header->thread = sizeof(struct trace_thread);
}

#endif
