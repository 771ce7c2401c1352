/* The child's side of a run: environment, descriptors, namespace, user, strace, exec.
 *
 * It must not change what a victim inherits beyond descriptors 0, 1, 2 and the page: a stray
 * descriptor would change the numbers of the victim's sockets. */
#include "launch.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "must.h"

const char *const mode_name[MODE_COUNT] = {"bare", "off", "auto", "always", "buffer"};

/* A long tick for `always`: what a story says about a held write must still hold when it looks. */
static const char *const mode_rules[MODE_COUNT] = {
	NULL,
	"1:+t@role=any@:coalesce=0+=1",
	"1:default",
	"1:+t@role=any@:coalesce=2@:coalesce_delay=50000+=1",
	"1:+t@role=any@:coalesce=3@:coalesce_delay=50000@:accept_loss=1+=1",
};

bool library_loads(void)
{
	const char *bare = getenv("SOCKFIX_TEST_BARE");

	return !bare || strcmp(bare, "1") != 0;
}

char *build_path(const char *name)
{
	const char *build = getenv("BUILD");
	char *joined = must_print("%s/%s", build && *build ? build : "build", name);
	char *path = realpath(joined, NULL);

	if (!path) {
		fprintf(stderr, "%s is missing: run make first\n", joined);
		abort();
	}
	free(joined);
	return path;
}

struct page *page_make(int *fd)
{
	struct page *page;
	int made = memfd_create("page", MFD_CLOEXEC);

	MUST(made >= 0 && ftruncate(made, sizeof(*page)) == 0);
	*fd = fcntl(made, F_DUPFD_CLOEXEC, PAGE_FD + 1);
	MUST(*fd > PAGE_FD && close(made) == 0);
	page = mmap(NULL, sizeof(*page), PROT_READ | PROT_WRITE, MAP_SHARED, *fd, 0);
	MUST(page != MAP_FAILED);
	return page;
}

/* Libraries for LD_PRELOAD, in their order; NULL: none. The caller frees it. */
static char *preloaded(const char *before, const char *ours, const char *after)
{
	const char *const library[] = {before, ours, after};
	char *list = NULL;

	for (size_t i = 0; i < sizeof(library) / sizeof(*library); i++) {
		char *shorter = list;

		if (!library[i])
			continue;
		list = must_print("%s%s%s", shorter ? shorter : "", shorter ? ":" : "", library[i]);
		free(shorter);
	}
	return list;
}

/* Where victims are of another word size than the programs of this system that they start, the
 * loader of each finds its own by $LIB (ld.so(8)). */
static char *library_of(const struct launch *launch)
{
	char *path = build_path(launch->library ? launch->library : "libsockfix.so"), *narrow,
	     *both;
	const int folder = (int)(strrchr(path, '/') - path);

	narrow = must_print("%.*s/lib32", folder, path);
	if (!launch->library && access(narrow, F_OK) == 0) {
		both = must_print("%.*s/$LIB%s", folder, path, path + folder);
		free(path);
		path = both;
	}
	free(narrow);
	return path;
}

/* The variables of one run. Under strace they are the victim's alone, so they travel as -E. */
static char **variables_of(const struct launch *launch, size_t *count)
{
	char **list = must_realloc(NULL, sizeof(*list) * (LAUNCH_VARIABLES + 8));
	char *library = NULL, *preload;
	size_t n = 0;

	if (launch->mode != MODE_BARE && library_loads()) {
		const char *rules = launch->rules ? launch->rules : mode_rules[launch->mode];

		library = library_of(launch);
		if (*rules)
			list[n++] = must_print("SOCKFIX_RULES=%s", rules);
	}
	preload = preloaded(launch->preload, library, launch->after);
	if (preload)
		list[n++] = must_print("LD_PRELOAD=%s", preload);
	free(preload);
	free(library);
	list[n++] = must_print("VICTIM_PORT=%d", launch->port);
	list[n++] =
		must_print("VICTIM_ADDRESS=%s", launch->address ? launch->address : "127.0.0.1");
	list[n++] = must_print("VICTIM_TRAIN=%d", launch->train);
	for (size_t i = 0; i < LAUNCH_VARIABLES && launch->variable[i]; i++)
		list[n++] = must_print("%s", launch->variable[i]);
	*count = n;
	return list;
}

_Noreturn static void exec_victim(const struct launch *launch, char **variable, size_t variables)
{
	const char *argv[LAUNCH_ARGUMENTS + 2 * LAUNCH_VARIABLES + 32];
	const char *path = launch->program;
	size_t n = 0;

	unsetenv("LD_PRELOAD");
	if (strncmp(path, "PATH:", 5) == 0) {
		path += 5;
	} else if (!strchr(path, '/')) {
		char *name = must_print("victims/%s", path);

		path = build_path(name);
	}
	if (launch->trace) {
		const char *head[] = {"strace", "-f", "-X", "abbrev", "-o", launch->trace};

		for (size_t i = 0; i < sizeof(head) / sizeof(*head); i++)
			argv[n++] = head[i];
		if (launch->calls) {
			argv[n++] = "-e";
			argv[n++] = must_print("trace=%s", launch->calls);
		}
		if (launch->inject) {
			argv[n++] = "-e";
			argv[n++] = must_print("inject=%s", launch->inject);
		}
	}
	for (size_t i = 0; i < variables; i++) {
		if (launch->trace) {
			argv[n++] = "-E";
			argv[n++] = variable[i];
		} else {
			putenv(variable[i]);
		}
	}
	argv[n++] = path;
	for (size_t i = 0; i < LAUNCH_ARGUMENTS && launch->argument[i]; i++)
		argv[n++] = launch->argument[i];
	argv[n] = NULL;
	execvp(argv[0], (char *const *)(uintptr_t)argv);
	dprintf(2, "%s: %s\n", argv[0], strerror(errno));
	_exit(127);
}

_Noreturn void launch_exec(const struct launch *launch, const int ends[3], pid_t parent)
{
	struct rlimit none = {0, 0};
	size_t variables;
	char **variable = variables_of(launch, &variables);

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(127);
	setpgid(0, 0);
	setrlimit(RLIMIT_CORE, &none);
	signal(SIGPIPE, SIG_DFL);
	if (launch->netns > 0)
		MUST(setns(launch->netns, CLONE_NEWNET) == 0);
	/* The sources were made with numbers above 99 or close-on-exec; none is overwritten here.
	 */
	MUST(dup2(ends[0], 0) == 0 && dup2(ends[1], 1) == 1 && dup2(ends[2], 2) == 2);
	if (launch->page > 0)
		MUST(dup2(launch->page, PAGE_FD) == PAGE_FD);
	if (launch->uid != 0)
		MUST(setresgid(launch->uid, launch->uid, launch->uid) == 0 &&
			setresuid(launch->uid, launch->uid, launch->uid) == 0);
	exec_victim(launch, variable, variables);
}
