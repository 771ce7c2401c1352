/* Programs that start as another user than the one whose run it is: daemons that root starts drop
 * it and then become another program. They may make files of their own in the run's directory, but
 * not write to what is root's: who may write to a file may cut it off, and touching the page then
 * is a SIGBUS in everybody who mapped it. So they have a budget of their own. */
#ifndef SOCKFIX_TRACE_GUEST_H
#define SOCKFIX_TRACE_GUEST_H

#include <stdbool.h>

/* Opens the budget of this user's guests, and makes it where there is none: what is left in the
 * run's, which `whole` is open on. A descriptor, which the caller closes, or -errno. */
long trace_guest_budget(long whole);

/* Whether this program is one. */
bool trace_guest_is(void);

#endif
