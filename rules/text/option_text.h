/* Options as people write them: units, suggestions. For the tools; the victim never parses this.
 */
#ifndef SOCKFIX_OPTION_TEXT_H
#define SOCKFIX_OPTION_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "rules/option.h"

/* Reads what stands between the quotes of a rule file, or after NAME= of -s: "60s", "30ms", "64K",
 * "5Gbit", "true", "auto", "off", "keep", "bbr", "4096". A bare number is in the kernel's unit;
 * options of ours want their unit. Times take us, ms, s, min, h; sizes B, K, M, G (times 1024);
 * rates kbit, Mbit, Gbit, kB, MB, GB (times 1000). Returns 0, or -EINVAL with one sentence in why
 * (no place, no full stop). */
int option_parse(int id, const char *text, struct value *value, char *why, size_t size);

/* The same for a number that stood without quotes, and for a bare true or false. */
int option_from_number(int id, int64_t number, struct value *value, char *why, size_t size);
int option_from_bool(int id, bool on, struct value *value, char *why, size_t size);

/* What may have been meant: a number with its unit spelt out, as it is written here: "60min" for
 * "60 minutes". False: there is no guess. */
bool meant_unit(const char *text, char *out, size_t size);
/* The number of a DSCP's name, such as AF41; -1: it is none. */
int meant_dscp(const char *name);

/* What an option takes, to stand after "takes": "true or false", "a time such as \"30s\"". */
const char *option_takes(int id);

/* The word that undoes what a program set, of buffers and linger: "auto"; else NULL. */
const char *option_undo(int id);

/* Prints value with its unit, so that option_parse() reads it back: "60s", "65536", "bbr",
 * "keep". As snprintf. */
int option_print(int id, const struct value *value, char *out, size_t size);

/* The name among count names that is nearest to word, or NULL when none is near enough to be meant
 * (Damerau-Levenshtein distance of at most a third of the longer length; letter case is no
 * difference). */
const char *nearest_name(const char *word, const char *const *name, size_t count);

/* The option whose name is nearest to word, with or without its "tcp_", "so_", ...; or NULL. */
const char *nearest_option(const char *word);

#endif
