/* The numbers that syscall() may be called with and that a hook stands for:
 *
 * RAW(number, function)
 *
 * Numbers go by the kernel's names: not every libc has SYS_ for the newer ones. All others are
 * passed on. This file has no include guard on purpose: it is read once for each use of the list.
 */

RAW(__NR_write, raw_write)
RAW(__NR_writev, raw_writev)
RAW(__NR_pwritev2, raw_pwritev2)
RAW(__NR_sendto, raw_sendto)
RAW(__NR_sendmsg, raw_sendmsg)
RAW(__NR_sendmmsg, raw_sendmmsg)
RAW(__NR_sendfile, raw_sendfile)
RAW(__NR_splice, raw_splice)

RAW(__NR_read, raw_read)
RAW(__NR_readv, raw_readv)
RAW(__NR_preadv2, raw_preadv2)
RAW(__NR_recvfrom, raw_recvfrom)
RAW(__NR_recvmsg, raw_recvmsg)
RAW(__NR_recvmmsg, raw_recvmmsg)

#ifdef __NR_poll /* x86-64 and i386 alone */
RAW(__NR_poll, raw_poll)
#ifdef __i386__
RAW(__NR_select, raw_select_old)
RAW(__NR__newselect, raw_select)
#else
RAW(__NR_select, raw_select)
#endif
RAW(__NR_epoll_wait, raw_epoll_wait)
RAW(__NR_pause, raw_wait)
RAW(__NR_dup2, raw_dup2)
RAW(__NR_fork, raw_alone)
#endif
RAW(__NR_ppoll, raw_ppoll)
RAW(__NR_pselect6, raw_pselect)
RAW(__NR_epoll_ctl, raw_epoll_ctl)
RAW(__NR_epoll_pwait, raw_epoll_pwait)
#ifdef __i386__ /* its time has 64 bits, struct timespec 32 */
RAW(__NR_epoll_pwait2, raw_wait_untimed)
#else
RAW(__NR_epoll_pwait2, raw_epoll_pwait2)
#endif
RAW(__NR_sched_yield, raw_probe)
RAW(__NR_nanosleep, raw_nanosleep)
RAW(__NR_clock_nanosleep, raw_clock_nanosleep)
RAW(__NR_rt_sigtimedwait, raw_wait)
RAW(__NR_rt_sigsuspend, raw_wait)
RAW(__NR_wait4, raw_wait)
RAW(__NR_waitid, raw_wait)
RAW(__NR_flock, raw_wait)
RAW(__NR_msgrcv, raw_wait)
#ifdef __NR_semop
RAW(__NR_semop, raw_wait)
RAW(__NR_semtimedop, raw_wait)
#endif
RAW(__NR_mq_timedreceive, raw_wait)
RAW(__NR_futex, raw_futex)
RAW(__NR_futex_waitv, raw_wait)
RAW(__NR_io_uring_enter, raw_io_uring_enter)

RAW(__NR_socket, raw_socket)
RAW(__NR_socketpair, raw_socketpair)
RAW(__NR_connect, raw_connect)
RAW(__NR_bind, raw_bind)
RAW(__NR_listen, raw_listen)
#ifdef __NR_accept
RAW(__NR_accept, raw_accept)
#endif
RAW(__NR_accept4, raw_accept4)
RAW(__NR_pidfd_getfd, raw_pidfd_getfd)

RAW(__NR_setsockopt, raw_setsockopt)
RAW(__NR_getsockopt, raw_getsockopt)
RAW(__NR_ioctl, raw_ioctl)
RAW(__NR_fcntl, raw_fcntl)

RAW(__NR_shutdown, raw_shutdown)
RAW(__NR_close, raw_close)
RAW(__NR_close_range, raw_close_range)
RAW(__NR_dup, raw_dup)
RAW(__NR_dup3, raw_dup3)

RAW(__NR_execve, raw_execve)
RAW(__NR_execveat, raw_execveat)
RAW(__NR_exit_group, raw_exit)
RAW(__NR_prctl, raw_prctl)
RAW(__NR_seccomp, raw_confine)
RAW(__NR_landlock_restrict_self, raw_confine)
RAW(__NR_unshare, raw_alone)
RAW(__NR_setns, raw_alone)
RAW(__NR_capset, raw_alone)
RAW(__NR_clone, raw_clone)
RAW(__NR_clone3, raw_clone3)
RAW(__NR_setuid, raw_alone)
RAW(__NR_setgid, raw_alone)
RAW(__NR_setreuid, raw_alone)
RAW(__NR_setregid, raw_alone)
RAW(__NR_setresuid, raw_alone)
RAW(__NR_setresgid, raw_alone)
RAW(__NR_setgroups, raw_alone)

/* Where a long has 32 bits: times, users and files of more than that; and many calls in one. */
#ifdef __i386__
RAW(__NR_ppoll_time64, raw_wait_untimed)
RAW(__NR_pselect6_time64, raw_wait_untimed)
RAW(__NR_clock_nanosleep_time64, raw_wait)
RAW(__NR_rt_sigtimedwait_time64, raw_wait)
RAW(__NR_semtimedop_time64, raw_wait)
RAW(__NR_mq_timedreceive_time64, raw_wait)
RAW(__NR_futex_time64, raw_futex)
RAW(__NR_recvmmsg_time64, raw_recvmmsg)
RAW(__NR_waitpid, raw_wait)
RAW(__NR_fcntl64, raw_fcntl)
RAW(__NR_sendfile64, raw_sendfile)
RAW(__NR_setuid32, raw_alone)
RAW(__NR_setgid32, raw_alone)
RAW(__NR_setreuid32, raw_alone)
RAW(__NR_setregid32, raw_alone)
RAW(__NR_setresuid32, raw_alone)
RAW(__NR_setresgid32, raw_alone)
RAW(__NR_setgroups32, raw_alone)
RAW(__NR_socketcall, raw_socketcall)
RAW(__NR_ipc, raw_ipc)
#endif
