/* The one-way pipe from a hook to the kernel: what a call of the program means for its flow.
 *
 * Hooks call these and nothing else. Every function keeps errno, takes no lock that another thread
 * could hold, and leaves nothing to be undone if the real call that follows never returns. */
#ifndef SOCKFIX_FLOW_H
#define SOCKFIX_FLOW_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/uio.h>

#include "shim/base/control.h"
#include "shim/table/fdtab.h"
#include "shim/flow/thread.h"
#include "shim/trace_format.h"

/* ---- which flow ---- */

/* A descriptor that nothing is known of: takes the one look of its life. */
struct flow *flow_adopt(int fd);

/* The flow behind fd, or NULL: then the hook is the plain call. */
static inline struct flow *flow_of(int fd)
{
	uintptr_t slot;

	if (!control_on())
		return NULL;
	slot = fdtab_get(fd);
	if (slot >= SLOT_FLOW)
		return fdtab_flow(slot);
	return slot == SLOT_UNKNOWN ? flow_adopt(fd) : NULL;
}

/* What every hook looks at first: the slot of fd, or SLOT_UNKNOWN where flow_of() is to be asked.
 * For all other slots real_table has libc's functions. */
static inline uintptr_t flow_slot(int fd)
{
	if (__builtin_expect(!control_is_plain() || (uint32_t)fd >= 1u << FDTAB_SHIFT, 0))
		return SLOT_UNKNOWN;
	return atomic_load_explicit(&fdtab_first[fd], memory_order_acquire);
}

/* ---- writing ---- */

#ifndef MSG_ZEROCOPY
#define MSG_ZEROCOPY 0x4000000
#endif

/* Flags of programs that manage their sending by themselves. */
#define FLAGS_OF_ITS_OWN (MSG_MORE | MSG_OOB | MSG_ZEROCOPY)

/* Before a write. flags: the program's MSG_ flags, 0 for write(). Returns MSG_MORE when the bytes
 * are to be held; 0 when they go through; WRITE_PLAIN when nobody wants to know how it ends: the
 * real call is all that is left to do. */
#define WRITE_PLAIN   (-1)
#define WRITE_COLLECT (-2) /* flow_collect() is to take the bytes */
int flow_write_begin(struct flow *flow, int fd, int flags);

/* After it. got: what the call returned; asked: the bytes that it was to write; more: what
 * flow_write_begin() said; held: flow->held right before the call, for who holds anew meanwhile
 * keeps its mark. */
void flow_write_end(struct flow *flow, int fd, ssize_t got, size_t asked, int more, uint64_t held);

/* Marks the hold before such a write; false where it cannot be watched over, and the bytes are to
 * go through. */
bool flow_hold(struct flow *flow, int fd);

/* After WRITE_COLLECT: what the program's call returns, errno with it; or COLLECT_PLAIN: the real
 * call is to be made, and nothing else. flags: as of send(2). */
#define COLLECT_PLAIN LONG_MIN
long flow_collect(struct flow *flow, int fd, const struct iovec *piece, int pieces, int flags);

/* Around a call that sends by itself (sendfile, splice, dprintf): it counts as one write, takes
 * along what is held, and is followed by a push, since its own end may be left back (sendfile(2)
 * beyond the end of the file). flow: NULL for what is none of ours. */
void flow_pass_begin(struct flow *flow, int fd);
void flow_pass_end(struct flow *flow, int fd, ssize_t got);

/* ---- reading and waiting ---- */

/* Before a read of the flow; flags: MSG_ flags, 0 for read(). False: the real call is all that is
 * left to do. True: flow_read_end() is to hear what the call returned. */
bool flow_read_begin(struct flow *flow, int fd, int flags);
void flow_read_end(struct flow *flow, int fd, int flags, ssize_t got);

/* Before a read of something else: a wait while bytes are held, unless fd is a regular file. */
void flow_read_other_slow(int fd);
static inline void flow_read_other(int fd)
{
	if (__builtin_expect(thread.wrote, 0))
		flow_read_other_slow(fd);
}

/* Before a call that may block and cannot be made in steps (flow/keep.h): ends every turn of this
 * thread, lets go what it holds or has left to Nagle. */
void flow_wait_slow(void);
static inline void flow_wait(void)
{
	if (__builtin_expect(thread.wrote || thread.kept, 0))
		flow_wait_slow();
}

