/* Rules that are longer than a variable can be, in a file that SOCKFIX_RULES names: @FILE. */
#ifndef SOCKFIX_CMD_RULES_FILE_H
#define SOCKFIX_CMD_RULES_FILE_H

#include <limits.h>

/* Keeps the line (wire.h) in a file that is named after what it says: the same rules have one file,
 * however often they are used. For root below /run/sockfix, which all may read, for what COMMAND
 * starts may have another user; else, and where that cannot be written, in the state folder
 * (store_state()). What nobody asked for again in a year is removed. value: "@PATH". Returns 0;
 * -errno, and value is what could not be written; -EDESTADDRREQ: there is no folder for it. */
int rules_file_keep(const char *line, char value[PATH_MAX + 1]);

#endif
