/* A child goes into the root and becomes the user; it starts nothing, and ends when it has looked.
 */
#include "tools/unit/program.h"

#include <errno.h>
#include <grp.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tools/base/child.h"

struct seen {
	bool readable;
	struct target target;
};

/* Of a manager's services (systemd.exec(5), ExecSearchPath=). */
static const char search_path[] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

static bool become(const struct program_as *as)
{
	if (*as->root && (chroot(as->root) != 0 || chdir("/") != 0))
		return false;
	if (as->uid >= 0 && geteuid() == 0 &&
		(setgroups(0, NULL) != 0 ||
			setresgid((gid_t)as->gid, (gid_t)as->gid, (gid_t)as->gid) != 0 ||
			setresuid((uid_t)as->uid, (uid_t)as->uid, (uid_t)as->uid) != 0))
		return false;
	if (as->no_privileges)
		prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	return unsetenv("LD_PRELOAD") == 0 && setenv("PATH", search_path, 1) == 0;
}

static void look(const struct program_as *as, char *const argv[], const struct elf_facts *library,
	const struct twin *twin, int to)
{
	struct seen seen = {.readable = false};

	if (!become(as))
		_exit(errno & 127);
	seen.readable = access(as->library, R_OK) == 0;
	target_look(argv, library, twin, &seen.target);
	_exit(write(to, &seen, sizeof(seen)) != sizeof(seen));
}

static bool read_all(int from, struct seen *seen)
{
	size_t length = 0;
	ssize_t got;

	while (length < sizeof(*seen) &&
		(got = read(from, (char *)seen + length, sizeof(*seen) - length)) > 0)
		length += (size_t)got;
	return length == sizeof(*seen);
}

bool program_look(const struct program_as *as, char *const argv[], const struct elf_facts *library,
	const struct twin *twin, struct target *target, bool *readable)
{
	struct seen seen;
	int ends[2], status;
	bool whole;
	pid_t child;

	if (pipe(ends) != 0)
		return false;
	child = child_fork();
	if (child == 0)
		look(as, argv, library, twin, ends[1]);
	close(ends[1]);
	whole = child > 0 && read_all(ends[0], &seen);
	close(ends[0]);
	status = child > 0 ? child_reap(child) : 0;
	if (!whole) {
		errno = WIFEXITED(status) && WEXITSTATUS(status) ? WEXITSTATUS(status) : EIO;
		return false;
	}
	*target = seen.target;
	*readable = seen.readable;
	return true;
}
