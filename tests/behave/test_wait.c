/* Every way of waiting that libc offers ends the turn: when the program sleeps, the peer has all.
 *
 * A write is held, then the victim waits for something that comes only after the peer has the
 * write; while it sleeps, the kernel must hold nothing back. */
#include <stdio.h>
#include <string.h>

#include "tests/helper/must.h"
#include "tests/helper/scenario.h"

static const char *const by_descriptor[] = {"read", "readv", "poll", "ppoll", "select", "pselect",
	"epoll_wait", "epoll_pwait", "epoll_pwait2", "aio_suspend", "nanosleep", "clock_nanosleep",
	"usleep", "sleep", "thrd_sleep", "pause", "sigwait", "sigwaitinfo", "sigtimedwait",
	"sigsuspend", "accept", "accept4", "syscall-accept", "syscall-accept4",
	"syscall-epoll_pwait2", "syscall-futex"};
static const char *const by_thread[] = {"pthread_cond_wait", "pthread_cond_timedwait",
	"pthread_cond_clockwait", "cnd_wait", "pthread_join", "pthread_timedjoin_np", "thrd_join",
	"sem_wait", "sem_timedwait", "wait", "waitpid", "waitid", "flock", "lockf", "setlkw",
	"system", "pclose", "msgrcv", "semop", "mq_receive"};

/* The answer is read from the connection that the write is held on. */
static const char *const by_reading[] = {"read", "readv", "preadv2", "recv", "peek", "recvfrom",
	"recvmsg", "recvmmsg", "__read_chk", "__recv_chk", "__recvfrom_chk", "__poll_chk",
	"syscall-read", "syscall-preadv2", "epoll", "write-of-nothing", "send-of-nothing",
	"write-of-an-error", "send-of-an-error"};
/* Waits that no library sees, and one that is none: the kernel lets the write go in the end. */
static const char *const by_stealth[] = {"poll-both", "raw-read"};

#define COUNT_OF(array) (sizeof(array) / sizeof(*(array)))

static struct scenario scenarios[COUNT_OF(by_descriptor) + COUNT_OF(by_thread) +
				 COUNT_OF(by_reading) + COUNT_OF(by_stealth) + 1];
static size_t count;

static void add(const char *sentence, const char *program, const char *verb, const char *bytes,
	unsigned flags)
{
	scenarios[count++] =
		(struct scenario)STORY(must_print("a held write, then %s: %s", verb, sentence),
			program, verb, bytes, flags);
}

int main(void)
{
	for (size_t i = 0; i < COUNT_OF(by_descriptor); i++)
		add("it is out before the program sleeps", "waits", by_descriptor[i], "half done\n",
			SLEEPS | HOLDS);
	for (size_t i = 0; i < COUNT_OF(by_thread); i++)
		add("it is out before the program sleeps", "waits_more", by_thread[i],
			"half done\n", SLEEPS | HOLDS);
	for (size_t i = 0; i < COUNT_OF(by_reading); i++)
		add("it is out before the answer is waited for", "reads", by_reading[i], "line\n",
			SLEEPS | HOLDS);
	for (size_t i = 0; i < COUNT_OF(by_stealth); i++)
		add("the answer comes", "reads", by_stealth[i], "line\n", HOLDS);
	/* A stream of stdio's on the socket ends holding there for good. */
	add("the answer comes", "reads", "stdio", "line\n", UNHELD);
	return scenarios_main("wait", scenarios, count);
}
