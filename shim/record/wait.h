/* One wait of the program for readiness, from its begin to its event; as record/call.h. A hook has
 * it on its stack. */
#ifndef SOCKFIX_CALL_WAIT_H
#define SOCKFIX_CALL_WAIT_H

#include <poll.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <time.h>

#include "shim/record/connection.h"

#define WAIT_COVERED 12u    /* flows; a wait for more says nothing about one */
#define WAIT_NEVER   65535u /* ms, of a wait that has no end of its own */

struct call_wait {
	bool recorded; /* what follows is valid, and an event is to be made */
	uint8_t what;  /* enum trace_call */
	int set;       /* the epoll descriptor; 0: none */
	uint64_t start;
	uint32_t flow[WAIT_COVERED];
	unsigned covers; /* more than WAIT_COVERED: too many to tell */
};

void call_wait_recorded(struct call_wait *wait, unsigned what, int set);

/* Before the real call. set: the epoll descriptor, 0: none. */
static inline void call_begin_wait(struct call_wait *wait, unsigned what, int set)
{
	wait->recorded = false;
	if (trace_is_on())
		call_wait_recorded(wait, what, set);
}

/* In ms, WAIT_NEVER for NULL. */
uint16_t call_wait_time(const struct timespec *timeout);

static inline uint16_t call_wait_ms(int timeout)
{
	return timeout < 0		   ? WAIT_NEVER
	       : timeout < (int)WAIT_NEVER ? (uint16_t)timeout
					   : WAIT_NEVER - 1;
}

/* After it, where it is recorded. timeout: in ms, as it was asked for. */
void call_waited_recorded(
	const struct call_wait *wait, int result, uint64_t asked, uint16_t timeout);
void call_polled_recorded(
	struct call_wait *wait, int result, const struct pollfd *fds, nfds_t n, uint16_t timeout);
void call_epolled_recorded(struct call_wait *wait, int result, const struct epoll_event *events,
	int max, uint16_t timeout);

/* Before select(): the kernel writes its answer over the sets. */
void call_selecting_recorded(struct call_wait *wait, int n, const fd_set *to_read,
	const fd_set *to_write, const fd_set *to_except);

/* After epoll_ctl(). */
void call_set_told(int epfd, int operation, int fd, const struct epoll_event *event, int result);

#endif
