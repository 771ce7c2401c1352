/* Questions to the kernel about a connection, by raw system calls. */
#ifndef SOCKFIX_TRACE_ASK_H
#define SOCKFIX_TRACE_ASK_H

#include <stdbool.h>

#include "shim/trace_format.h"

/* Asks for TCP_INFO; false: no answer. */
bool trace_tcp_take(int fd, struct trace_tcp *tcp);

/* The settings in force; what the kernel does not tell stays as it is or is -1. */
void trace_options_take(int fd, struct trace_options *options);

/* Bytes, of SIOCINQ, SIOCOUTQ or SIOCOUTQNSD (tcp(7)); 0: no answer. */
uint32_t trace_queued(int fd, unsigned long request);

#endif
