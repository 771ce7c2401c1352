/* THE list of intercepted symbols. Pointers, binding, the version script and the export test all
 * come from it; types come from the headers by __typeof__, never typed again by hand.
 *
 * CALL(name, need, x86_64, aarch64, i386)
 *
 * need is CORE for a name that every libc has. All others a libc may lack, or have in a library
 * that the program does without: then libc()->name is NULL, and the name is taken out of our
 * symbols once we have come up, so that dlsym() answers as without us. Who found it before that is
 * answered as the word says.
 *
 * - MAYBE: -1 and ENOSYS
 *
 * - NUMBER: ENOSYS
 *
 * - THREAD: thrd_error
 *
 * - NONE: NULL
 *
 * - CLOSES: as closefrom() does
 *
 * - SAME(other): as the other name does, which then stands behind it altogether
 *
 * x86_64, aarch64 and i386 are the symbol version to look up with dlvsym(), 0 where there is only
 * one. Before glibc 2.36 dlsym(RTLD_NEXT) answers with the oldest version, for some names another
 * ABI (pthread_cond_*, posix_spawn*); see glibc's dlsym(3) BUGS.
 *
 * This file has no include guard on purpose: it is read once for each use of the list. */

/* settle */
CALL(socket, CORE, 0, 0, 0)
CALL(socketpair, CORE, 0, 0, 0)
CALL(connect, CORE, 0, 0, 0)
CALL(bind, CORE, 0, 0, 0)
CALL(listen, CORE, 0, 0, 0)
CALL(accept, CORE, 0, 0, 0)
CALL(accept4, CORE, 0, 0, 0)
CALL(setsockopt, CORE, 0, 0, 0)
CALL(getsockopt, CORE, 0, 0, 0)

/* write */
CALL(write, CORE, 0, 0, 0)
CALL(writev, CORE, 0, 0, 0)
CALL(pwritev2, MAYBE, 0, 0, 0)
CALL(pwritev64v2, SAME(pwritev2), 0, 0, 0)
CALL(send, CORE, 0, 0, 0)
CALL(sendto, CORE, 0, 0, 0)
CALL(sendmsg, CORE, 0, 0, 0)
CALL(sendmmsg, CORE, 0, 0, 0)
CALL(sendfile, CORE, 0, 0, 0)
CALL(sendfile64, SAME(sendfile), 0, 0, 0)
CALL(splice, CORE, 0, 0, 0)
CALL(dprintf, CORE, 0, 0, 0)
CALL(vdprintf, CORE, 0, 0, 0)
CALL(__dprintf_chk, MAYBE, 0, 0, 0)
CALL(__vdprintf_chk, MAYBE, 0, 0, 0)

/* read */
CALL(read, CORE, 0, 0, 0)
CALL(readv, CORE, 0, 0, 0)
CALL(preadv2, MAYBE, 0, 0, 0)
CALL(preadv64v2, SAME(preadv2), 0, 0, 0)
CALL(recv, CORE, 0, 0, 0)
CALL(recvfrom, CORE, 0, 0, 0)
CALL(recvmsg, CORE, 0, 0, 0)
CALL(recvmmsg, CORE, 0, 0, 0)
CALL(__read_chk, SAME(read), 0, 0, 0)
CALL(__recv_chk, MAYBE, 0, 0, 0)
CALL(__recvfrom_chk, MAYBE, 0, 0, 0)

/* wait: readiness */
CALL(poll, CORE, 0, 0, 0)
CALL(ppoll, CORE, 0, 0, 0)
CALL(select, CORE, 0, 0, 0)
CALL(pselect, CORE, 0, 0, 0)
CALL(epoll_ctl, CORE, 0, 0, 0)
CALL(epoll_wait, CORE, 0, 0, 0)
CALL(epoll_pwait, CORE, 0, 0, 0)
CALL(epoll_pwait2, MAYBE, 0, 0, 0)
CALL(__poll, SAME(poll), 0, 0, 0)
CALL(__poll_chk, SAME(poll), 0, 0, 0)
CALL(__ppoll_chk, SAME(ppoll), 0, 0, 0)

/* wait: time and signals */
CALL(nanosleep, CORE, 0, 0, 0)
CALL(clock_nanosleep, CORE, "GLIBC_2.17", "GLIBC_2.17", "GLIBC_2.17")
CALL(usleep, CORE, 0, 0, 0)
CALL(sleep, CORE, 0, 0, 0)
CALL(pause, CORE, 0, 0, 0)
CALL(sigwait, CORE, 0, 0, 0)
CALL(sigwaitinfo, CORE, 0, 0, 0)
CALL(sigtimedwait, CORE, 0, 0, 0)
CALL(sigsuspend, CORE, 0, 0, 0)

