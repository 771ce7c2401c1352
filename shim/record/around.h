/* Objects that call libc around us, noted for the report. Async-signal-safe, errno kept. */
#ifndef SOCKFIX_TRACE_AROUND_H
#define SOCKFIX_TRACE_AROUND_H

#include "shim/trace_format.h"

/* name: of its file. Nothing where nothing is recorded. */
void trace_around(enum trace_around_way way, const char *name);

#endif
