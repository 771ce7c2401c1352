/* The waits whose times have 64 bits where struct timespec has 32 (glibc on i386, _TIME_BITS=64):
 *
 * WAIT(type, name, parameters, arguments)
 *
 * The times are not looked at. This file has no include guard on purpose: it is read once for each
 * use of the list. */
WAIT(int, __ppoll64, (struct pollfd * fds, nfds_t n, const void *timeout, const sigset_t *mask),
	(fds, n, timeout, mask))
WAIT(int, __select64, (int n, fd_set *to_read, fd_set *to_write, fd_set *to_except, void *timeout),
	(n, to_read, to_write, to_except, timeout))
WAIT(int, __pselect64,
	(int n, fd_set *to_read, fd_set *to_write, fd_set *to_except, const void *timeout,
		const sigset_t *mask),
	(n, to_read, to_write, to_except, timeout, mask))
WAIT(int, __epoll_pwait2_time64,
	(int epfd, struct epoll_event *events, int max, const void *timeout, const sigset_t *mask),
	(epfd, events, max, timeout, mask))
WAIT(int, __nanosleep64, (const void *wanted, void *left), (wanted, left))
WAIT(int, __clock_nanosleep_time64, (clockid_t clock, int flags, const void *wanted, void *left),
	(clock, flags, wanted, left))
WAIT(int, __thrd_sleep64, (const void *wanted, void *left), (wanted, left))
WAIT(int, __sigtimedwait64, (const sigset_t *set, siginfo_t *info, const void *timeout),
	(set, info, timeout))
WAIT(int, __pthread_cond_timedwait64,
	(pthread_cond_t * condition, pthread_mutex_t *mutex, const void *limit),
	(condition, mutex, limit))
WAIT(int, __pthread_cond_clockwait64,
	(pthread_cond_t * condition, pthread_mutex_t *mutex, clockid_t clock, const void *limit),
	(condition, mutex, clock, limit))
WAIT(int, __pthread_timedjoin_np64, (pthread_t other, void **result, const void *limit),
	(other, result, limit))
WAIT(int, __pthread_clockjoin_np64,
	(pthread_t other, void **result, clockid_t clock, const void *limit),
	(other, result, clock, limit))
WAIT(int, __cnd_timedwait64, (cnd_t * condition, mtx_t *mutex, const void *limit),
	(condition, mutex, limit))
WAIT(int, __sem_timedwait64, (sem_t * semaphore, const void *limit), (semaphore, limit))
WAIT(int, __sem_clockwait64, (sem_t * semaphore, clockid_t clock, const void *limit),
	(semaphore, clock, limit))
WAIT(pid_t, __wait3_time64, (int *status, int options, void *usage), (status, options, usage))
WAIT(pid_t, __wait4_time64, (pid_t pid, int *status, int options, void *usage),
	(pid, status, options, usage))
WAIT(int, __semtimedop64, (int set, struct sembuf *operation, size_t count, const void *timeout),
	(set, operation, count, timeout))
WAIT(ssize_t, __mq_timedreceive_time64,
	(mqd_t queue, char *buf, size_t size, unsigned int *priority, const void *limit),
	(queue, buf, size, priority, limit))
WAIT(int, __aio_suspend_time64, (const void *const list[], int count, const void *timeout),
	(list, count, timeout))