/* wait: threads */
CALL(pthread_cond_wait, CORE, "GLIBC_2.3.2", "GLIBC_2.17", "GLIBC_2.3.2")
CALL(pthread_cond_timedwait, CORE, "GLIBC_2.3.2", "GLIBC_2.17", "GLIBC_2.3.2")
CALL(pthread_cond_clockwait, NUMBER, "GLIBC_2.30", "GLIBC_2.30", "GLIBC_2.30")
CALL(pthread_join, NUMBER, "GLIBC_2.2.5", "GLIBC_2.17", "GLIBC_2.0")
CALL(pthread_timedjoin_np, NUMBER, "GLIBC_2.3.3", "GLIBC_2.17", "GLIBC_2.3.3")
CALL(pthread_clockjoin_np, NUMBER, "GLIBC_2.31", "GLIBC_2.31", "GLIBC_2.31")
CALL(cnd_wait, THREAD, "GLIBC_2.28", "GLIBC_2.28", "GLIBC_2.28")
CALL(cnd_timedwait, THREAD, "GLIBC_2.28", "GLIBC_2.28", "GLIBC_2.28")
CALL(thrd_join, THREAD, "GLIBC_2.28", "GLIBC_2.28", "GLIBC_2.28")
CALL(thrd_sleep, SAME(nanosleep), "GLIBC_2.28", "GLIBC_2.28", "GLIBC_2.28")
CALL(thrd_yield, SAME(sched_yield), "GLIBC_2.28", "GLIBC_2.28", "GLIBC_2.28")
CALL(sched_yield, CORE, 0, 0, 0)
CALL(sem_wait, MAYBE, "GLIBC_2.2.5", "GLIBC_2.17", "GLIBC_2.1")
CALL(sem_timedwait, MAYBE, "GLIBC_2.2.5", "GLIBC_2.17", "GLIBC_2.2")
CALL(sem_clockwait, MAYBE, "GLIBC_2.30", "GLIBC_2.30", "GLIBC_2.30")

/* wait: processes, locks, messages, names */
CALL(wait, CORE, 0, 0, 0)
CALL(wait3, CORE, 0, 0, 0)
CALL(wait4, CORE, 0, 0, 0)
CALL(waitpid, CORE, 0, 0, 0)
CALL(waitid, CORE, 0, 0, 0)
CALL(flock, CORE, 0, 0, 0)
CALL(lockf, CORE, 0, 0, 0)
CALL(lockf64, SAME(lockf), 0, 0, 0)
CALL(system, CORE, 0, 0, 0)
CALL(popen, CORE, 0, 0, "GLIBC_2.1")
CALL(pclose, CORE, 0, 0, "GLIBC_2.1")
CALL(getaddrinfo, CORE, 0, 0, 0)
CALL(getnameinfo, CORE, 0, 0, 0)
CALL(gethostbyname, CORE, 0, 0, 0)
CALL(gethostbyname2, CORE, 0, 0, 0)
CALL(gethostbyaddr, CORE, 0, 0, 0)
CALL(gethostbyname_r, CORE, 0, 0, "GLIBC_2.1.2")
CALL(gethostbyname2_r, CORE, 0, 0, "GLIBC_2.1.2")
CALL(gethostbyaddr_r, CORE, 0, 0, "GLIBC_2.1.2")
CALL(msgrcv, CORE, 0, 0, 0)
CALL(semop, CORE, 0, 0, 0)
CALL(semtimedop, CORE, 0, 0, 0)
CALL(mq_receive, MAYBE, "GLIBC_2.3.4", "GLIBC_2.17", "GLIBC_2.3.4")
CALL(mq_timedreceive, MAYBE, "GLIBC_2.3.4", "GLIBC_2.17", "GLIBC_2.3.4")
CALL(aio_suspend, MAYBE, "GLIBC_2.2.5", "GLIBC_2.17", "GLIBC_2.1")
CALL(aio_suspend64, SAME(aio_suspend), "GLIBC_2.2.5", "GLIBC_2.17", "GLIBC_2.1")

/* life of descriptors */
CALL(close, CORE, 0, 0, 0)
CALL(close_range, MAYBE, 0, 0, 0)
CALL(closefrom, CLOSES, 0, 0, 0)
CALL(shutdown, CORE, 0, 0, 0)
CALL(dup, CORE, 0, 0, 0)
CALL(dup2, CORE, 0, 0, 0)
CALL(dup3, CORE, 0, 0, 0)
CALL(fcntl, CORE, 0, 0, "GLIBC_2.28")
CALL(fcntl64, SAME(fcntl), 0, 0, 0)
CALL(fdopen, CORE, 0, 0, "GLIBC_2.1")
CALL(fclose, CORE, 0, 0, "GLIBC_2.1")
CALL(fcloseall, MAYBE, 0, 0, 0)
CALL(ioctl, CORE, 0, 0, 0)
CALL(pidfd_getfd, MAYBE, 0, 0, 0)

