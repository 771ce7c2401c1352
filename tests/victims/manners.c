/* manners VERB [NUMBERS]: programs with a way of their own to send: they set TCP_NODELAY to what it
 * is, push by it, ask for room before each write, leave MSG_MORE or TCP_CORK on. */
#include "tests/victims/unseen.h"

#include <sys/epoll.h>
#include <sys/select.h>

static int fd, kept, turns;

static void set_tcp(int option, int value)
{
	NEED(setsockopt(fd, IPPROTO_TCP, option, &value, sizeof(value)) == 0);
}

static int asked_cork(void)
{
	int value = -1;
	socklen_t length = sizeof(value);

	NEED(getsockopt(fd, IPPROTO_TCP, TCP_CORK, &value, &length) == 0);
	return value;
}

/* Before the read: what is unsent then is what the answer waits for. */
static void ask(void)
{
	kept += unsent(fd) > 0;
	NEED(hear(fd));
}

static void turns_of_three(void)
{
	for (int i = 0; i < turns; i++) {
		say(fd, "one ");
		say(fd, "two ");
		say(fd, "three\n");
		ask();
	}
	mark("#kept %d", kept);
}

/* ---- TCP_NODELAY ---- */

static void nodelay_untouched(void)
{
	fd = dial();
	turns_of_three();
}

/* As Erlang does on each socket, and pgjdbc where it is told. */
static void nodelay_zero(void)
{
	fd = dial();
	set_tcp(TCP_NODELAY, 0);
	mark("reads %d", asked_nodelay(fd));
	mark("#is %d", kernel_nodelay(fd));
	turns_of_three();
	mark("reads %d", asked_nodelay(fd));
	mark("#is %d", kernel_nodelay(fd));
}

static void nodelay_one_zero(void)
{
	fd = dial();
	set_tcp(TCP_NODELAY, 1);
	mark_nodelay("on", fd);
	set_tcp(TCP_NODELAY, 0);
	mark("reads %d", asked_nodelay(fd));
	turns_of_three();
	mark("reads %d", asked_nodelay(fd));
}

/* On and off again sends what Nagle keeps. */
static void nodelay_push(void)
{
	fd = dial();
	set_tcp(TCP_NODELAY, 1);
	set_tcp(TCP_NODELAY, 0);
	for (int i = 0; i < turns; i++) {
		say(fd, "one ");
		say(fd, "two\n");
		set_tcp(TCP_NODELAY, 1);
		mark_nodelay("on", fd);
		set_tcp(TCP_NODELAY, 0);
		mark_nodelay("off", fd);
		ask();
	}
}

/* ---- select() for room ---- */

enum sets { NULLS, EMPTY_READ, EMPTY_BOTH, READ };

static void wait_for_room(enum sets sets, int precise)
{
	static const struct timespec second = {1, 0};
	fd_set to_read, to_write, to_except;

	FD_ZERO(&to_read);
	FD_ZERO(&to_write);
	FD_ZERO(&to_except);
	FD_SET(fd, &to_write);
	if (sets == READ)
		FD_SET(fd, &to_read);
	if (precise)
		NEED(pselect(fd + 1, sets == NULLS ? NULL : &to_read, &to_write,
			     sets == EMPTY_BOTH ? &to_except : NULL, &second, NULL) == 1);
	else
		NEED(select(fd + 1, sets == NULLS ? NULL : &to_read, &to_write,
			     sets == EMPTY_BOTH ? &to_except : NULL, NULL) == 1);
	NEED(FD_ISSET(fd, &to_write) && !FD_ISSET(fd, &to_read));
}

static void room_before_each(enum sets sets, int precise)
{
	static const char *const part[] = {"one ", "two ", "three\n"};

	fd = dial();
	for (int i = 0; i < turns; i++) {
		for (size_t k = 0; k < COUNT_OF(part); k++) {
			wait_for_room(sets, precise);
			say(fd, part[k]);
		}
		ask();
	}
}

static void select_null(void)
{
	room_before_each(NULLS, 0);
}

static void select_empty(void)
{
	room_before_each(EMPTY_READ, 0);
}

static void select_empty_both(void)
{
	room_before_each(EMPTY_BOTH, 0);
}

static void pselect_empty(void)
{
	room_before_each(EMPTY_READ, 1);
}

static void select_read(void)
{
	room_before_each(READ, 0);
}

/* ---- what always holds ---- */

static void one_then_two(void)
{
	fd = dial();
	for (int i = 0; i < turns; i++) {
		say(fd, "one write\n");
		ask();
	}
	for (int i = 0; i < turns; i++) {
		say(fd, "two ");
		say(fd, "writes\n");
		ask();
	}
}

/* ---- what the program holds back itself ---- */

static void wait_by_poll(void)
{
	NEED(poll(&(struct pollfd){fd, POLLIN, 0}, 1, -1) == 1);
}

static void wait_by_select(void)
{
	fd_set set;

	FD_ZERO(&set);
	FD_SET(fd, &set);
	NEED(select(fd + 1, &set, NULL, NULL, NULL) == 1);
}

static void wait_by_epoll(void)
{
	struct epoll_event event = {.events = EPOLLIN}, found;
	int epoll = epoll_create1(0);

	NEED(epoll >= 0 && epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) == 0);
	NEED(epoll_wait(epoll, &found, 1, -1) == 1 && close(epoll) == 0);
}

static void wait_by_read(void)
{
}

static void (*const waits[])(void) = {wait_by_poll, wait_by_select, wait_by_epoll, wait_by_read};

static void more_left_on(void)
{
	fd = dial();
	for (size_t i = 0; i < COUNT_OF(waits); i++) {
		NEED(send(fd, "head ", 5, MSG_MORE) == 5);
		NEED(send(fd, "tail\n", 5, MSG_MORE) == 5);
		mark("#unsent %d", unsent(fd));
		waits[i]();
		NEED(hear(fd));
	}
}

static void cork_left_on(void)
{
	fd = dial();
	set_tcp(TCP_CORK, 1);
	mark("cork %d", asked_cork());
	for (size_t i = 0; i < COUNT_OF(waits); i++) {
		say(fd, "head ");
		say(fd, "tail\n");
		mark("#unsent %d", unsent(fd));
		mark("cork %d", asked_cork());
		waits[i]();
		mark("cork %d", asked_cork());
		NEED(hear(fd));
	}
	say(fd, "last");
	set_tcp(TCP_CORK, 0);
	mark("cork %d", asked_cork());
	say(fd, "\n");
	NEED(hear(fd));
}

static const struct verb verbs[] = {
	{"untouched", nodelay_untouched},
	{"zero", nodelay_zero},
	{"one-zero", nodelay_one_zero},
	{"push", nodelay_push},
	{"select-null", select_null},
	{"select-empty", select_empty},
	{"select-empty-both", select_empty_both},
	{"pselect-empty", pselect_empty},
	{"select-read", select_read},
	{"one-then-two", one_then_two},
	{"more", more_left_on},
	{"cork", cork_left_on},
};

int main(int argc, char **argv)
{
	turns = argc > 2 ? atoi(argv[2]) : 0;
	return run_verb(verbs, COUNT_OF(verbs), argc, argv);
}
