/* One victim and the peer of the harness, bare and with the library: what came of it by counts, the
 * library's own and those of calls. Same bytes, marks, stderr and status in both arms, or the test
 * fails. */
#ifndef TEST_COUNTED_H
#define TEST_COUNTED_H

#include "calls.h"
#include "link.h"
#include "peer.h"
#include "run.h"
#include "trace.h"

struct counted {
	const char *program;
	const char *argument[LAUNCH_ARGUMENTS];
	enum mode mode;
	const char *rules;   /* instead of the mode's; may be NULL */
	const char *log;     /* SOCKFIX_LOG; NULL: none. Its lines are in .with.err, not compared */
	const char *watch;   /* calls for strace to write down; NULL: no strace */
	const char *inject;  /* see launch.h; wants .watch */
	bool silent;	     /* the peer never answers */
	size_t answer;	     /* it does for each so many bytes, not for each line; 0: it does not */
	const char *at, *to; /* where it listens, and what the victim dials; NULL: loopback */
	unsigned pause_us;   /* of the peer's, see peer.h */
	struct link *link;   /* the way between them; begun anew for each arm. NULL: loopback */

	/* What came of it, owned until counted_free(). */
	struct outcome bare, with;
	struct calls bare_calls, with_calls;
	struct way_count bare_way[LINK_WAYS], with_way[LINK_WAYS]; /* of .link */
	enum peer_end end;		    /* of the connection, in both arms */
	struct trace_connection connection; /* the first that is no listener; zeroes without the
					     * library, or where none was recorded */
};

/* Plays both arms. */
void counted_play(struct counted *counted);
void counted_free(struct counted *counted);

/* The number behind a word in the victim's notes: "#kept 3"; fails the test where it is not there.
 */
int counted_note(const struct outcome *outcome, const char *word);

#endif
