/* What single connections are called. */
#ifndef SOCKFIX_CONNECTIONS_H
#define SOCKFIX_CONNECTIONS_H

#include "tools/show/report.h"

enum { CONNECTION_TEXT = 128 };

/* "10.0.0.1:143 imap #1", "port 8000 (server) from 192.0.2.9:50001 #2"; where there are several
 * processes ", process 4711" behind it. Fills text, of CONNECTION_TEXT bytes, and returns it. */
char *connection_text(char *text, const struct fold *fold, const struct flow_fold *flow);

#endif
