/* One program after the other is killed, at a write and some moments after it that the seed says;
 * nothing is measured and nobody sleeps until then. */
#include "kills.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kill_after.h"
#include "tests/helper/must.h"

#define WRITES 800 /* it is killed before so many have returned */
#define SPINS  3000

struct scene {
	uint64_t seed;
	unsigned spins;
	int file, listener, port, end;
	struct killed_page *page;
	char *folder; /* of the recording; NULL: none */
	pid_t program, peer;
	struct timespec began;
};

static void open_listener(struct scene *scene)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t length = sizeof(at);

	scene->listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	MUST(scene->listener >= 0);
	MUST(bind(scene->listener, (struct sockaddr *)&at, length) == 0);
	MUST(listen(scene->listener, KILLED_LINKS) == 0);
	MUST(getsockname(scene->listener, (struct sockaddr *)&at, &length) == 0);
	scene->port = ntohs(at.sin_port);
}

static void open_page(struct scene *scene)
{
	int made = memfd_create("killed", MFD_CLOEXEC);

	MUST(made >= 0 && ftruncate(made, sizeof(*scene->page)) == 0);
	scene->file = fcntl(made, F_DUPFD_CLOEXEC, PAGE_FD + 1);
	MUST(scene->file > PAGE_FD && close(made) == 0);
	scene->page = mmap(
		NULL, sizeof(*scene->page), PROT_READ | PROT_WRITE, MAP_SHARED, scene->file, 0);
	MUST(scene->page != MAP_FAILED);
}

_Noreturn static void become_program(
	const struct kills *kills, const struct scene *scene, pid_t parent)
{
	char *seed = must_print("%llu", (unsigned long long)scene->seed);
	struct launch launch = {.program = "killed",
		.argument = {seed},
		.mode = kills->mode,
		.port = scene->port,
		.page = scene->file};
	int nothing = open("/dev/null", O_RDWR | O_CLOEXEC), ends[3];

	if (scene->folder)
		kill_record(&launch, scene->folder, seed);
	for (int i = 0; i < 3; i++)
		ends[i] = fcntl(i == 2 ? 2 : nothing, F_DUPFD_CLOEXEC, PAGE_FD + 1);
	launch_exec(&launch, ends, parent);
}

static void start(const struct kills *kills, struct scene *scene)
{
	pid_t self = getpid();
	int ends[2];

	open_listener(scene);
	MUST(pipe2(ends, O_CLOEXEC) == 0);
	scene->program = fork();
	MUST(scene->program >= 0);
	if (scene->program == 0)
		become_program(kills, scene, self);
	scene->peer = fork();
	MUST(scene->peer >= 0);
	if (scene->peer == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		close(ends[1]);
		kill_peer_serve(scene->listener, ends[0], scene->page);
	}
	close(ends[0]);
	close(scene->listener);
	scene->end = ends[1];
}

/* It ends by itself where it cannot write, and only then; that is looked for now and then. */
static bool wait_until_due(const struct scene *scene)
{
	static const struct timespec now_and_then = {1, 0};
	siginfo_t ended = {.si_pid = 0};

	while (scene->page->kill_at && !atomic_load(&scene->page->due)) {
		syscall(SYS_futex, &scene->page->due, FUTEX_WAIT, 0, &now_and_then, NULL, 0);
		waitid(P_PID, (id_t)scene->program, &ended, WEXITED | WNOHANG | WNOWAIT);
		if (ended.si_pid != 0)
			return false;
	}
	return true;
}

static bool kill_it(const struct kills *kills, struct scene *scene)
{
	bool right = wait_until_due(scene);

	for (volatile unsigned i = 0; i < scene->spins; i++)
		;
	if (kills->records)
		kill_recorded(scene->page, scene->program);
	else
		MUST(kill(-scene->program, SIGKILL) == 0 || errno == ESRCH);
	/* Its child is ours by then (PR_SET_CHILD_SUBREAPER). */
	while (waitpid(-scene->program, NULL, 0) > 0)
		;
	MUST(errno == ECHILD);
	return right;
}

static void finish(struct scene *scene)
{
	int status;

	close(scene->end);
	MUST(waitpid(scene->peer, &status, 0) == scene->peer && status == 0);
}

static void scene_free(struct scene *scene)
{
	munmap(scene->page, sizeof(*scene->page));
	close(scene->file);
	if (scene->folder)
		kill_folder_free(scene->folder);
}

/* NULL: all is well; else what is not. */
static char *play(struct kills *kills, uint64_t seed)
{
	uint64_t dice = seed;
	struct scene scene = {.seed = seed, .spins = (unsigned)(killed_draw(&dice) % SPINS)};
	char *fault;

	clock_gettime(CLOCK_REALTIME_COARSE, &scene.began); /* as files have it */
	open_page(&scene);
	scene.page->kill_at = killed_draw(&dice) % WRITES;
	if (kills->records)
		scene.folder = kill_folder_new();
	start(kills, &scene);
	fault = kill_it(kills, &scene) ? NULL : must_print("it ended before it was killed");
	finish(&scene);
	if (!fault)
		fault = kill_judge(kills, scene.page);
	if (!fault)
		fault = kill_leftover(scene.page, scene.program, &scene.began);
	if (!fault && scene.folder)
		fault = kill_report(scene.folder);
	kills->writes += scene.page->writes;
	scene_free(&scene);
	return fault;
}

void kills_play(struct kills *kills)
{
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	for (unsigned i = 0; i < kills->count; i++) {
		char *fault = play(kills, kills->seed + i);

		if (!fault)
			continue;
		printf("seed %llu, %s%s: %s\n", (unsigned long long)(kills->seed + i),
			kills->records ? "recorded, " : "", mode_name[kills->mode], fault);
		fflush(stdout);
		kills->failed++;
		free(fault);
	}
}