/* the dynamic linker's: tail jumps, loader.S */
CALL(dlopen, NONE, "GLIBC_2.2.5", "GLIBC_2.17", "GLIBC_2.1")
CALL(dlmopen, NONE, "GLIBC_2.3.4", "GLIBC_2.17", "GLIBC_2.3.4")
CALL(dlsym, NONE, "GLIBC_2.2.5", "GLIBC_2.17", "GLIBC_2.0")
CALL(dlvsym, NONE, "GLIBC_2.2.5", "GLIBC_2.17", "GLIBC_2.1")
CALL(__gmon_start__, OURS, 0, 0, 0)

/* life of the process */
CALL(vfork, CORE, 0, 0, 0)
CALL(_Fork, MAYBE, 0, 0, 0)
CALL(clone, MAYBE, 0, 0, 0)
CALL(execve, CORE, 0, 0, 0)
CALL(execv, CORE, 0, 0, 0)
CALL(execvp, CORE, 0, 0, 0)
CALL(execvpe, CORE, 0, 0, 0)
CALL(execl, CORE, 0, 0, 0)
CALL(execlp, CORE, 0, 0, 0)
CALL(execle, CORE, 0, 0, 0)
CALL(fexecve, CORE, 0, 0, 0)
CALL(execveat, MAYBE, 0, 0, 0)
CALL(posix_spawn, CORE, "GLIBC_2.15", "GLIBC_2.17", "GLIBC_2.15")
CALL(posix_spawnp, CORE, "GLIBC_2.15", "GLIBC_2.17", "GLIBC_2.15")
CALL(_exit, CORE, 0, 0, 0)
CALL(_Exit, CORE, 0, 0, 0)
CALL(exit, CORE, 0, 0, 0)
CALL(pthread_exit, CORE, "GLIBC_2.2.5", "GLIBC_2.17", "GLIBC_2.0")
CALL(thrd_exit, SAME(pthread_exit), "GLIBC_2.28", "GLIBC_2.28", "GLIBC_2.28")
CALL(quick_exit, SAME(_Exit), "GLIBC_2.24", "GLIBC_2.24", "GLIBC_2.24")
CALL(abort, CORE, 0, 0, 0)
CALL(syscall, CORE, 0, 0, 0)
CALL(prctl, CORE, 0, 0, 0)
CALL(unshare, CORE, 0, 0, 0)
CALL(setns, CORE, 0, 0, 0)
CALL(capset, CORE, 0, 0, 0)

#ifdef __i386__
/* the same with times of 64 bits: -D_TIME_BITS=64 */
CALL(__ppoll64, MAYBE, 0, 0, 0)
CALL(__select64, MAYBE, 0, 0, 0)
CALL(__pselect64, MAYBE, 0, 0, 0)
CALL(__epoll_pwait2_time64, MAYBE, 0, 0, 0)
CALL(__nanosleep64, MAYBE, 0, 0, 0)
CALL(__clock_nanosleep_time64, NUMBER, 0, 0, 0)
CALL(__thrd_sleep64, MAYBE, 0, 0, 0)
CALL(__sigtimedwait64, MAYBE, 0, 0, 0)
CALL(__pthread_cond_timedwait64, NUMBER, 0, 0, 0)
CALL(__pthread_cond_clockwait64, NUMBER, 0, 0, 0)
CALL(__pthread_timedjoin_np64, NUMBER, 0, 0, 0)
CALL(__pthread_clockjoin_np64, NUMBER, 0, 0, 0)
CALL(__cnd_timedwait64, THREAD, 0, 0, 0)
CALL(__sem_timedwait64, MAYBE, 0, 0, 0)
CALL(__sem_clockwait64, MAYBE, 0, 0, 0)
CALL(__wait3_time64, MAYBE, 0, 0, 0)
CALL(__wait4_time64, MAYBE, 0, 0, 0)
CALL(__semtimedop64, MAYBE, 0, 0, 0)
CALL(__mq_timedreceive_time64, MAYBE, 0, 0, 0)
CALL(__aio_suspend_time64, MAYBE, 0, 0, 0)
CALL(__fcntl_time64, MAYBE, 0, 0, 0)
CALL(__ioctl_time64, MAYBE, 0, 0, 0)
CALL(__recvmsg64, MAYBE, 0, 0, 0)
CALL(__sendmsg64, MAYBE, 0, 0, 0)
CALL(__recvmmsg64, MAYBE, 0, 0, 0)
CALL(__sendmmsg64, MAYBE, 0, 0, 0)
CALL(__setsockopt64, MAYBE, 0, 0, 0)
CALL(__getsockopt64, MAYBE, 0, 0, 0)
CALL(__prctl_time64, MAYBE, 0, 0, 0)
#endif
