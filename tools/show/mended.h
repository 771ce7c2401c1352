/* What `sockfix mend` does, a line for each thing, as it happens. */
#ifndef SOCKFIX_MENDED_H
#define SOCKFIX_MENDED_H

#include <stdio.h>

#include "tools/live/mend.h"

void mended_print_who(FILE *out, const struct who *who);
void mended_print(FILE *out, const struct mend_event *event);

/* "192.0.2.7:143"; of a connection that was accepted ":143 from 192.0.2.9:50000". */
enum { MENDED_WHERE = 80 };
void mended_where(char text[MENDED_WHERE], const struct socket_state *socket, enum role role);

#endif