/* The first half of that: for calls that are made in steps. now: 0, or when they began. */
void flow_turns_over_slow(uint64_t now);
static inline void flow_turns_over(void)
{
	if (__builtin_expect(thread.wrote, 0))
		flow_turns_over_slow(0);
}

/* Before accept() or connect(): fd may not block. */
void flow_wait_on_slow(int fd);
static inline void flow_wait_on(int fd)
{
	if (__builtin_expect(thread.wrote || thread.kept, 0))
		flow_wait_on_slow(fd);
}

/* Around a probe (poll() without a timeout, FIONREAD, sched_yield()): what the thread holds goes,
 * for it may ask until it has an answer. The turn goes on, but teaches nothing. */
void flow_probe_slow(void);
static inline void flow_probe(void)
{
	if (__builtin_expect(thread.held, 0))
		flow_probe_slow();
}

/* Before ioctl(2): some requests are probes. */
void flow_asking(int fd, unsigned long request);

/* flow/flush.c's and flow.c's own: */
void flow_flush(struct flow *flow, bool wait);
void flow_buffer_end(struct flow *flow, enum trace_given_up why);
bool flow_holds_collected(struct flow *flow, int fd, bool joined);

/* Whether this thread holds bytes back, in the shim or (a stream) by Nagle. */
bool flow_holding(void);

/* ---- letting go ---- */

/* What is held or collected goes; waits for room in the kernel, where bytes were collected. */
void flow_push(struct flow *flow);
/* The same without waiting: what the kernel has no room for stays. */
void flow_push_some(struct flow *flow);
/* A stream has its TCP_NODELAY again. */
void flow_nodelay_back(struct flow *flow);
/* Of all threads, streams too: before exec, exit, fork. */
void flow_push_all(void);
/* Before the end of the process: what others go on with is as they had it. */
void flow_leaving(void);
/* Before a program is started by a child on our memory: both. moves: the child may give descriptors
 * other numbers. */
void flow_spawning(bool moves);
/* Before exec(): what the next program inherits has its TCP_NODELAY as this program had it. */
void flow_exec_begin(void);
/* It failed: as before. */
void flow_exec_failed(void);

/* ---- life ---- */

void flow_opened(int fd, int domain, int type, int protocol);
/* Returns the flow, which is NULL where fd has none. */
struct flow *flow_connecting(int fd, const struct sockaddr *address, socklen_t length);
/* After it has succeeded, with that flow: a library that goes by a proxy may have put a socket of
 * its own in fd's place, and that one is the client now. */
void flow_connected(
	int fd, const struct flow *was, const struct sockaddr *address, socklen_t length);
void flow_binding(int fd, const struct sockaddr *address, socklen_t length);
int flow_listening(int fd, int backlog);
/* flags: accept4's. */
void flow_accepted(int listener, int fd, int flags);
/* Before shutdown(2); how: its second argument. */
void flow_ending(struct flow *flow, int how);
/* Before the real close. */
void flow_closing(int fd);
void flow_closing_range(unsigned first, unsigned last);
/* fd is now a second name of what `of` names. */
void flow_duplicated(int of, int fd);
/* fd is not the flow we took it for: somebody closed it behind our back. */
void flow_lost(int fd);
/* fd came from elsewhere (SCM_RIGHTS, pidfd_getfd): unknown. */
void flow_arrived(int fd);
/* After recvmsg(): descriptors that came with it are new to us, whatever their numbers were. */
void flow_message_arrived(const struct msghdr *message);
/* Around sendmsg() on fd, which is no flow: descriptors that go along are another process's, too.
 * It must not write before what was collected here, nor find TCP_NODELAY as we have set it. Left:
 * again, and only what the kernel has taken, and so could read. */
void flow_message_leaving(int fd, const struct msghdr *message);
void flow_message_left(int fd, const struct msghdr *message);
void flow_messages_leaving(int fd, const struct mmsghdr *message, unsigned messages);
void flow_messages_left(int fd, const struct mmsghdr *message, int messages);
/* Before dup2(of, to): what `to` is lets go while it can be reached, and is forgotten afterwards.
 * Nothing is collected on `of` any more: `to` may be a descriptor that stdio has. */
void flow_replacing(int of, int to);
void flow_nonblocking(int fd, bool on);
/* FD_CLOEXEC was set or cleared. */
void flow_closes_on_exec(int fd, bool on);
/* stdio on the flow: libc writes and reads behind our back. */
void flow_stdio(int fd);

#endif
