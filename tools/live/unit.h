/* Whether what systemd keeps of a service says that it is to have the library (systemd.unit(5),
 * systemd.exec(5)). */
#ifndef SOCKFIX_LIVE_UNIT_H
#define SOCKFIX_LIVE_UNIT_H

#include <stdbool.h>
#include <stddef.h>

/* Looks through the unit's own files and its drop-ins, below root ("": the host's), and through the
 * files of variables that they name. True: one names the library, or starts it by `sockfix run` or
 * `record`; path: that file. Which of two files of one name holds is not asked. */
bool unit_names_us(const char *root, const char *unit, char *path, size_t size);

/* One line of a unit: what follows is for it alone. */
enum unit_says { UNIT_NOTHING, UNIT_US, UNIT_FILE };
/* Takes a line. UNIT_FILE: *file is the name of a file of variables, in the line, which is changed.
 */
enum unit_says unit_line(char *line, char **file);
/* And of a line of such a file. */
bool unit_variable(const char *line);

#endif
