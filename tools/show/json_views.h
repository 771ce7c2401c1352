/* Members of the report's JSON that are there where they were asked for. */
#ifndef SOCKFIX_JSON_VIEWS_H
#define SOCKFIX_JSON_VIEWS_H

#include <jansson.h>

#include "tools/show/report.h"

/* Adds "calls", "timeline" and "connections" to the root, as the report's members say. */
void json_views_add(json_t *root, const struct report *report);

#endif
