/* Holds a write, then waits for a thread, a child, a lock or a message. */
#include "tests/victims/waits.h"

#include <mqueue.h>
#include <semaphore.h>
#include <sys/file.h>
#include <sys/msg.h>
#include <sys/prctl.h>
#include <sys/sem.h>
#include <threads.h>
#include <time.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t cond = PTHREAD_COND_INITIALIZER;
static mtx_t lock_c11;
static cnd_t cond_c11;
static pthread_t helper;
static thrd_t helper_c11;
static sem_t semaphore;
static int child_pipe[2], file, queue, semaphores;
static atomic_int released;
static pid_t child;
static mqd_t mailbox;
static FILE *command;

static struct timespec in_an_hour(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	now.tv_sec += 3600;
	return now;
}

static void make_cond(void)
{
	mtx_init(&lock_c11, mtx_plain);
	cnd_init(&cond_c11);
}

static void signal_cond(void)
{
	pthread_mutex_lock(&lock);
	mtx_lock(&lock_c11);
	released = 1;
	pthread_cond_broadcast(&cond);
	cnd_broadcast(&cond_c11);
	mtx_unlock(&lock_c11);
	pthread_mutex_unlock(&lock);
}

static void by_cond_wait(void)
{
	pthread_mutex_lock(&lock);
	while (!released)
		pthread_cond_wait(&cond, &lock);
	pthread_mutex_unlock(&lock);
}

static void by_cond_timedwait(void)
{
	struct timespec end = in_an_hour(CLOCK_REALTIME);

	pthread_mutex_lock(&lock);
	while (!released)
		NEED(pthread_cond_timedwait(&cond, &lock, &end) == 0);
	pthread_mutex_unlock(&lock);
}

static void by_cond_clockwait(void)
{
	struct timespec end = in_an_hour(CLOCK_MONOTONIC);

	pthread_mutex_lock(&lock);
	while (!released)
		NEED(pthread_cond_clockwait(&cond, &lock, CLOCK_MONOTONIC, &end) == 0);
	pthread_mutex_unlock(&lock);
}

static void by_cnd_wait(void)
{
	mtx_lock(&lock_c11);
	while (!released)
		cnd_wait(&cond_c11, &lock_c11);
	mtx_unlock(&lock_c11);
}

static void *help(void *unused)
{
	sem_wait(&semaphore);
	return unused;
}

static int help_c11(void *unused)
{
	help(unused);
	return 0;
}

static void make_helper(void)
{
	NEED(sem_init(&semaphore, 0, 0) == 0);
	NEED(pthread_create(&helper, NULL, help, NULL) == 0);
}

static void make_helper_c11(void)
{
	NEED(sem_init(&semaphore, 0, 0) == 0);
	NEED(thrd_create(&helper_c11, help_c11, NULL) == thrd_success);
}

static void make_semaphore(void)
{
	NEED(sem_init(&semaphore, 0, 0) == 0);
}

static void post(void)
{
	sem_post(&semaphore);
}

static void by_join(void)
{
	NEED(pthread_join(helper, NULL) == 0);
}

static void by_timedjoin(void)
{
	struct timespec end = in_an_hour(CLOCK_REALTIME);

	NEED(pthread_timedjoin_np(helper, NULL, &end) == 0);
}

static void by_thrd_join(void)
{
	NEED(thrd_join(helper_c11, NULL) == thrd_success);
}

static void by_sem_wait(void)
{
	NEED(sem_wait(&semaphore) == 0);
}

static void by_sem_timedwait(void)
{
	struct timespec end = in_an_hour(CLOCK_REALTIME);

	NEED(sem_timedwait(&semaphore, &end) == 0);
}

/* A child that has both kinds of lock on a file and lives until its pipe is written to. */
static void make_child(void)
{
	int ready[2];
	char c, name[32];

	file = memfd_create("lock", 0);
	snprintf(name, sizeof(name), "/proc/self/fd/%d", file);
	NEED(pipe(ready) == 0 && pipe(child_pipe) == 0);
	child = fork();
	if (child == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		NEED(flock(open(name, O_RDWR), LOCK_EX) == 0 && lockf(file, F_LOCK, 0) == 0);
		NEED(write(ready[1], "r", 1) == 1 && read(child_pipe[0], &c, 1) == 1);
		_exit(7);
	}
	NEED(read(ready[0], &c, 1) == 1);
}

