/* Begins, forks and ends: the constructor, the fork handlers, the flags that hooks ask for.
 *
 * Under AT_SECURE every variable of ours is ignored and the library stays inert. Without rules
 * and without a trace to write, too. Must never fail the program: what cannot be had is done
 * without. */
#include "shim/life.h"

#include <errno.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/prctl.h>

#include "shim/settle/arms.h"
#include "shim/settle/proof.h"
#include "shim/base/control.h"
#include "shim/flow/deadline.h"
#include "shim/settle/decisions.h"
#include "shim/env.h"
#include "shim/flow/flow.h"
#include "shim/flow/hold.h"
#include "shim/flow/news.h"
#include "shim/base/kernel.h"
#include "shim/load/loader.h"
#include "shim/base/log.h"
#include "shim/base/maps.h"
#include "shim/base/page.h"
#include "shim/base/threads.h"
#include "shim/published.h"
#include "shim/real.h"
#include "shim/settle/nodelay.h"
#include "shim/settle/settle.h"
#include "shim/record/connection.h"
#include "shim/record/exec.h"
#include "shim/base/valgrind.h"

static _Atomic int own_pid;

/* glibc has this one and links pthread_atfork statically; musl has pthread_atfork. */
extern int __register_atfork(void (*)(void), void (*)(void), void (*)(void), void *)
	__attribute__((weak));
/* Where the variables of this library begin and end: the linker's names. */
extern void *__dso_handle __attribute__((visibility("hidden")));
extern char _end[] __attribute__((visibility("hidden")));

static void become(void)
{
	atomic_store(&own_pid, (int)kernel_call(SYS_getpid));
	if (control_same_process)
		atomic_store(control_same_process, 1);
}

static void fork_child(void)
{
	become();
	control_forked();
	deadline_forget();
	flow_hold_forked();
	news_forked();
	nodelay_forked();
	arms_forked();
	loader_forked();
	trace_forked();
}

static bool is_own_process(void)
{
	control_check_fork();
	return kernel_call(SYS_getpid) == atomic_load(&own_pid);
}

/* Nothing is held or ours any more: it would stay so. */
static void give_way(void)
{
	flow_push_all();
	nodelay_end();
}

static void watch_for_forks_unseen(void)
{
	void *page = page_map(4096);

	if (page && page_wipe_on_fork(page, 4096))
		control_same_process = page;
	control_becoming = fork_child;
	become();
	control_is_ours = is_own_process;
	control_ending = give_way;
}

void *life_vforking(void)
{
	flow_spawning(true);
	control_vforks(true);
	return (void *)libc()->vfork;
}

void life_cloning(unsigned long flags)
{
	if (!(flags & CLONE_VM))
		flow_push_all();
	if (!(flags & CLONE_VM) || flags & CLONE_THREAD)
		return;
	flow_spawning(true);
	control_vforks(flags & CLONE_VFORK);
}

void life_confined(void)
{
	if (control_in_child()) /* the sandbox is the child's, the switch its parent's, too */
		return;
	control_bar();
	life_alone();
	nodelay_end();
	trace_end(END_NOT_SEEN);
	atomic_store(&control.records, 0);
	trace_stop();
	thread.wrote = false;
	control_off();
}

bool life_is_confining(int operation, unsigned long argument)
{
	return operation == PR_SET_SECCOMP ||
	       (operation == PR_SET_TSC && argument == PR_TSC_SIGSEGV);
}

void life_alone(void)
{
	flow_push_all();
	deadline_stop();
}

void life_leaving(void)
{
	if (control_in_child()) /* its parent goes on */
		return;
	control_bar();
	flow_leaving();
}

void life_exiting(void)
{
	life_leaving();
	if (!control_in_child())
		deadline_stop();
}

void life_thread_ending(void)
{
	flow_wait();
	if (control_on() && !control_in_child() &&
		kernel_call(SYS_gettid) == kernel_call(SYS_getpid))
		deadline_bar();
}

static void watch_forks(void)
{
	int (*atfork)(void (*)(void), void (*)(void), void (*)(void));

	if (__register_atfork) {
		__register_atfork(life_alone, NULL, fork_child, &__dso_handle);
		return;
	}
	atfork = (__typeof__(atfork))maps_libc("pthread_atfork");
	if (atfork)
		atfork(life_alone, NULL, fork_child);
}

static const char *base_name(const char *path, size_t length)
{
	const char *slash = memrchr(path, '/', length);

	return slash ? slash + 1 : path;
}

static bool is_ours(const char *item, size_t length)
{
	static const char ours[] = "libsockfix.so";
	const char *name = base_name(item, length);

	return (size_t)(item + length - name) == sizeof(ours) - 1 &&
	       memcmp(name, ours, sizeof(ours) - 1) == 0;
}

/* Takes us out of LD_PRELOAD, in its own place: what is left is never longer. */
static void leave_preload(void)
{
	char *value = getenv("LD_PRELOAD"), *to = value;

	for (const char *at = value; at && *at;) {
		size_t length = strcspn(at, ": ");

		if (length && !is_ours(at, length)) {
			if (to > value)
				*to++ = ':';
			memmove(to, at, length);
			to += length;
		}
		at += length;
		at += *at != '\0';
	}
	if (to > value)
		*to = '\0';
	else
		unsetenv("LD_PRELOAD");
}

