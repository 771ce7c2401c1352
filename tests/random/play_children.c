/* Steps that start processes which have the connections, too: what this one wrote before arrives
 * before what they write, and what they write before what it writes after. */
#include <pthread.h>
#include <sched.h>
#include <spawn.h>
#include <sys/resource.h>

#include "world.h"

void exec_again(struct step *step);

/* ---- the child that is this program again ---- */

int child_main(char **argv)
{
	struct link link = {.number = (uint32_t)atoi(argv[1]),
		.written = strtoull(argv[2], NULL, 10),
		.limit = SIZE_MAX};
	int fd = atoi(argv[0]), size = atoi(argv[3]);

	for (; size > 0; size -= 7)
		link_put(&link, fd, size < 7 ? (size_t)size : 7);
	return 0;
}

void child_words(struct child_words *words, const struct link *link, int fd, size_t size)
{
	snprintf(words->text[0], sizeof(words->text[0]), "%d", fd);
	snprintf(words->text[1], sizeof(words->text[1]), "%u", link->number);
	snprintf(words->text[2], sizeof(words->text[2]), "%llu", (unsigned long long)link->written);
	snprintf(words->text[3], sizeof(words->text[3]), "%zu", size);
	words->argv[0] = self;
	snprintf(words->text[4], sizeof(words->text[4]), "child");
	words->argv[1] = words->text[4];
	for (int i = 0; i < 4; i++)
		words->argv[2 + i] = words->text[i];
	words->argv[6] = NULL;
}

static char true_name[] = "true", *true_words[] = {true_name, NULL};

/* ---- waiting for a child ---- */

int child_wait(struct step *step, pid_t pid)
{
	int status = -1;
	struct rusage usage;
	siginfo_t info;

	switch (step_draw(step, 6)) {
	case 0:
		NEED(wait(&status) == pid);
		break;
	case 1:
		NEED(wait3(&status, 0, &usage) == pid);
		break;
	case 2:
		NEED(wait4(pid, &status, 0, &usage) == pid);
		break;
	case 3:
		NEED(waitid(P_PID, (id_t)pid, &info, WEXITED) == 0);
		status = info.si_status << 8;
		break;
	case 4:
		NEED(syscall(SYS_wait4, pid, &status, 0, NULL) == pid);
		break;
	default:
		NEED(waitpid(pid, &status, 0) == pid);
	}
	return status;
}

static pid_t fork_drawn(struct step *step)
{
	switch (step_draw(step, 4)) {
	case 0:
		return _Fork();
	case 1:
		return (pid_t)syscall(SYS_clone, SIGCHLD, 0L, 0L, 0L, 0L);
	default:
		return fork();
	}
}

/* ---- the steps ---- */

void child_before(struct link *link, struct step *step)
{
	if (!link->nonblocking)
		link_write(link, step, 1 + step_draw(step, 30));
}

bool link_usable(const struct link *link)
{
	return !link->shut && !link->any;
}

PLAY(fork)
{
	struct link *link = link_of(step);
	size_t size = 1 + step_draw(step, 30);
	unsigned how = step_draw(step, 3);
	pid_t pid;

	if (!link_usable(link))
		return;
	child_before(link, step);
	pid = fork_drawn(step);
	NEED(pid >= 0);
	if (pid == 0) {
		link_put(link, link->fd, size);
		link_put(link, link_name(link, step), size);
		if (how == 0)
			exit(7);
		if (how == 1)
			syscall(SYS_exit_group, 7);
		_exit(7);
	}
	link->written += 0;
	note("  child %x", (unsigned)child_wait(step, pid));
	link->written += 2 * (size < link->limit ? size : link->limit);
	link_put(link, link->fd, step_draw(step, 20));
}

/* The child goes on as the program; the parent waits for it. */
PLAY(carry)
{
	struct link *link = link_of(step);
	pid_t pid;
	int status;

	if (link_usable(link))
		child_before(link, step);
	pid = fork();
	NEED(pid >= 0);
	if (pid == 0)
		return;
	status = child_wait(step, pid);
	_exit(status >> 8 ? 90 : status);
}

/* The child lives in our memory: it puts the connection on a number that is another's here. */
PLAY(vfork)
{
	struct link *link = link_of(step), *other = link_beside(step);
	unsigned how = step_draw(step, 3), size = 1 + step_draw(step, 20);
	pid_t pid;

	if (!link_usable(link) || !link_usable(other))
		return;
	child_before(link, step);
	link_put(other, other->fd, size);
	pid = vfork();
	NEED(pid >= 0);
	if (pid == 0) {
		if (how == 0) {
			close(other->fd);
			if (fcntl(link->fd, F_DUPFD, other->fd) != other->fd)
				_exit(2);
		} else {
			dup2(link->fd, other->fd);
		}
		link_put(link, other->fd, size);
		link_put(link, other->fd, size);
		if (how == 2)
			execv("/bin/true", true_words);
		_exit(0);
	}
	note("  child %x", (unsigned)child_wait(step, pid));
	for (int i = 0; i < 3; i++) {
		link_put(other, other->fd, size);
		link_put(link, link->fd, size);
	}
}

PLAY(exec)
{
	struct link *link = link_of(step);

	if (link_usable(link))
		child_before(link, step);
	exec_again(step);
}

/* Without the library, if there is one: as a program that cleans its environment starts others. */
static char path[] = "PATH=/usr/bin:/bin", *plain_environment[] = {path, NULL};

PLAY(spawn)
{
	struct link *link = link_of(step);
	size_t size = 1 + step_draw(step, 30);
	posix_spawn_file_actions_t actions;
	struct child_words words;
	char **environment = step_draw(step, 2) ? environ : plain_environment;
	int moved = step_draw(step, 2) ? 95 : link->fd;
	pid_t pid;

	if (!link_usable(link) || link->nonblocking || link->limit < SIZE_MAX)
		return;
	child_before(link, step);
	child_words(&words, link, moved, size);
	posix_spawn_file_actions_init(&actions);
	if (moved != link->fd)
		posix_spawn_file_actions_adddup2(&actions, link->fd, moved);
	if (step_draw(step, 2))
		NEED(posix_spawn(&pid, self, &actions, NULL, words.argv, environment) == 0);
	else
		NEED(posix_spawnp(&pid, self, &actions, NULL, words.argv, environment) == 0);
	note("  child %x", (unsigned)child_wait(step, pid));
	posix_spawn_file_actions_destroy(&actions);
	link->written += size;
	link_put(link, link->fd, step_draw(step, 20));
}

/* ---- a program that is started while the connection is closed and made anew ---- */

static void *starter(void *unused)
{
	pid_t pid;
	int status;

	(void)unused;
	NEED(posix_spawn(&pid, "/bin/true", NULL, NULL, true_words, environ) == 0);
	NEED(waitpid(pid, &status, 0) == pid);
	return NULL;
}

PLAY(recycle)
{
	struct link *link = link_of(step);
	pthread_t thread;

	NEED(pthread_create(&thread, NULL, starter, NULL) == 0);
	for (int i = 0; i < 4; i++) {
		if (link_usable(link))
			link_put(link, link->fd, 5);
		link_close(link);
		link = link_of(step);
		for (int part = 0; part < 3; part++)
			link_put(link, link->fd, 2);
	}
	NEED(pthread_join(thread, NULL) == 0);
}
