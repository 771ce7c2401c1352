/* Holds a write, then waits for a descriptor, a time or a signal. */
#include "tests/victims/waits.h"

#include <linux/net.h>
#include <aio.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/uio.h>
#include <threads.h>
#include <time.h>

static int go[2], epoll_fd;
static const struct timespec long_time = {1000, 0};

static void make_pipe(void)
{
	NEED(pipe(go) == 0);
}

static void write_pipe(void)
{
	NEED(write(go[1], "g", 1) == 1);
}

static void by_read(void)
{
	char c;

	NEED(read(go[0], &c, 1) == 1);
}

static void by_readv(void)
{
	char c;

	NEED(readv(go[0], &(struct iovec){&c, 1}, 1) == 1);
}

static void by_poll(void)
{
	NEED(poll(&(struct pollfd){go[0], POLLIN, 0}, 1, -1) == 1);
}

static void by_ppoll(void)
{
	NEED(ppoll(&(struct pollfd){go[0], POLLIN, 0}, 1, &long_time, NULL) == 1);
}

static void by_select(void)
{
	fd_set set;

	FD_ZERO(&set);
	FD_SET(go[0], &set);
	NEED(select(go[0] + 1, &set, NULL, NULL, NULL) == 1);
}

static void by_pselect(void)
{
	fd_set set;

	FD_ZERO(&set);
	FD_SET(go[0], &set);
	NEED(pselect(go[0] + 1, &set, NULL, NULL, &long_time, NULL) == 1);
}

static void make_epoll(void)
{
	struct epoll_event event = {.events = EPOLLIN};

	make_pipe();
	epoll_fd = epoll_create1(0);
	NEED(epoll_ctl(epoll_fd, EPOLL_CTL_ADD, go[0], &event) == 0);
}

static void by_epoll_wait(void)
{
	struct epoll_event event;

	NEED(epoll_wait(epoll_fd, &event, 1, -1) == 1);
}

static void by_epoll_pwait(void)
{
	struct epoll_event event;

	NEED(epoll_pwait(epoll_fd, &event, 1, -1, NULL) == 1);
}

static void by_epoll_pwait2(void)
{
	struct epoll_event event;

	NEED(epoll_pwait2(epoll_fd, &event, 1, &long_time, NULL) == 1);
}

static struct aiocb block;

/* musl's aio_read() sleeps until its thread has begun: not while something is held. */
static void begin_aio(void)
{
	static char c;

	make_pipe();
	block.aio_fildes = go[0];
	block.aio_buf = &c;
	block.aio_nbytes = 1;
	NEED(aio_read(&block) == 0);
}

static void by_aio_suspend(void)
{
	const struct aiocb *list[] = {&block};

	NEED(aio_suspend(list, 1, NULL) == 0);
}

static void on_signal(int number)
{
	(void)number;
}

static void catch_signal(void)
{
	NEED(sigaction(SIGUSR1, &(struct sigaction){.sa_handler = on_signal}, NULL) == 0);
}

static sigset_t usr1(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	return set;
}

static void block_signal(void)
{
	sigset_t set = usr1();

	catch_signal();
	NEED(pthread_sigmask(SIG_BLOCK, &set, NULL) == 0);
}

static void send_signal(void)
{
	NEED(pthread_kill(main_thread, SIGUSR1) == 0);
}

static void by_nanosleep(void)
{
	NEED(nanosleep(&long_time, NULL) == -1 && errno == EINTR);
}

static void by_clock_nanosleep(void)
{
	NEED(clock_nanosleep(CLOCK_MONOTONIC, 0, &long_time, NULL) == EINTR);
}

static void by_usleep(void)
{
	NEED(usleep(999999999) == -1 && errno == EINTR);
}

static void by_sleep(void)
{
	NEED(sleep(1000) > 0);
}

static void by_thrd_sleep(void)
{
	NEED(thrd_sleep(&long_time, NULL) == -1);
}

static void by_pause(void)
{
	NEED(pause() == -1 && errno == EINTR);
}

static void by_sigwait(void)
{
	sigset_t set = usr1();
	int number;

	NEED(sigwait(&set, &number) == 0);
}

static void by_sigwaitinfo(void)
{
	sigset_t set = usr1();

	NEED(sigwaitinfo(&set, NULL) == SIGUSR1);
}

static void by_sigtimedwait(void)
{
	sigset_t set = usr1();

	NEED(sigtimedwait(&set, NULL, &long_time) == SIGUSR1);
}

