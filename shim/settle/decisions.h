/* The rules of this process, and the few different decisions that they lead to, each kept once. */
#ifndef SOCKFIX_DECISIONS_H
#define SOCKFIX_DECISIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "rules/rule.h"

/* Decodes text (or the file of @FILE). Returns 0 or -errno. */
int decisions_start(const char *text);

/* A line in the log: that they hold, and their names. */
void decisions_say(void);

/* Others, from here on: what was decided before stays as it was. One thread at a time. 0 or -errno:
 * the old ones hold. */
int decisions_change(const char *text);

/* The line that they are from; NULL: there are none. */
extern const char *_Atomic decisions_text;

/* What the rules ask about, beyond what a flow knows for nothing. */
bool decisions_ask_for_peer(void);
bool decisions_ask_for_local_port(void);
bool decisions_ask_at_bind(void);
bool decisions_undo_buffers(void);
bool decisions_may_collect(void);
bool decisions_may_watch(void); /* always or buffer: the deadline's thread may come */

/* A subject of this process and this role, with a number drawn for its holdout. */
struct subject decisions_subject(bool server);

/* The number of the decision for that subject, or -1: nothing applies, or no room for more. */
int16_t decisions_make(const struct subject *subject);

/* Whether a rule that matches draws lots: the last one's name, and whether it leaves the subject
 * out. The name stays. */
bool decisions_arm(const struct subject *subject, const char **rule, bool *bare);

/* NULL for -1. */
const struct decision *decision_at(int16_t number);

/* A few words for the log, valid until the thread's next call. */
const char *decision_summary(int16_t number);

#endif
