/* Rows of the option table, and presets, in words: for list and explain. */
#ifndef SOCKFIX_WORDS_H
#define SOCKFIX_WORDS_H

#include "rules/option.h"
#include "rules/presets.h"

/* "true, false", "1-32767 s", "from 2304 bytes, auto": at most 23 columns. */
void option_values(int id, char *out, size_t size);

/* "connect, listen": at most 22 columns. */
void option_when(int id, char *out, size_t size);
/* The same in a sentence. */
const char *option_when_text(int id);

/* "none", "seen", "may break"; and in a sentence. */
const char *option_risk(int id);
const char *option_risk_text(int id);

/* A value that option_parse() takes. */
void option_example(int id, char *out, size_t size);

/* The preset's first line of comment, without '#' and its name. */
void preset_summary(const struct preset *preset, char *out, size_t size);

#endif
