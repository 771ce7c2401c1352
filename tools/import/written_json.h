/* run.json of a recording that was imported. */
#ifndef SOCKFIX_WRITTEN_JSON_H
#define SOCKFIX_WRITTEN_JSON_H

#include "tools/import/written.h"

/* By rename, so that it is there whole or not at all. 0 or -errno. */
int written_json(int folder, const struct written_run *run, uint64_t zero_wall);

#endif
