/* The calls that may block on time, a signal, another thread or process, a lock, a message or a
 * name server, and of which no more is to be known:
 *
 * WAIT(type, name, parameters, arguments)
 *
 * Locks of threads are not among them; they are meant to be short. This file has no include guard
 * on purpose: it is read once for each use of the list. */

/* signals */
WAIT(int, pause, (void), ())
WAIT(int, sigwait, (const sigset_t *restrict set, int *restrict number), (set, number))
WAIT(int, sigwaitinfo, (const sigset_t *restrict set, siginfo_t *restrict info), (set, info))
WAIT(int, sigtimedwait,
	(const sigset_t *restrict set, siginfo_t *restrict info,
		const struct timespec *restrict timeout),
	(set, info, timeout))
WAIT(int, sigsuspend, (const sigset_t *mask), (mask))

/* threads */
WAIT(int, pthread_cond_wait, (pthread_cond_t *restrict condition, pthread_mutex_t *restrict mutex),
	(condition, mutex))
WAIT(int, pthread_cond_timedwait,
	(pthread_cond_t *restrict condition, pthread_mutex_t *restrict mutex,
		const struct timespec *restrict limit),
	(condition, mutex, limit))
WAIT(int, pthread_cond_clockwait,
	(pthread_cond_t *restrict condition, pthread_mutex_t *restrict mutex, clockid_t clock,
		const struct timespec *restrict limit),
	(condition, mutex, clock, limit))
WAIT(int, pthread_join, (pthread_t other, void **result), (other, result))
WAIT(int, pthread_timedjoin_np, (pthread_t other, void **result, const struct timespec *limit),
	(other, result, limit))
WAIT(int, pthread_clockjoin_np,
	(pthread_t other, void **result, clockid_t clock, const struct timespec *limit),
	(other, result, clock, limit))
WAIT(int, cnd_wait, (cnd_t *condition, mtx_t *mutex), (condition, mutex))
WAIT(int, cnd_timedwait,
	(cnd_t *restrict condition, mtx_t *restrict mutex, const struct timespec *restrict limit),
	(condition, mutex, limit))
WAIT(int, thrd_join, (thrd_t other, int *result), (other, result))
WAIT(int, sem_wait, (sem_t *semaphore), (semaphore))
WAIT(int, sem_timedwait, (sem_t *restrict semaphore, const struct timespec *restrict limit),
	(semaphore, limit))
WAIT(int, sem_clockwait,
	(sem_t *restrict semaphore, clockid_t clock, const struct timespec *restrict limit),
	(semaphore, clock, limit))

/* processes */
WAIT(pid_t, wait, (int *status), (status))
WAIT(pid_t, wait3, (int *status, int options, struct rusage *usage), (status, options, usage))
WAIT(pid_t, wait4, (pid_t pid, int *status, int options, struct rusage *usage),
	(pid, status, options, usage))
WAIT(pid_t, waitpid, (pid_t pid, int *status, int options), (pid, status, options))
WAIT(int, waitid, (idtype_t type, id_t id, siginfo_t *info, int options), (type, id, info, options))
WAIT(int, pclose, (FILE *stream), (stream))

/* locks, messages */
WAIT(int, flock, (int fd, int operation), (fd, operation))
WAIT(int, lockf, (int fd, int command, off_t length), (fd, command, length))
WAIT(int, lockf64, (int fd, int command, off64_t length), (fd, command, length))
WAIT(ssize_t, msgrcv, (int queue, void *message, size_t size, long type, int flags),
	(queue, message, size, type, flags))
WAIT(int, semop, (int set, struct sembuf *operation, size_t count), (set, operation, count))
WAIT(int, semtimedop,
	(int set, struct sembuf *operation, size_t count, const struct timespec *timeout),
	(set, operation, count, timeout))
WAIT(ssize_t, mq_receive, (mqd_t queue, char *buf, size_t size, unsigned int *priority),
	(queue, buf, size, priority))
WAIT(ssize_t, mq_timedreceive,
	(mqd_t queue, char *restrict buf, size_t size, unsigned int *restrict priority,
		const struct timespec *restrict limit),
	(queue, buf, size, priority, limit))
WAIT(int, aio_suspend,
	(const struct aiocb *const list[], int count, const struct timespec *restrict timeout),
	(list, count, timeout))
WAIT(int, aio_suspend64,
	(const struct aiocb64 *const list[], int count, const struct timespec *restrict timeout),
	(list, count, timeout))

/* names; more are in name.c, for the recording */
WAIT(struct hostent *, gethostbyaddr, (const void *address, socklen_t length, int family),
	(address, length, family))
WAIT(int, gethostbyaddr_r,
	(const void *restrict address, socklen_t length, int family, struct hostent *restrict entry,
		char *restrict buf, size_t size, struct hostent **restrict found,
		int *restrict error),
	(address, length, family, entry, buf, size, found, error))
