/* What there is to say of a capture beside its calls. */
#ifndef SOCKFIX_CAPTURE_SAY_H
#define SOCKFIX_CAPTURE_SAY_H

#include "tools/import/import.h"
#include "tools/packets/talks.h"

/* Whether so much of it is missing that it is no ground for a 'no'. */
/* Whether something of it is missing, so that there is no 'no'. */
bool capture_is_partial(const struct talks_sums *sums);
bool capture_lacks_bytes(const struct talks_sums *sums);

/* Where it was taken; what it lacks. broken: why it could not be read to its end, "" where it was.
 * Both into import->note. */
void capture_say_about(struct import *import, const struct talks_sums *sums);
void capture_say_lacks(struct import *import, const struct talks_sums *sums, const char *broken);

#endif
