/* walled VERB [NUMBERS]: programs that shut themselves off, in the middle of their work, from where
 * a recording is written, and one that has more connections than others have bytes. Each is its
 * own peer and prints what it got. */
#include "tests/victims/pair.h"

#include <stdint.h>
#include <sys/prctl.h>
#include <sys/resource.h>

static int ends[16384];

/* The other process: it has its end of each connection, and answers in another order. */
static void answer_all(int count)
{
	for (int i = 0; i < count; i++) {
		NEED((ends[i] = accept(listener, NULL, NULL)) >= 0);
		NEED(write(ends[i], "a", 1) == 1);
	}
	for (int i = count; i-- > 0;) {
		unsigned char byte;

		NEED(read(ends[i], &byte, 1) == 1);
		byte = (unsigned char)(byte + i);
		NEED(write(ends[i], &byte, 1) == 1);
	}
	for (int i = 0; i < count; i++)
		NEED(close(ends[i]) == 0);
	_exit(0);
}

static unsigned long ask_all(int count)
{
	unsigned char byte;
	unsigned long sum = 0;

	for (int i = 0; i < count; i++) {
		NEED((ends[i] = socket(AF_INET, SOCK_STREAM, 0)) >= 0);
		NEED(connect(ends[i], (struct sockaddr *)&own, sizeof(own)) == 0);
		NEED(read(ends[i], &byte, 1) == 1 && byte == 'a');
	}
	for (int i = 0; i < count; i++) {
		byte = (unsigned char)(i / 7);
		NEED(write(ends[i], &byte, 1) == 1);
	}
	for (int i = 0; i < count; i++) {
		NEED(read(ends[i], &byte, 1) == 1);
		sum = sum * 31 + byte;
		NEED(close(ends[i]) == 0);
	}
	return sum;
}

/* at-once CONNECTIONS: all of them are there before the first one is used. */
static void at_once(void)
{
	struct rlimit limit;
	int status;
	pid_t child;

	NEED(number(0) <= (int)COUNT_OF(ends) && getrlimit(RLIMIT_NOFILE, &limit) == 0);
	limit.rlim_cur = (rlim_t)number(0) + 100;
	NEED(setrlimit(RLIMIT_NOFILE, &limit) == 0);
	begin_listening();
	NEED((child = fork()) >= 0);
	if (child == 0)
		answer_all(number(0));
	mark("%lx", ask_all(number(0)));
	NEED(waitpid(child, &status, 0) == child);
	mark("%d", status);
}

/* Half of the work before, half behind. */
static void around(void (*wall)(void))
{
	struct pair pair;

	begin_listening();
	pair = pair_make();
	mark("%ld", exchange(pair, number(0)));
	wall();
	mark("%ld", exchange(pair, number(0)));
	mark("%ld", exchange(pair_make(), number(0)));
	pair_close(pair);
}

/* Nothing is left of it but that we are in it. */
static void enter_empty_root(void)
{
	char root[] = "/tmp/sockfix-empty.XXXXXX";
	int above = open("/tmp", O_RDONLY | O_DIRECTORY);

	NEED(above >= 0 && mkdtemp(root) && chroot(root) == 0 && chdir("/") == 0);
	NEED(unlinkat(above, strrchr(root, '/') + 1, AT_REMOVEDIR) == 0 && close(above) == 0);
	NEED(open("/etc", O_RDONLY) == -1 && errno == ENOENT);
}

/* No file may be opened any more, for reading or writing. */
static void restrict_files(void)
{
	/* The first of struct landlock_ruleset_attr, which Debian 11 has not: write_file,
	 * read_file, read_dir, make_reg (landlock(7)). */
	const uint64_t handled_access_fs = 1 << 1 | 1 << 2 | 1 << 3 | 1 << 8;
	int set = (int)syscall(
		SYS_landlock_create_ruleset, &handled_access_fs, sizeof(handled_access_fs), 0);

	NEED(set >= 0 && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
	NEED(syscall(SYS_landlock_restrict_self, set, 0) == 0);
	NEED(close(set) == 0 && open("/etc", O_RDONLY) == -1 && errno == EACCES);
}

/* Nothing of it can be recorded. */
static void landlocked_first(void)
{
	restrict_files();
	begin_listening();
	mark("%ld", exchange(pair_make(), number(0)));
}

static void chrooted(void)
{
	around(enter_empty_root);
}

static void landlocked(void)
{
	around(restrict_files);
}

int main(int argc, char **argv)
{
	static const struct verb verbs[] = {
		{"at-once", at_once},
		{"chroot", chrooted},
		{"landlock", landlocked},
		{"landlock-first", landlocked_first},
	};

	words = argv + 2;
	given = argc - 2;
	return run_verb(verbs, COUNT_OF(verbs), argc, argv);
}
