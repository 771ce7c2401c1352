/* Where cgroups lie, out of texts as the kernel writes them. */
#include "tests/unit/unit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tools/scope/cgroup.h"

static int mount_of(const char *text, struct cgroup_mount *mount)
{
	FILE *file = fmemopen((void *)(uintptr_t)text, strlen(text), "r");
	int error;

	assert_non_null(file);
	error = cgroup_mount_read(file, mount);
	fclose(file);
	return error;
}

#define OTHERS                                                                                     \
	"22 1 8:1 / / rw,relatime - ext4 /dev/root rw\n"                                           \
	"25 22 0:20 / /sys/fs/cgroup rw - tmpfs tmpfs rw,mode=755\n"
#define V1 "28 25 0:24 / /sys/fs/cgroup/pids rw,relatime shared:9 - cgroup cgroup rw,pids\n"

static void mounts_are_found(void **state)
{
	struct cgroup_mount mount;

	(void)state;
	assert_int_equal(mount_of(OTHERS "30 22 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 "
					 "cgroup2 rw,nsdelegate\n",
				 &mount),
		0);
	assert_string_equal(mount.path, "/sys/fs/cgroup");
	assert_string_equal(mount.root, "/");
	assert_false(mount.v1);
	assert_int_equal(mount_of(OTHERS V1 "37 25 0:33 / /sys/fs/cgroup/unified rw - cgroup2 none "
					    "rw\n",
				 &mount),
		0);
	assert_string_equal(mount.path, "/sys/fs/cgroup/unified");
	assert_true(mount.v1);
	assert_int_equal(
		mount_of(OTHERS "30 22 0:26 /a\\040b /my\\040\\134cg rw - cgroup2 x rw\n", &mount),
		0);
	assert_string_equal(mount.root, "/a b");
	assert_string_equal(mount.path, "/my \\cg");
}

static void none_is_said(void **state)
{
	struct cgroup_mount mount;

	(void)state;
	assert_int_equal(mount_of(OTHERS, &mount), -ENOENT);
	assert_false(mount.v1);
	assert_int_equal(mount_of(OTHERS V1, &mount), -ENOENT);
	assert_true(mount.v1);
	assert_int_equal(mount_of(" - cgroup2 \n-\n\n - cgroup2 x\n", &mount), -ENOENT);
}

static int folder_of(const char *text, const char *root, char path[PATH_MAX])
{
	struct cgroup_mount mount = {.path = "/cg"};
	FILE *file = fmemopen((void *)(uintptr_t)text, strlen(text), "r");
	int error;

	assert_non_null(file);
	strcpy(mount.root, root);
	error = cgroup_of(file, &mount, path);
	fclose(file);
	return error;
}

static void a_process_has_a_folder(void **state)
{
	char path[PATH_MAX];

	(void)state;
	assert_int_equal(folder_of("4:memory:/x\n0::/system.slice/a.service\n", "/", path), 0);
	assert_string_equal(path, "/cg/system.slice/a.service");
	assert_int_equal(folder_of("0::/\n", "/", path), 0);
	assert_string_equal(path, "/cg");
	assert_int_equal(folder_of("0::/docker/1/b\n", "/docker/1", path), 0);
	assert_string_equal(path, "/cg/b");
	assert_int_equal(folder_of("0::/docker/1\n", "/docker/1", path), 0);
	assert_string_equal(path, "/cg");
	assert_int_equal(folder_of("0::/docker/11\n", "/docker/1", path), -EXDEV);
	assert_int_equal(folder_of("0::/../x\n", "/", path), -EXDEV);
	assert_int_equal(folder_of("1:name=systemd:/x\n", "/", path), -ENOENT);
}

static void names_have_no_mount(void **state)
{
	const struct cgroup_mount mount = {.path = "/cg"};

	(void)state;
	assert_string_equal(cgroup_name(&mount, "/cg/a/b"), "/a/b");
	assert_string_equal(cgroup_name(&mount, "/cg"), "/");
	assert_string_equal(cgroup_name(&mount, "/cgx/a"), "/cgx/a");
}

/* ---- units, in folders that are no cgroups ---- */

static void make(const char *root, const char *below)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s%s", root, below);
	assert_int_equal(mkdir(path, 0755), 0);
}

static void units_are_found_by_name(void **state)
{
	struct cgroup_mount mount = {.path = "/tmp/sockfix-cgroups-XXXXXX"};
	char path[PATH_MAX], other[PATH_MAX], command[PATH_MAX + 16];

	(void)state;
	assert_non_null(mkdtemp(mount.path));
	make(mount.path, "/system.slice");
	make(mount.path, "/system.slice/a.service");
	make(mount.path, "/system.slice/a.service/system.slice");
	make(mount.path, "/system.slice/a.service/system.slice/a.service");
	make(mount.path, "/user.slice");
	make(mount.path, "/user.slice/b.service");
	make(mount.path, "/system.slice/b.service");
	make(mount.path, "/user.slice/c.scope");
	assert_int_equal(cgroup_of_unit("a", &mount, path, other), 0);
	assert_string_equal(cgroup_name(&mount, path), "/system.slice/a.service");
	assert_int_equal(cgroup_of_unit("a.service", &mount, path, other), 0);
	assert_int_equal(cgroup_of_unit("c.scope", &mount, path, other), 0);
	assert_string_equal(cgroup_name(&mount, path), "/user.slice/c.scope");
	assert_int_equal(cgroup_of_unit("b", &mount, path, other), -ENOTUNIQ);
	assert_int_equal(cgroup_of_unit("c", &mount, path, other), -ENOENT);
	assert_int_equal(cgroup_of_unit("../a", &mount, path, other), -ENOENT);
	assert_int_equal(cgroup_named("/tmp", &mount, path), -ENOTDIR);
	snprintf(command, sizeof(command), "rm -r %s", mount.path);
	assert_int_equal(system(command), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(mounts_are_found),
		cmocka_unit_test(none_is_said),
		cmocka_unit_test(a_process_has_a_folder),
		cmocka_unit_test(names_have_no_mount),
		cmocka_unit_test(units_are_found_by_name),
	};

	return cmocka_run_group_tests_name("scope_cgroup", tests, NULL, NULL);
}
