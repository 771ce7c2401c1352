/* Writing a drop-in of ours, and taking it away. */
#ifndef SOCKFIX_UNIT_DROP_IN_H
#define SOCKFIX_UNIT_DROP_IN_H

#include "tools/unit/compose.h"

enum drop_in_whose { DROP_IN_NONE, DROP_IN_OURS, DROP_IN_FOREIGN };

/* What stands in that folder (with the root) under our names. Foreign: path is that file. */
enum drop_in_whose drop_in_whose(const char *folder, char path[PATH_MAX]);
/* Half a sentence, behind its name. */
const char *drop_in_why(const char *path);

/* Each file whole or not at all, the drop-in itself as the last; folders above are made. Returns 0,
 * or -errno and path is what could not be written; what was there is there still. */
int drop_in_write(const char *folder, const struct composed *composed, char path[PATH_MAX]);

/* All of ours, and the folder where nothing else is in it. 0, or -errno as above. */
int drop_in_remove(const char *folder, char path[PATH_MAX]);

#endif
