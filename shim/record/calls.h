/* The recorded versions of libc's functions. */
#ifndef SOCKFIX_TRACE_CALLS_H
#define SOCKFIX_TRACE_CALLS_H

#include "shim/real.h"

/* Puts them in the table that hooks call through; those that this libc lacks stay NULL. */
void trace_calls_install(void);
void trace_calls_remove(void);

/* The parts: each fills in its own. */
void trace_reads_install(struct real *table);
void trace_writes_install(struct real *table);
void trace_waits_install(struct real *table);
void trace_names_install(struct real *table);
void trace_sockets_install(struct real *table);
void trace_leaves_install(struct real *table);
void trace_raw_install(struct real *table);

/* The recorded version of NAME, where libc has one: traced_NAME(). */
#define TRACE_INSTALL(table, NAME)                                                                 \
	do                                                                                         \
		if (libc()->NAME)                                                                  \
			(table)->NAME = traced_##NAME;                                             \
	while (0)

#endif
