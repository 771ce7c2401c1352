/* The one line that carries rules into the victim: the value of SOCKFIX_RULES.
 *
 *   line    = "1:default"  |  "1:" rules "+=" COUNT
 *   rules   = one "+" NAME fields each; a rule "default" without fields is rule_default
 *   fields  = "@" MATCHER "=" ITEM *("," ITEM)      program script args role peer port
 *                                                   local_port peer_port user
 *           | "@:" OPTION "=" ["^"] VALUE           "^": force
 *           | "@veto" | "@last" | "@holdout=" PERCENT
 *   VALUE   = a number in the kernel's unit | "=" word | "~" undo | "-" keep
 * Bytes outside [A-Za-z0-9_.-] in names, globs and words are written ~XX in hexadecimal; so is a
 * '~' itself. The line therefore needs no quoting in sh, cron, systemd units, env files or YAML.
 * The COUNT of rules at the end shows that nothing was cut off: no line is the beginning of another
 * one. Example:
 *   1:+default+imap@role=client@port=143,993@:coalesce=^1@:tcp_nodelay=^1+=2
 * Decoding uses libc alone, allocates nothing and makes no system call. */
#ifndef SOCKFIX_WIRE_H
#define SOCKFIX_WIRE_H

#include "rule.h"

/* The longest line that a file may hold, in bytes (SOCKFIX_RULES=@FILE). Rule files have 1 MB at
 * most together, and a byte of theirs becomes three at most. */
enum { WIRE_MOST = 4 * 1024 * 1024 };

/* Upper bound, in bytes, of the room that decoding text needs. */
size_t wire_room(const char *text);

/* Fills set; all it points at lies in room (size bytes, aligned for any type). Returns 0, -EPROTO
 * for another version, an unknown word or a line that was cut off, -ENOMEM when size is too
 * small. On error set holds nothing. */
int wire_decode(const char *text, void *room, size_t size, struct ruleset *set);

/* Writes the line for set to out, as snprintf does: at most size bytes with the NUL, and the
 * length that it would have had is returned. A ruleset of rule_default alone is "1:default". */
size_t wire_encode(const struct ruleset *set, char *out, size_t size);

#endif