static void by_sigsuspend(void)
{
	sigset_t set;

	sigemptyset(&set);
	NEED(sigsuspend(&set) == -1 && errno == EINTR);
}

/* The word itself never changes: FUTEX_WAIT (0) ends by the signal. */
static void by_syscall_futex(void)
{
	static int word;

	NEED(syscall(SYS_futex, &word, 0, 0, NULL, NULL, 0) == -1 && errno == EINTR);
}

static void by_syscall_epoll_pwait2(void)
{
	struct epoll_event event;

	NEED(syscall(SYS_epoll_pwait2, epoll_fd, &event, 1, &long_time, NULL, 0) == 1);
}

static int listener;
static struct sockaddr_in listens_at = {.sin_family = AF_INET};

static void make_listener(void)
{
	socklen_t length = sizeof(listens_at);

	listens_at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	NEED((listener = socket(AF_INET, SOCK_STREAM, 0)) >= 0);
	NEED(bind(listener, (struct sockaddr *)&listens_at, length) == 0);
	NEED(listen(listener, 5) == 0);
	NEED(getsockname(listener, (struct sockaddr *)&listens_at, &length) == 0);
}

/* A socket of the kernel's, which no library sees. */
static void knock(void)
{
	int fd = (int)RAW3(SYS_socket, AF_INET, SOCK_STREAM, 0);

	NEED(RAW3(SYS_connect, fd, &listens_at, sizeof(listens_at)) == 0);
}

static void by_accept(void)
{
	NEED(accept(listener, NULL, NULL) >= 0);
}

static void by_accept4(void)
{
	NEED(accept4(listener, NULL, NULL, SOCK_CLOEXEC) >= 0);
}

static void by_syscall_accept(void)
{
#ifdef SYS_accept
	NEED(syscall(SYS_accept, listener, NULL, NULL, 0, 0, 0) >= 0);
#else /* i386: by the call that stands for all of sockets */
	const long argument[3] = {listener, 0, 0};

	NEED(syscall(SYS_socketcall, SYS_ACCEPT, argument, 0, 0, 0, 0) >= 0);
#endif
}

static void by_syscall_accept4(void)
{
	NEED(syscall(SYS_accept4, listener, NULL, NULL, 0, 0, 0) >= 0);
}

static const struct wait waits[] = {
	{"read", make_pipe, by_read, write_pipe},
	{"readv", make_pipe, by_readv, write_pipe},
	{"poll", make_pipe, by_poll, write_pipe},
	{"ppoll", make_pipe, by_ppoll, write_pipe},
	{"select", make_pipe, by_select, write_pipe},
	{"pselect", make_pipe, by_pselect, write_pipe},
	{"epoll_wait", make_epoll, by_epoll_wait, write_pipe},
	{"epoll_pwait", make_epoll, by_epoll_pwait, write_pipe},
	{"epoll_pwait2", make_epoll, by_epoll_pwait2, write_pipe},
	{"aio_suspend", begin_aio, by_aio_suspend, write_pipe},
	{"nanosleep", catch_signal, by_nanosleep, send_signal},
	{"clock_nanosleep", catch_signal, by_clock_nanosleep, send_signal},
	{"usleep", catch_signal, by_usleep, send_signal},
	{"sleep", catch_signal, by_sleep, send_signal},
	{"thrd_sleep", catch_signal, by_thrd_sleep, send_signal},
	{"pause", catch_signal, by_pause, send_signal},
	{"sigwait", block_signal, by_sigwait, send_signal},
	{"sigwaitinfo", block_signal, by_sigwaitinfo, send_signal},
	{"sigtimedwait", block_signal, by_sigtimedwait, send_signal},
	{"sigsuspend", block_signal, by_sigsuspend, send_signal},
	{"accept", make_listener, by_accept, knock},
	{"accept4", make_listener, by_accept4, knock},
	{"syscall-accept", make_listener, by_syscall_accept, knock},
	{"syscall-accept4", make_listener, by_syscall_accept4, knock},
	{"syscall-epoll_pwait2", make_epoll, by_syscall_epoll_pwait2, write_pipe},
	{"syscall-futex", catch_signal, by_syscall_futex, send_signal},
};

int main(int argc, char **argv)
{
	return argc < 2 ? 98 : run_wait(waits, COUNT_OF(waits), argv[1]);
}
