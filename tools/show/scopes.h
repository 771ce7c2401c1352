/* What is to be said of programs on cgroups (`sockfix scope`). */
#ifndef SOCKFIX_SHOW_SCOPES_H
#define SOCKFIX_SHOW_SCOPES_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct scope_row {
	char *cgroup;  /* as /proc/PID/cgroup names it */
	char *rules;   /* their line (rules/wire.h); NULL: not known */
	int64_t since; /* seconds since 1970 */
	uint32_t program;
};

void scopes_show(FILE *out, const struct scope_row *row, size_t count);

/* Appends an object for each. 0 or -ENOMEM. */
int scopes_add_json(json_t *list, const struct scope_row *row, size_t count);

#endif