/* Takes out what the command put behind the user's own. */
static void leave_asan(void)
{
	static const char ours[] = ASAN_ANY_ORDER;
	char *value = getenv(ENV_ASAN);
	const size_t length = value ? strlen(value) : 0, own = sizeof(ours) - 1;

	if (length < own || strcmp(value + length - own, ours) != 0)
		return;
	if (length == own)
		unsetenv(ENV_ASAN);
	else if (value[length - own - 1] == ':')
		value[length - own - 1] = '\0';
}

/* So that children start without us. */
static void leave_children_alone(bool asan)
{
	unsetenv(ENV_CHILDREN);
	unsetenv(ENV_RULES);
	unsetenv(ENV_TRACE);
	leave_preload();
	if (asan)
		leave_asan();
}

static bool is_one(const char *value)
{
	return value && strcmp(value, "1") == 0;
}

static const char *rules_reason(int error)
{
	switch (error) {
	case EPROTO:
		return "cut off, or of another version";
	case EMEDIUMTYPE:
		return "not a plain file";
	case ENOENT:
		return "there is no such file";
	case EFBIG:
		return "longer than a line of rules can be";
	default:
		return log_reason(error);
	}
}

/* Whether the rules can be used; what is recorded all the same is not inert. */
static bool rules_start(const char *rules, bool recorded)
{
	int error = rules ? decisions_start(rules) : -ENOENT;

	if (error && rules)
		log_error("%s%s cannot be used: %s; every call stays as it is",
			recorded ? "" : "inert: ", ENV_RULES, rules_reason(-error));
	if (!error)
		decisions_say();
	return !error;
}

static bool tracing_start(const char *trace, const char *rules, bool active)
{
	if (!trace)
		return false;
	if (!trace_start(trace, rules, active)) {
		log_error("%s cannot be used: nothing is recorded", ENV_TRACE);
		return false;
	}
	return true;
}

/* One page for both: a shared mapping is a file to the kernel. */
static void share_with_forks(void)
{
	struct shared {
		_Alignas(64) char hold[FLOW_HOLD_SHARED], nodelay[NODELAY_SHARED];
	} *shared = page_map_shared(sizeof(*shared));

	flow_hold_start(shared ? shared->hold : NULL);
	nodelay_start(shared ? shared->nodelay : NULL);
}

/* Once a process that asks, for nothing else of it would be seen. */
static void say_why_inert(bool off)
{
	if (off)
		log_warn("inert: %s=1 is set; every call stays as it is", ENV_OFF);
	else
		log_warn("inert: no %s is set; every call stays as it is: sockfix run sets it, and "
			 "sockfix env prints it",
			ENV_RULES);
}

/* Somebody meant it to be off, and it is not. */
static void say_what_is_no_switch(const char *off)
{
	if (off && *off && strcmp(off, "0") != 0 && !is_one(off))
		log_warn("%s=%s switches nothing off: 1 does", ENV_OFF, off);
}

/* Both may be NULL. */
static void start(const char *rules, const char *trace)
{
	const char *prove = getenv(ENV_PROVE), *children = getenv(ENV_CHILDREN);
	bool ruled = rules_start(rules, trace), traced = tracing_start(trace, rules, ruled);

	if (children && (strcmp(children, "0") == 0 || strcmp(children, "0:asan") == 0)) {
		leave_children_alone(children[1] != '\0');
		trace_exec_ignore();
	}
	if (!ruled && !traced)
		return;
	/* Before what a sanitizer says of threads that nobody joined; a return from main() comes by
	 * here, too. */
	if (ruled && decisions_may_watch())
		atexit(life_exiting);
	if (ruled)
		proof_start(prove ? (uint32_t)strtoul(prove, NULL, 10) : 0);
	share_with_forks();
	published_start();
	watch_for_forks_unseen();
	watch_forks();
	atomic_store(&control.records, traced);
	atomic_store(&control.bars, !ruled);
	atomic_store(&control.state, CONTROL_RUNS);
	atomic_store(&control.on, 1);
}

static void find_threads(void)
{
	threads_start();
	if ((threads.pthread_create && libc()->dlsym) || !threads_load())
		return;
	threads_start();
	real_bind();
}

__attribute__((constructor)) static void life_begin(void)
{
	const char *rules, *trace, *switched;
	bool active, off;

	real_bind();
	valgrind_ignore(&__dso_handle, (uintptr_t)_end - (uintptr_t)&__dso_handle);
	if (getauxval(AT_SECURE))
		return;
	log_start(getenv(ENV_LOG));
	rules = getenv(ENV_RULES);
	trace = getenv(ENV_TRACE);
	switched = getenv(ENV_OFF);
	off = is_one(switched);
	say_what_is_no_switch(switched);
	active = !off && (rules || trace);
	if (active)
		find_threads();
	real_hide_missing();
	if (active)
		start(rules, trace);
	else
		say_why_inert(off);
}

/* A return from main() reaches _exit inside libc, where no hook sees it. */
__attribute__((destructor)) static void life_end(void)
{
	life_leaving();
	if (!control_in_child())
		trace_end(END_EXIT);
}
