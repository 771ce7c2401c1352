/* A write, then one of the many calls in which a thread may wait: each a visible end of its turn.
 */
#include <aio.h>
#include <mqueue.h>
#include <netdb.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <sys/file.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <threads.h>
#include <time.h>

#include "world.h"

/* A moment that has passed, and how long a wait is that is made. */
static const struct timespec passed = {1, 0}, moment = {0, 200000};

static long sleeps(void)
{
	return sleep(0);
}

static long sleeps_by_number(void)
{
	return syscall(SYS_clock_nanosleep, CLOCK_MONOTONIC, 0, &moment, NULL);
}

/* Signals that wait already: blocked, then raised. */
static void blocked(sigset_t *set)
{
	sigemptyset(set);
	sigaddset(set, SIGUSR2);
	NEED(pthread_sigmask(SIG_BLOCK, set, NULL) == 0 && raise(SIGUSR2) == 0);
}

static long signal_waited(void)
{
	sigset_t set;
	int number;

	blocked(&set);
	NEED(sigwait(&set, &number) == 0);
	return number;
}

static long signal_waited_info(void)
{
	sigset_t set;

	blocked(&set);
	return sigwaitinfo(&set, NULL);
}

static long signal_timed(void)
{
	sigset_t set;

	sigemptyset(&set);
	return sigtimedwait(&set, NULL, &moment);
}

static void nothing(int number)
{
	(void)number;
}

static long signal_suspended(void)
{
	sigset_t set, none;

	signal(SIGUSR2, nothing);
	blocked(&set);
	sigemptyset(&none);
	return sigsuspend(&none);
}

static long condition_timed(void)
{
	pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
	pthread_cond_t changed = PTHREAD_COND_INITIALIZER;

	NEED(pthread_mutex_lock(&lock) == 0);
	return pthread_cond_timedwait(&changed, &lock, &passed);
}

static long condition_clocked(void)
{
	pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
	pthread_cond_t changed = PTHREAD_COND_INITIALIZER;

	NEED(pthread_mutex_lock(&lock) == 0);
	return pthread_cond_clockwait(&changed, &lock, CLOCK_MONOTONIC, &passed);
}

static long condition_of_c(void)
{
	mtx_t lock;
	cnd_t changed;

	NEED(mtx_init(&lock, mtx_plain) == thrd_success && cnd_init(&changed) == thrd_success);
	NEED(mtx_lock(&lock) == thrd_success);
	return cnd_timedwait(&changed, &lock, &passed);
}

static long semaphore_timed(void)
{
	sem_t sem;

	NEED(sem_init(&sem, 0, 0) == 0);
	return sem_timedwait(&sem, &passed);
}

static long semaphore_clocked(void)
{
	sem_t sem;

	NEED(sem_init(&sem, 0, 0) == 0);
	return sem_clockwait(&sem, CLOCK_MONOTONIC, &passed);
}

static void *ends_at_once(void *argument)
{
	return argument;
}

static int returns_three(void *argument)
{
	(void)argument;
	return 3;
}

static long joined_timed(void)
{
	struct timespec far;
	pthread_t thread;

	clock_gettime(CLOCK_REALTIME, &far);
	far.tv_sec += 1000;
	NEED(pthread_create(&thread, NULL, ends_at_once, NULL) == 0);
	return pthread_timedjoin_np(thread, NULL, &far);
}

static long joined_clocked(void)
{
	struct timespec far;
	pthread_t thread;

	clock_gettime(CLOCK_MONOTONIC, &far);
	far.tv_sec += 1000;
	NEED(pthread_create(&thread, NULL, ends_at_once, NULL) == 0);
	return pthread_clockjoin_np(thread, NULL, CLOCK_MONOTONIC, &far);
}

static long joined_of_c(void)
{
	thrd_t thread;
	int result = -1;

	NEED(thrd_create(&thread, returns_three, NULL) == thrd_success);
	NEED(thrd_join(thread, &result) == thrd_success);
	return result;
}

static long yields(void)
{
	thrd_yield();
	return sched_yield();
}

static long file_locked(void)
{
	int file = memfd_create("lock", MFD_CLOEXEC);
	long answer = flock(file, LOCK_EX);

	close(file);
	return answer;
}

static long range_locked(void)
{
	int file = memfd_create("lock", MFD_CLOEXEC);
	long answer = lockf(file, F_LOCK, 10);

	close(file);
	return answer;
}

static long range_locked_by_fcntl(void)
{
	int file = memfd_create("lock", MFD_CLOEXEC);
	struct flock whole = {.l_type = F_WRLCK};
	long answer = fcntl(file, F_SETLKW, &whole);

	close(file);
	return answer;
}

static long message_of_none(void)
{
	char text[16];

	return msgrcv(-1, text, 1, 0, 0);
}

static long semaphores_of_none(void)
{
	struct sembuf change = {0, -1, 0};

	return semop(-1, &change, 1);
}

static long semaphores_timed_of_none(void)
{
	struct sembuf change = {0, -1, 0};

	return semtimedop(-1, &change, 1, &moment);
}

static long queue_of_none(void)
{
	char text[16];

	return mq_timedreceive((mqd_t)-1, text, sizeof(text), NULL, &passed);
}

static long aio_of_none(void)
{
	const struct aiocb *list[1] = {NULL};

	return aio_suspend(list, 1, &moment);
}

static long named(void)
{
	struct addrinfo hints = {.ai_flags = AI_NUMERICHOST, .ai_family = AF_INET}, *list = NULL;
	long answer = getaddrinfo("127.0.0.1", NULL, &hints, &list);

	if (list)
		freeaddrinfo(list);
	return answer;
}

static long pipe_read(void)
{
	int pair[2];
	char c = 'x';
	long answer;

	NEED(pipe(pair) == 0 && RAW3(SYS_write, pair[1], &c, 1) == 1);
	answer = read(pair[0], &c, 1);
	close(pair[0]);
	close(pair[1]);
	return answer;
}

static long child_of_none(void)
{
	return waitpid(-1, NULL, 0);
}

static const struct {
	const char *name;
	long (*play)(void);
} waiting[] = {
#define WAITING(name)                                                                              \
	{                                                                                          \
#name, name                                                                        \
	}
	WAITING(sleeps),
	WAITING(sleeps_by_number),
	WAITING(signal_waited),
	WAITING(signal_waited_info),
	WAITING(signal_timed),
	WAITING(signal_suspended),
	WAITING(condition_timed),
	WAITING(condition_clocked),
	WAITING(condition_of_c),
	WAITING(semaphore_timed),
	WAITING(semaphore_clocked),
	WAITING(joined_timed),
	WAITING(joined_clocked),
	WAITING(joined_of_c),
	WAITING(yields),
	WAITING(file_locked),
	WAITING(range_locked),
	WAITING(range_locked_by_fcntl),
	WAITING(message_of_none),
	WAITING(semaphores_of_none),
	WAITING(semaphores_timed_of_none),
	WAITING(queue_of_none),
	WAITING(aio_of_none),
	WAITING(named),
	WAITING(pipe_read),
	WAITING(child_of_none),
};

/* None of them takes a descriptor of ours; the write before may be held when they begin. */
PLAY(waits)
{
	struct link *link = link_of(step);
	unsigned which = step_draw(step, COUNT_OF(waiting));

	if (!link->shut && !link->any)
		link_put(link, link_name(link, step), 1 + step_draw(step, 50));
	NOTE_CALL(waiting[which].name, waiting[which].play());
	if (!link->shut && !link->any)
		link_put(link, link_name(link, step), 1 + step_draw(step, 50));
}
