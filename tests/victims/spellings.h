/* The frame of the victims that make one call in one of its spellings: by its name in libc, or by
 * its number with syscall(2). Usage: PROGRAM name|number STORY.
 *
 * The story is told around the call: the endpoint is learnt by turns of two writes, the first write
 * of one more is kept back, and then comes the call. What it returned and errno are marks, what the
 * kernel has not sent before and after it are notes. A getsockopt() of SO_TYPE stands at the begin
 * and the end of the story, for who watches. */
#ifndef VICTIM_SPELLINGS_H
#define VICTIM_SPELLINGS_H

#include "tests/victims/victim.h"

#include <stdbool.h>
#include <sys/time.h>

#define MASK_SIZE 8 /* of the kernel's sigset_t, the first word of libc's */

static bool by_number;
static int fd; /* the connection */

/* The call in the spelling that was asked for: the name, and what syscall() is given. */
#define BY(named, ...) (by_number ? syscall(__VA_ARGS__) : (long)(named))

/* Numbers that not every machine has: what asks for them is not played there. */
#ifndef SYS_poll
#define SYS_poll       -1L
#define SYS_select     -1L
#define SYS_epoll_wait -1L
#define SYS_pause      -1L
#define SYS_dup2       -1L
#define SYS_fork       -1L
#endif
#ifndef SYS_accept
#define SYS_accept -1L
#endif
#ifndef SYS_semop
#define SYS_semop      -1L
#define SYS_semtimedop -1L
#endif

/* A number that has no name: it is only asked for by its number. */
#define NO_NAME (errno = ENOSYS, -1)

enum {
	LAST = 1,   /* nothing can be said on the connection after it */
	WHOLE = 2,  /* the call ends the line itself */
	ALONE = 4,  /* it is the turn's first call: nothing was kept back before it */
	WRITES = 8, /* the turns are made of this call, which is given their text */
};

struct story {
	const char *name;
	long (*call)(void);
	unsigned flags;
	void (*prepare)(void); /* before the connection; may be NULL */
	void (*arm)(void);     /* once it is learnt; may be NULL */
};

static const struct story *story;
static const char *text; /* to write, of WRITES */

static inline void watch(void)
{
	int type;
	socklen_t length = sizeof(type);

	getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &length);
}

static inline long call(void)
{
	long result;

	errno = 1234;
	result = story->call();
	mark("%s: %ld, errno %d", story->name, result, errno);
	return result;
}

static inline void put(const char *what)
{
	text = what;
	if (story->flags & WRITES)
		NEED(story->call() == (long)strlen(what));
	else
		say(fd, what);
}

/* Once the answer is there: a read of it is one call, whatever the descriptor is. */
static inline void hear_answer(void)
{
	struct pollfd entry = {fd, POLLIN, 0};

	NEED(raw(SYS_ppoll, (long)&entry, 1, 0, 0, 0, 0) == 1);
	NEED(hear(fd));
}

/* As train() does, by put(); one turn at least, for what begins with the first. */
static inline void learn(void)
{
	int limit = atoi(env_or("VICTIM_TRAIN", "0")), turns = 0, streak = 0;

	do {
		put("tra");
		streak = unsent(fd) > 0 ? streak + 1 : 0;
		put("in\n");
		NEED(hear(fd));
	} while (++turns < limit && streak < 3);
}

static inline void begin(void)
{
	if (story->flags & WRITES || story->flags & ALONE) {
		text = "a";
		return;
	}
	say(fd, "a");
	mark("#before %d", unsent(fd) > 0);
}

/* One more turn shows what became of the flow. */
static inline void turn_after(void)
{
	put("c");
	mark("#next %d", unsent(fd) > 0);
	put("d\n");
	hear_answer();
}

static inline void tell(void)
{
	fd = dial();
	learn();
	if (story->arm)
		story->arm();
	watch();
	begin();
	call();
	mark("#after %d", unsent(fd) > 0);
	if (story->flags & LAST)
		return;
	if (!(story->flags & WHOLE))
		put("b\n");
	hear_answer();
	turn_after();
	watch();
}

static inline void on_signal(int number)
{
	(void)number;
}

static inline void catch_alarm(void)
{
	struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART};

	NEED(sigaction(SIGALRM, &action, NULL) == 0);
}

/* Again and again: one may come before the call. */
static inline void set_alarm(long microseconds)
{
	struct itimerval every = {{0, microseconds}, {0, microseconds}};

	NEED(setitimer(ITIMER_REAL, &every, NULL) == 0);
}

/* A wait that would be long, until a signal comes. */
static inline long interrupted(long (*wait)(void))
{
	long result;
	int saved;

	set_alarm(20000);
	result = wait();
	saved = errno;
	set_alarm(0);
	errno = saved;
	return result;
}

static inline int run_story(const struct story *stories, size_t count, int argc, char **argv)
{
	by_number = argc > 1 && strcmp(argv[1], "number") == 0;
	for (size_t i = 0; argc > 2 && i < count; i++)
		if (strcmp(stories[i].name, argv[2]) == 0)
			story = &stories[i];
	if (!story)
		return 98;
	if (story->prepare)
		story->prepare();
	tell();
	return 0;
}

#endif
