/* Options set on the sockets of a process that opens and closes them all the time: never on the one
 * that took the number of another, and no close is held back; and what cannot be done is said. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/helper/must.h"
#include "tools/live/borrow.h"
#include "tools/live/touch.h"

#ifndef SO_COOKIE
#define SO_COOKIE 57
#endif

enum { ROUNDS = 10000, OURS = 77 };

/* What the child and we share. */
struct shared {
	_Atomic uint64_t cookie; /* of the socket that may be touched; 0: none now */
	_Atomic int fd;
	_Atomic int opened,
		ended; /* connections: the child's count, and the peer's of their ends */
	_Atomic int touched, wrong;
	_Atomic bool stop;
};

static struct shared *shared;
static int listener, port;

static int number_of(int fd, int name)
{
	socklen_t length = sizeof(int);
	int number = -1;

	MUST(getsockopt(fd, IPPROTO_TCP, name, &number, &length) == 0);
	return number;
}

static int dial(void)
{
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	MUST(fd >= 0 && connect(fd, (struct sockaddr *)&to, sizeof(to)) == 0);
	return fd;
}

static void *take_ends(void *unused)
{
	int fd;

	while ((fd = accept(listener, NULL, NULL)) >= 0) {
		char c;

		while (read(fd, &c, 1) > 0)
			;
		close(fd);
		atomic_fetch_add(&shared->ended, 1);
	}
	return unused;
}

static void listen_here(void)
{
	struct sockaddr_in at = {.sin_family = AF_INET};
	socklen_t length = sizeof(at);

	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	MUST(listener >= 0 && bind(listener, (struct sockaddr *)&at, length) == 0);
	MUST(listen(listener, 5) == 0);
	MUST(getsockname(listener, (struct sockaddr *)&at, &length) == 0);
	port = ntohs(at.sin_port);
}

/* One that may be touched, and, under its number, one that may not. */
static void open_and_close(void)
{
	int fd = dial(), other;
	uint64_t cookie;
	socklen_t length = sizeof(cookie);

	MUST(getsockopt(fd, SOL_SOCKET, SO_COOKIE, &cookie, &length) == 0);
	atomic_fetch_add(&shared->opened, 1);
	atomic_store(&shared->fd, fd);
	atomic_store(&shared->cookie, cookie);
	for (int i = 0; i < 20; i++)
		number_of(fd, TCP_NODELAY);
	shared->touched += number_of(fd, TCP_KEEPIDLE) == OURS;
	close(fd);
	other = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	MUST(other == fd);
	while (atomic_load(&shared->ended) < atomic_load(&shared->opened) &&
		!atomic_load(&shared->stop))
		sched_yield();
	shared->wrong += number_of(other, TCP_KEEPIDLE) == OURS;
	close(other);
}

static pid_t start_child(void (*what)(void))
{
	pid_t pid = fork();

	MUST(pid >= 0);
	if (pid)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	alarm(6 * MUST_SECONDS); /* where a close is never seen */
	what();
	_exit(0);
}

static void all_rounds(void)
{
	close(listener);
	for (int i = 0; i < ROUNDS && !atomic_load(&shared->stop); i++)
		open_and_close();
}

static size_t descriptors(void)
{
	DIR *folder = opendir("/proc/self/fd");
	size_t count = 0;

	while (readdir(folder))
		count++;
	closedir(folder);
	return count;
}

static void ten_thousand_rounds(void **state)
{
	const struct value idle = {.kind = VALUE_NUMBER, .number = OURS};
	const size_t before = descriptors();
	struct touched socket;
	pthread_t acceptor;
	int set = 0, late = 0, status;
	pid_t pid;

	(void)state;
	pid = start_child(all_rounds);
	MUST(pthread_create(&acceptor, NULL, take_ends, NULL) == 0);
	socket.process = borrow_open(pid);
	assert_true(socket.process >= 0);
	while (!borrow_has_ended(socket.process)) {
		int error;

		socket.cookie = atomic_load(&shared->cookie);
		socket.fd = atomic_load(&shared->fd);
		socket.v6 = false;
		error = socket.cookie ? touch_set(&socket, OPTION_TCP_KEEPIDLE, &idle, NULL) : 0;
		if (error && error != -ESTALE && error != -ESRCH)
			fail_msg("touch_set: %s", strerror(-error));
		set += error == 0;
		late += error == -ESTALE;
	}
	MUST(waitpid(pid, &status, 0) == pid);
	assert_int_equal(status, 0);
	close(socket.process);
	shutdown(listener, SHUT_RDWR);
	pthread_join(acceptor, NULL);
	print_message("    set %d times, come too late %d times, seen on %d connections\n", set,
		late, shared->touched);
	assert_int_equal(shared->opened, ROUNDS);
	assert_int_equal(shared->ended, ROUNDS);
	assert_int_equal(shared->wrong, 0);
	assert_in_range(shared->touched, 1, ROUNDS);
	assert_in_range(late, 1, INT32_MAX);
	close(listener);
	assert_int_equal(descriptors(), before - 1);
}