static void end_child(void)
{
	NEED(write(child_pipe[1], "g\n", 2) == 2);
}

static void by_wait(void)
{
	NEED(wait(NULL) == child);
}

static void by_waitpid(void)
{
	NEED(waitpid(child, NULL, 0) == child);
}

static void by_waitid(void)
{
	siginfo_t info;

	NEED(waitid(P_PID, (id_t)child, &info, WEXITED) == 0);
}

static void by_flock(void)
{
	NEED(flock(file, LOCK_EX) == 0);
}

static void by_lockf(void)
{
	NEED(lockf(file, F_LOCK, 0) == 0);
}

static void by_setlkw(void)
{
	struct flock all = {.l_type = F_WRLCK, .l_whence = SEEK_SET};

	NEED(fcntl(file, F_SETLKW, &all) == 0);
}

static void make_child_pipe(void)
{
	NEED(pipe(child_pipe) == 0);
	NEED(dup2(child_pipe[0], 7) == 7);
}

static void by_system(void)
{
	NEED(system("read -r x <&7") == 0);
}

static void make_command(void)
{
	make_child_pipe();
	command = popen("read -r x <&7", "w");
	NEED(command);
}

static void by_pclose(void)
{
	NEED(pclose(command) == 0);
}

static struct {
	long type;
	char text[8];
} message = {1, "m"};

static void make_ipc(void)
{
	struct mq_attr attributes = {.mq_maxmsg = 1, .mq_msgsize = 8};
	char name[32];

	queue = msgget(IPC_PRIVATE, 0600);
	semaphores = semget(IPC_PRIVATE, 1, 0600);
	snprintf(name, sizeof(name), "/victim-%d", getpid());
	mailbox = mq_open(name, O_RDWR | O_CREAT | O_EXCL, 0600, &attributes);
	NEED(queue >= 0 && semaphores >= 0 && mailbox >= 0);
	mq_unlink(name);
}

static void send_ipc(void)
{
	NEED(msgsnd(queue, &message, 1, 0) == 0);
	NEED(semop(semaphores, &(struct sembuf){0, 1, 0}, 1) == 0);
	NEED(mq_send(mailbox, "m", 1, 0) == 0);
}

static void by_msgrcv(void)
{
	NEED(msgrcv(queue, &message, 8, 0, 0) == 1);
}

static void by_semop(void)
{
	NEED(semop(semaphores, &(struct sembuf){0, -1, 0}, 1) == 0);
}

static void by_mq_receive(void)
{
	char text[16];

	NEED(mq_receive(mailbox, text, sizeof(text), NULL) == 1);
}

static const struct wait waits[] = {
	{"pthread_cond_wait", make_cond, by_cond_wait, signal_cond},
	{"pthread_cond_timedwait", make_cond, by_cond_timedwait, signal_cond},
	{"pthread_cond_clockwait", make_cond, by_cond_clockwait, signal_cond},
	{"cnd_wait", make_cond, by_cnd_wait, signal_cond},
	{"pthread_join", make_helper, by_join, post},
	{"pthread_timedjoin_np", make_helper, by_timedjoin, post},
	{"thrd_join", make_helper_c11, by_thrd_join, post},
	{"sem_wait", make_semaphore, by_sem_wait, post},
	{"sem_timedwait", make_semaphore, by_sem_timedwait, post},
	{"wait", make_child, by_wait, end_child},
	{"waitpid", make_child, by_waitpid, end_child},
	{"waitid", make_child, by_waitid, end_child},
	{"flock", make_child, by_flock, end_child},
	{"lockf", make_child, by_lockf, end_child},
	{"setlkw", make_child, by_setlkw, end_child},
	{"system", make_child_pipe, by_system, end_child},
	{"pclose", make_command, by_pclose, end_child},
	{"msgrcv", make_ipc, by_msgrcv, send_ipc},
	{"semop", make_ipc, by_semop, send_ipc},
	{"mq_receive", make_ipc, by_mq_receive, send_ipc},
};

int main(int argc, char **argv)
{
	int status = argc < 2 ? 98 : run_wait(waits, COUNT_OF(waits), argv[1]);

	if (queue > 0)
		msgctl(queue, IPC_RMID, NULL);
	if (semaphores > 0)
		semctl(semaphores, 0, IPC_RMID);
	return status;
}
