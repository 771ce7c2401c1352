/* `sockfix which --against`: a set of rules held against what it must say. */
#ifndef SOCKFIX_CMD_WHICH_CASES_H
#define SOCKFIX_CMD_WHICH_CASES_H

#include "rules/rule.h"

/* Reads the file of cases, prints each that differs and how many did. Returns the exit status: 0;
 * 1: a case differs; 2: the file cannot be read, has no case, or one that is none, each said with
 * its place. */
int which_cases(const struct ruleset *rules, const char *path);

#endif