static void wait_for_stop(void)
{
	while (!atomic_load(&shared->stop))
		usleep(1000);
}

/* What was, what is, what somebody else has set since; and back. */
static void there_and_back(void **state)
{
	const struct value idle = {.kind = VALUE_NUMBER, .number = OURS},
			   tos = {.kind = VALUE_NUMBER, .number = 16},
			   size = {.kind = VALUE_NUMBER, .number = 8192};
	static const int of[] = {OPTION_TCP_KEEPIDLE, OPTION_IP_TOS, OPTION_SO_SNDBUF};
	const struct value *value[] = {&idle, &tos, &size};
	struct option_state was, left, now;
	struct touched socket = {.v6 = false};
	socklen_t length = sizeof(socket.cookie);
	pid_t pid;

	(void)state;
	socket.fd = dial();
	MUST(getsockopt(socket.fd, SOL_SOCKET, SO_COOKIE, &socket.cookie, &length) == 0);
	pid = start_child(wait_for_stop);
	socket.process = borrow_open(pid);
	for (size_t i = 0; i < sizeof(of) / sizeof(*of); i++) {
		assert_int_equal(touch_read(&socket, of[i], &was), 0);
		assert_false(option_state_is(of[i], &was, value[i]));
		assert_int_equal(touch_set(&socket, of[i], value[i], &left), 0);
		assert_true(option_state_is(of[i], &left, value[i]));
		assert_int_equal(touch_restore(&socket, of[i], &was, &was), -EEXIST);
		assert_int_equal(touch_restore(&socket, of[i], &was, &left), 0);
		assert_int_equal(touch_read(&socket, of[i], &now), 0);
		assert_true(option_state_is_same(&now, &was));
		assert_int_equal(now.beside, was.beside);
		assert_int_equal(touch_restore(&socket, of[i], &was, &left), -EALREADY);
	}
	/* A size that the kernel lets grow, and that only a privilege sets (net.core.wmem_max). */
	assert_int_equal(touch_read(&socket, OPTION_SO_SNDBUF, &was), 0);
	memcpy(was.bytes, &(int32_t){1 << 28}, sizeof(int32_t));
	assert_int_equal(touch_set(&socket, OPTION_SO_SNDBUF, &size, &left), 0);
	assert_int_equal(touch_restore(&socket, OPTION_SO_SNDBUF, &was, &left), 0);
	assert_int_equal(touch_read(&socket, OPTION_SO_SNDBUF, &now), 0);
	assert_true(option_state_is_same(&now, &was) == (geteuid() == 0));
	socket.cookie++;
	assert_int_equal(touch_set(&socket, of[0], &idle, NULL), -ESTALE);
	socket.cookie--;
	socket.fd = 1000;
	assert_int_equal(touch_set(&socket, of[0], &idle, NULL), -ESTALE);
	atomic_store(&shared->stop, true);
	MUST(waitpid(pid, NULL, 0) == pid);
	assert_int_equal(touch_read(&socket, of[0], &now), -ESRCH);
	close(socket.process);
	close(listener);
}

/* The same size, but a kernel that tunes it no more. */
static void a_buffer_is_tuned_again(void **state)
{
	struct touched socket = {.fd = dial()};
	socklen_t length = sizeof(socket.cookie);
	struct option_state was, left, now;
	struct value same = {.kind = VALUE_NUMBER};
	int32_t size;
	pid_t pid;

	(void)state;
	MUST(getsockopt(socket.fd, SOL_SOCKET, SO_COOKIE, &socket.cookie, &length) == 0);
	pid = start_child(wait_for_stop);
	socket.process = borrow_open(pid);
	assert_int_equal(touch_read(&socket, OPTION_SO_RCVBUF, &was), 0);
	memcpy(&size, was.bytes, sizeof(size));
	same.number = size / 2;
	assert_int_equal(touch_set(&socket, OPTION_SO_RCVBUF, &same, &left), 0);
	assert_true(option_state_is_same(&was, &left));
	assert_int_equal(left.beside, was.beside | option_lock(OPTION_SO_RCVBUF));
	assert_int_equal(touch_restore(&socket, OPTION_SO_RCVBUF, &was, &left), 0);
	assert_int_equal(touch_read(&socket, OPTION_SO_RCVBUF, &now), 0);
	assert_int_equal(now.beside, was.beside);
	atomic_store(&shared->stop, true);
	MUST(waitpid(pid, NULL, 0) == pid);
	close(socket.process);
	close(listener);
}

static int set_up(void **state)
{
	(void)state;
	shared = mmap(
		NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	MUST(shared != MAP_FAILED);
	listen_here();
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	atomic_store(&shared->stop, true);
	munmap(shared, sizeof(*shared));
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(ten_thousand_rounds, set_up, tear_down),
		cmocka_unit_test_setup_teardown(there_and_back, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_buffer_is_tuned_again, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
