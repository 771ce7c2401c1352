/* Looks at programs, and says what is known of ours. Must not change anything. */
#include "tools/scope/there.h"

#ifdef SOCKFIX_LIBBPF

#include <bpf/bpf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "tools/base/memory.h"
#include "tools/scope/attach.h"

int there_look(const char *cgroup, struct there *there)
{
	const int fd = open(cgroup, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int error;

	memset(there, 0, sizeof(*there));
	there->count = THERE_PROGRAMS;
	if (fd < 0)
		return -errno;
	error = bpf_prog_query(fd, BPF_CGROUP_SOCK_OPS, 0, &there->flags, there->id, &there->count)
			? -errno
			: 0;
	close(fd);
	return error;
}

int there_program(__u32 id, struct bpf_prog_info *info)
{
	const int fd = bpf_prog_get_fd_by_id(id);
	__u32 size = sizeof(*info);
	int error;

	if (fd < 0)
		return -errno;
	memset(info, 0, sizeof(*info));
	if (bpf_obj_get_info_by_fd(fd, info, &size) == 0)
		return fd;
	error = -errno;
	close(fd);
	return error;
}

bool there_is_ours(const char *name)
{
	return strncmp(name, THERE_OURS, sizeof(THERE_OURS) - 1) == 0;
}

bool there_name(__u32 id, char name[BPF_OBJ_NAME_LEN])
{
	struct bpf_prog_info info;
	const int fd = there_program(id, &info);

	if (fd < 0)
		return false;
	close(fd);
	memcpy(name, info.name, sizeof(info.name));
	return true;
}

/* ---- what is known of ours ---- */

/* Its time of birth is counted from the boot on. */
static int64_t since(uint64_t load_time)
{
	struct timespec now, up;

	clock_gettime(CLOCK_REALTIME, &now);
	clock_gettime(CLOCK_BOOTTIME, &up);
	return now.tv_sec - up.tv_sec + (int64_t)(load_time / 1000000000);
}

static char *rules_in(__u32 id)
{
	const int fd = bpf_map_get_fd_by_id(id);
	struct bpf_map_info info = {0};
	__u32 size = sizeof(info);
	const __u32 first = 0;
	char *text = NULL;

	if (fd < 0)
		return NULL;
	if (bpf_obj_get_info_by_fd(fd, &info, &size) == 0 && there_is_ours(info.name)) {
		text = memory_take(info.value_size + 9u, 1);
		if (bpf_map_lookup_elem(fd, &first, text) != 0) {
			free(text);
			text = NULL;
		}
	}
	close(fd);
	return text;
}

static char *rules_of(int program)
{
	__u32 id = 0;
	struct bpf_prog_info info = {.nr_map_ids = 1, .map_ids = (uintptr_t)&id};
	__u32 size = sizeof(info);

	if (bpf_obj_get_info_by_fd(program, &info, &size) != 0 || !info.nr_map_ids)
		return NULL;
	return rules_in(id);
}

int attach_find(const char *cgroup, struct attached *attached)
{
	struct there there;
	int error = there_look(cgroup, &there), found = 0;

	memset(attached, 0, sizeof(*attached));
	for (__u32 i = 0; !error && !found && i < there.count && i < THERE_PROGRAMS; i++) {
		struct bpf_prog_info info;
		const int fd = there_program(there.id[i], &info);

		if (fd >= 0 && there_is_ours(info.name)) {
			found = 1;
			attached->id = info.id;
			attached->since = since(info.load_time);
			attached->rules = rules_of(fd);
		}
		if (fd >= 0)
			close(fd);
	}
	return error ? error : found;
}

int attach_anywhere(void)
{
	char name[BPF_OBJ_NAME_LEN];
	__u32 id = 0;

	while (bpf_prog_get_next_id(id, &id) == 0)
		if (there_name(id, name) && there_is_ours(name))
			return 1;
	return errno == ENOENT ? 0 : -errno;
}

void attached_free(struct attached *attached)
{
	free(attached->rules);
}

#endif
