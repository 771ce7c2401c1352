/* The parts of mend.c: mend_set.c has one option of one connection, mend_decide.c what rules want.
 */
#ifndef SOCKFIX_LIVE_MEND_PARTS_H
#define SOCKFIX_LIVE_MEND_PARTS_H

#include "tools/live/mend.h"

struct touched mend_socket(const struct mending *mending, const struct connection *connection);
enum role mend_role(const struct mending *mending, const struct connection *connection);

/* Fills in the rule and the role, and tells. */
void mend_tell(struct mending *mending, const struct mended *mended, struct mend_event *event);

/* Sets the event's option to its value, where it is not so already, and tells. What ends it all is
 * in mending->error. False: the descriptor is another socket by now, which the next list will show.
 */
bool mend_option(struct mending *mending, struct mended *mended, struct mend_event *event);

/* Keeps that the option is as it was: what is set there from now on is the program's own. False: it
 * cannot be kept. */
bool mend_keep_back(struct mending *mending, const struct mend_event *event);

/* Says what is to become of a connection, once in its life; sets nothing. */
void mend_decide(
	struct mending *mending, struct mended *mended, const struct connection *connection);
/* Sets what rules still want of it. */
void mend_wanted(
	struct mending *mending, struct mended *mended, const struct connection *connection);

#endif
