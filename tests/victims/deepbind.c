/* A host of plugins, as PHP is one: opens them with RTLD_DEEPBIND or without, in all the ways in
 * which a plugin's function may then be called. What they write goes to the peer. */
#include <dlfcn.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <link.h>
#include <pthread.h>
#include <sched.h>
#include <sys/time.h>
#include <stdbool.h>
#include <sys/mount.h>
#include <sys/prctl.h>

#include "tests/victims/plugins/plugin.h"
#include "tests/victims/victim.h"

#ifdef GMON
/* As a program has it that is compiled for gprof. */
void __gmon_start__(void);
__attribute__((visibility("default"))) void __gmon_start__(void)
{
}
#endif

static int fd = -1;
static const struct operations *registered;
static bool constructors_write;

__attribute__((visibility("default"))) void host_register(const struct operations *operations)
{
	registered = operations;
}

__attribute__((visibility("default"))) int host_descriptor(void)
{
	return constructors_write ? fd : -1;
}

/* d: RTLD_DEEPBIND, n: RTLD_NOW, g: RTLD_GLOBAL */
static int mode_of(const char *letters)
{
	return (strchr(letters, 'n') ? RTLD_NOW : RTLD_LAZY) |
	       (strchr(letters, 'd') ? RTLD_DEEPBIND : 0) |
	       (strchr(letters, 'g') ? RTLD_GLOBAL : 0);
}

static void *open_plugin(const char *file, const char *letters)
{
	void *handle = dlopen(file, mode_of(letters));

	if (!handle) {
		mark("%s", dlerror());
		exit(1);
	}
	return handle;
}

static void call(void *handle)
{
	void (*function)(int) = (void (*)(int))dlsym(handle, "go");

	NEED(function);
	function(fd);
}

/* call MODE FILE...: opens and calls each, all twice. */
static void calls(char **word)
{
	void *handle[8];
	int count = 0;

	for (char **file = word + 1; *file; file++)
		call(handle[count++] = open_plugin(*file, word[0]));
	for (int i = 0; i < count; i++)
		call(handle[i]);
}

/* mixed FILE MODE FILE MODE...: opens each in its mode, then calls them. */
static void mixed(char **word)
{
	void *handle[8];
	int count = 0;

	for (; word[0] && word[1]; word += 2)
		handle[count++] = open_plugin(word[0], word[1]);
	for (int i = 0; i < count; i++)
		call(handle[i]);
}

static void *open_and_call(void *file)
{
	call(open_plugin(file, "d"));
	return NULL;
}

/* passing FILE FILE: between the opening of the first and its call another thread has the second.
 */
static void passing(char **word)
{
	void *handle = open_plugin(word[0], "d");
	pthread_t thread;

	NEED(pthread_create(&thread, NULL, open_and_call, word[1]) == 0);
	NEED(pthread_join(thread, NULL) == 0);
	call(handle);
}

/* reopen MODE FILE */
static void reopen(char **word)
{
	for (int i = 0; i < 5; i++) {
		void *handle = open_plugin(word[1], word[0]);

		call(handle);
		NEED(dlclose(handle) == 0);
	}
}

/* register MODE FILE: the plugin is called by what its constructor has said, never by dlsym(). */
static void registers(char **word)
{
	constructors_write = true;
	open_plugin(word[1], word[0]);
	NEED(registered);
	registered->go(fd);
	registered->write(fd, "r", 1);
}

/* dial MODE FILE: likewise, and the host connects only then. */
static void dials(char **word)
{
	open_plugin(word[1], word[0]);
	NEED(registered && fd == -1);
	fd = dial();
	registered->go(fd);
}

/* failing FILE: cannot be opened so; without the flag, it is another file. */
static void failing(char **word)
{
	void *handle = dlopen("/nowhere/there.so", RTLD_LAZY | RTLD_DEEPBIND);

	NEED(!handle && dlerror());
	NEED(!dlsym(RTLD_DEFAULT, "no_such_name"));
	mark("%s", dlerror());
	handle = open_plugin(word[0], "d");
	mark("%s", dlerror() ? "an error" : "no error");
	call(handle);
	mark("%s", dlerror() ? "an error" : "no error");
}

/* child WAY MODE FILE: in a child, and then here. */
static void child(char **word)
{
	const bool vforks = strcmp(word[0], "vfork") == 0;
	void *handle = vforks ? open_plugin(word[2], word[1]) : NULL;
	pid_t pid = vforks ? vfork() : fork();
	int status;

	if (pid == 0 && vforks)
		_exit(dlsym(handle, "go") ? 7 : 8);
	if (pid == 0) {
		call(open_plugin(word[2], word[1]));
		_exit(7);
	}
	NEED(waitpid(pid, &status, 0) == pid);
	mark("child %d", WEXITSTATUS(status));
	call(vforks ? handle : open_plugin(word[2], word[1]));
}

/* apart FILE */
static void apart(char **word)
{
	void *handle = dlmopen(LM_ID_NEWLM, word[0], RTLD_NOW);

	if (!handle)
		mark("%s", dlerror());
	NEED(handle);
	call(handle);
	call(dlmopen(LM_ID_BASE, word[0], RTLD_LAZY | RTLD_DEEPBIND));
}

