/* Looks through the cgroups of this host for programs of ours; where no such program is in the
 * kernel, that costs a question and no more. */
#include "tools/cmd/scope.h"

#include <stdlib.h>

#include "tools/base/memory.h"
#include "tools/scope/attach.h"
#include "tools/scope/cgroup.h"

struct looking {
	const struct cgroup_mount *mount;
	struct scope_row *row;
	size_t count;
};

static int look(const char *path, void *own)
{
	struct looking *looking = own;
	struct attached attached;

	if (attach_find(path, &attached) > 0) {
		looking->row = memory_grow(looking->row, looking->count, sizeof(*looking->row));
		looking->row[looking->count++] = (struct scope_row){
			.cgroup = memory_print("%s", cgroup_name(looking->mount, path)),
			.rules = attached.rules,
			.since = attached.since,
			.program = attached.id,
		};
		attached.rules = NULL;
	}
	attached_free(&attached);
	return 0;
}

size_t scope_rows_find(struct scope_row **rows)
{
	struct cgroup_mount mount;
	struct looking looking = {.mount = &mount};

	if (attach_anywhere() > 0 && cgroup_mount_find(&mount) == 0)
		cgroup_walk(mount.path, look, &looking);
	*rows = looking.row;
	return looking.count;
}

void scope_rows_free(struct scope_row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		free(rows[i].cgroup);
		free(rows[i].rules);
	}
	free(rows);
}
