/* Programs of ours on cgroups, for `sockfix status`. */
#ifndef SOCKFIX_CMD_SCOPE_H
#define SOCKFIX_CMD_SCOPE_H

#include <stddef.h>

#include "tools/show/scopes.h"

/* All that there are on this host; where that may not be asked, none. *rows: to be given to
 * scope_rows_free(). Returns how many. */
size_t scope_rows_find(struct scope_row **rows);
void scope_rows_free(struct scope_row *rows, size_t count);

#endif