/* unproc WORD...: where there is no /proc, as in a chroot. */
static void unproc(char **word)
{
	NEED(unshare(CLONE_NEWNS) == 0);
	NEED(mount(NULL, "/proc", NULL, MS_REC | MS_PRIVATE, NULL) == 0);
	NEED(mount("none", "/proc", "tmpfs", 0, NULL) == 0);
	calls(word);
}

/* confined WORD...: after a filter, which lets all through. */
static void confined(char **word)
{
	struct sock_filter all[] = {BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
	struct sock_fprog program = {COUNT_OF(all), all};

	NEED(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
	NEED(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0);
	calls(word);
}

/* which: what RTLD_NEXT and versions find. */
static void which(char **word)
{
	int (*function)(void) = (int (*)(void))dlsym(RTLD_DEFAULT, "which");
	void *wait = dlvsym(RTLD_DEFAULT, "pthread_cond_wait", "GLIBC_2.2.5");

	(void)word;
	mark("which %d", function ? function() : -1);
	mark("versions %d %d", wait != NULL,
		wait != dlvsym(RTLD_DEFAULT, "pthread_cond_wait", "GLIBC_2.3.2"));
	mark("renamed %d", dlsym(RTLD_DEFAULT, "renamed_go") != NULL);
}

/* ---- many at once ---- */

static char **files;
static int rounds;
static _Atomic int running;

static void *opener(void *number)
{
	for (int i = 0; i < rounds; i++) {
		void *handle = open_plugin(files[(size_t)number], "d");

		call(handle);
		NEED(dlclose(handle) == 0);
	}
	running--;
	return NULL;
}

static int look(struct dl_phdr_info *info, size_t size, void *count)
{
	(void)info;
	(void)size;
	++*(int *)count;
	return 0;
}

/* Signals come to the openers alone. */
static void keep_signals_off(void)
{
	sigset_t alarm;

	sigemptyset(&alarm);
	sigaddset(&alarm, SIGALRM);
	pthread_sigmask(SIG_BLOCK, &alarm, NULL);
}

/* Opens and closes without the flag, looks at all that is loaded, forks. */
static void *bystander(void *kind)
{
	while (running > 0) {
		int count = 0;

		if ((size_t)kind == 0) {
			void *handle = dlopen("libm.so.6", RTLD_NOW);

			NEED(handle && dlsym(handle, "cos") && dlclose(handle) == 0);
		} else if ((size_t)kind == 1) {
			NEED(dl_iterate_phdr(look, &count) == 0 && count > 3);
		} else {
			pid_t pid = fork();

			if (pid == 0)
				raw(SYS_exit_group, 0, 0, 0, 0, 0, 0);
			NEED(pid > 0 && waitpid(pid, NULL, 0) == pid);
		}
	}
	return NULL;
}

static int handler_pipe[2];

static void handler(int signal)
{
	int saved = errno;
	int made = socket(AF_UNIX, SOCK_STREAM, 0);

	(void)signal;
	if (made >= 0)
		close(made);
	(void)!write(handler_pipe[1], "s", 1);
	errno = saved;
}

static void *drain(void *unused)
{
	char bytes[512];

	keep_signals_off();
	while (read(handler_pipe[0], bytes, sizeof(bytes)) > 0)
		;
	return unused;
}

static void begin_signals(void)
{
	struct sigaction action = {.sa_handler = handler, .sa_flags = SA_RESTART};
	struct itimerval often = {{0, 200}, {0, 200}};
	pthread_t thread;

	NEED(pipe(handler_pipe) == 0);
	NEED(pthread_create(&thread, NULL, drain, NULL) == 0);
	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &often, NULL);
}

/* threads ROUNDS SIGNALS FILE...: a thread for each file, all with bystanders. */
static void threads(char **word)
{
	pthread_t thread[16];
	size_t count = 0, openers;
	struct itimerval never = {{0, 0}, {0, 0}};

	rounds = atoi(word[0]);
	files = word + 2;
	while (files[count])
		count++;
	openers = count;
	running = (int)openers;
	if (strcmp(word[1], "signals") == 0)
		begin_signals();
	for (size_t i = 0; i < openers + 3; i++) {
		if (i == openers)
			keep_signals_off();
		NEED(pthread_create(&thread[i], NULL, i < openers ? opener : bystander,
			     (void *)(i < openers ? i : i - openers)) == 0);
	}
	for (size_t i = 0; i < openers + 3; i++)
		NEED(pthread_join(thread[i], NULL) == 0);
	setitimer(ITIMER_REAL, &never, NULL);
}

int main(int count, char **word)
{
	static const struct {
		const char *name;
		void (*run)(char **word);
	} verb[] = {{"call", calls}, {"mixed", mixed}, {"passing", passing}, {"reopen", reopen},
		{"register", registers}, {"dial", dials}, {"failing", failing}, {"child", child},
		{"apart", apart}, {"which", which}, {"unproc", unproc}, {"confined", confined},
		{"threads", threads}};

	if (count < 2 || strcmp(word[1], "dial") != 0)
		fd = dial();
	for (size_t i = 0; count > 1 && i < COUNT_OF(verb); i++)
		if (strcmp(verb[i].name, word[1]) == 0)
			verb[i].run(word + 2);
	NEED(close(fd) == 0);
	return 0;
}
