/* Steps that give connections other numbers, take numbers away and pass them on. */
#include <sys/un.h>

#include "numbers.h"
#include "world.h"

/* Sends fd to ourselves; returns its new number. A program that closes it first shows that it is
 * alive while no process has it. */
static int passed(int fd, bool close_first, bool number)
{
	int pair[2], got;
	char c = 'x', control[CMSG_SPACE(sizeof(int))] = {0};
	struct iovec vector = {&c, 1};
	struct msghdr message = {.msg_iov = &vector,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control)};
	struct cmsghdr *head = CMSG_FIRSTHDR(&message);

	NEED(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
	head->cmsg_level = SOL_SOCKET;
	head->cmsg_type = SCM_RIGHTS;
	head->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(head), &fd, sizeof(fd));
	NEED((number ? syscall(SYS_sendmsg, pair[0], &message, 0)
		     : sendmsg(pair[0], &message, 0)) == 1);
	if (close_first)
		NEED(close(fd) == 0);
	NEED((number ? syscall(SYS_recvmsg, pair[1], &message, 0)
		     : recvmsg(pair[1], &message, 0)) == 1);
	memcpy(&got, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof(got));
	close(pair[0]);
	close(pair[1]);
	return got;
}

#define UNSEEN_FROM 300

static int second_name(struct step *step, struct link *link)
{
	int fd = link->fd;
	/* Numbers that nobody uses. */
	int free_one = 60 + (int)step_draw(step, 20);

	if (fcntl(free_one, F_GETFD) >= 0)
		return dup(fd);
	switch (step_draw(step, 9)) {
	case 0:
		return dup(fd);
	case 1:
		return dup2(fd, free_one);
	case 2:
		return dup3(fd, free_one, 0);
	case 3:
		return fcntl(fd, F_DUPFD, 40);
	case 4:
		return (int)syscall(SYS_dup, fd);
	case 5:
		return number_dup2(fd, free_one);
	case 6:
		return (int)syscall(SYS_fcntl, fd, F_DUPFD, 50);
	case 7:
		/* Made by a raw call, as io_uring or a static helper would: unseen. On a number
		 * that nobody saw closed, either: such a number is looked at when it is used. */
		link->unseen = true;
		return (int)RAW3(SYS_fcntl, fd, F_DUPFD, UNSEEN_FROM + world.unseen++);
	default:
		return passed(fd, false, step_draw(step, 2));
	}
}

/* Alternately by both names: their bytes are one stream. */
PLAY(name)
{
	struct link *link = link_of(step);
	unsigned writes = step_draw(step, 8);

	if (link->second < 0)
		link->second = second_name(step, link);
	note("  %d is %d, too", link->fd, link->second);
	NEED(link->second >= 0);
	if (link->shut || link->any)
		return;
	while (writes-- > 0)
		link_put(link, writes & 1 ? link->fd : link->second, 1 + writes);
}

/* The first name goes, the second stays. */
PLAY(swap)
{
	struct link *link = link_of(step);

	if (link->second < 0)
		return;
	if (!link->shut && !link->any)
		link_put(link, link->fd, step_draw(step, 30));
	if (step_draw(step, 2))
		NOTE_CALL("close", close(link->fd));
	else
		NOTE_CALL("SYS_close", syscall(SYS_close, link->fd));
	link->fd = link->second;
	link->second = -1;
	if (!link->shut && !link->any)
		link_put(link, link->fd, step_draw(step, 30));
}

PLAY(close)
{
	struct link *link = link_of(step);
	unsigned fd;

	if (!link->shut && !link->any)
		link_write(link, step, step_draw(step, 30));
	if (link->second >= 0 || step_draw(step, 2)) {
		link_close(link);
		return;
	}
	link_end(link);
	fd = (unsigned)link->fd;
	switch (step_draw(step, 4)) {
	case 0:
		NOTE_CALL("SYS_close", syscall(SYS_close, fd));
		break;
	case 1:
		NOTE_CALL("close_range", close_range(fd, fd, 0));
		break;
	case 2:
		NOTE_CALL("SYS_close_range", syscall(SYS_close_range, fd, fd, 0));
		break;
	default:
		NOTE_CALL("dup2 over it", dup2(world.listener[0], (int)fd));
		NOTE_CALL("close", close((int)fd));
	}
	link->open = false;
}

/* One connection takes the number of another, which ends. */
PLAY(over)
{
	struct link *link = link_of(step), *other = link_beside(step);
	int answer;

	if (other->second >= 0 || link->second >= 0)
		return;
	if (!other->shut && !other->any)
		link_put(other, other->fd, 1 + step_draw(step, 30));
	if (!link->shut && !link->any)
		link_put(link, link->fd, 1 + step_draw(step, 30));
	link_end(other);
	switch (step_draw(step, 4)) {
	case 0:
		answer = dup2(link->fd, other->fd);
		break;
	case 1:
		answer = dup3(link->fd, other->fd, 0);
		break;
	case 2:
		answer = number_dup2(link->fd, other->fd);
		break;
	default:
		answer = (int)syscall(SYS_dup3, link->fd, other->fd, 0);
	}
	note("  over: %d", answer == other->fd);
	link->second = other->fd;
	other->open = false;
}

/* Sent away and received again; who has it then must find it as the program made it. */
PLAY(pass)
{
	struct link *link = link_of(step);

	if (!link->shut && !link->any)
		link_put(link, link->fd, step_draw(step, 30));
	link->fd = passed(link->fd, true, step_draw(step, 3) == 0);
	note("  arrives as %d", link->fd);
	if (!link->unseen)
		note("  with TCP_NODELAY %d", nodelay_left(link->fd));
}
