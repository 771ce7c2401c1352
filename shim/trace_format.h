/* The trace format: all that the library, which writes, and the tools, which read, have in common.
 *
 * One file a process, PID-RANDOM.trace (16 hex digits), 0600, made at the process's first TCP
 * connection and mapped MAP_SHARED: what was written is there after kill -9, and may be read while
 * it grows. All numbers are the writer's own byte order; times are CLOCK_MONOTONIC nanoseconds.
 *
 *   0                  struct trace_header, TRACE_BLOCK bytes
 *   TRACE_BLOCK * n    block n, from 1 on: a struct trace_block, then by its kind
 *                        events       TRACE_EVENTS struct trace_event of one thread, in order
 *                        connections  TRACE_CONNECTIONS struct trace_connection
 *                        thread       one struct trace_thread
 *
 * A reader trusts nothing: a file may be cut off anywhere and hold any bytes. Never payload. */
#ifndef SOCKFIX_TRACE_FORMAT_H
#define SOCKFIX_TRACE_FORMAT_H

#include <stdatomic.h>
#include <stdint.h>

#define TRACE_MAGIC   "SOCKFIXT"
#define TRACE_VERSION 3u
#define TRACE_BLOCK   4096u

/* ---- the environment between `record` and the library ---- */

/* SOCKFIX_TRACE=DIR[:names][:counters]: DIR is a directory of ours (owner, 0700; root's has the
 * mode TRACE_GUESTS) that holds a TRACE_BUDGET file. names: keep what getaddrinfo was asked for.
 * counters: no events, no clock. */
#define TRACE_NAMES    "names"
#define TRACE_COUNTERS "counters"

/* DIR/budget, mapped by every process of the run: what the whole run may still take. */
#define TRACE_BUDGET	   "budget"
#define TRACE_BUDGET_MAGIC "SOCKFIXB"
/* Programs that start as another user have one of their own, DIR/budget-UID, and may read this. */
#define TRACE_GUESTS 01733

/* A program that a process of the run started, from before its exec until the library comes up in
 * it. What is left at the end was never seen: static, setuid, or without our environment. */
struct trace_exec {
	/* Who becomes the program, 0: the place is free; while posix_spawn has not said whom it
	 * made: minus the number of who called it. */
	_Atomic int32_t pid;
	char program[56]; /* its file's name, cut off, terminated; "" where not known */
	uint32_t space;	  /* the PID namespace of the number */
};
#define TRACE_EXEC_ARRIVED 0x40000000 /* in pid: no program, but the word of one that came up */
#define TRACE_EXECS	   48u	      /* what finds no place is not noted */

/* An object of some process whose calls the library does not see, or not all of them. */
enum trace_around_way {
	AROUND_NOTHING,	     /* the place is free */
	AROUND_CALLS,	     /* opened with RTLD_DEEPBIND, and could not be brought back */
	AROUND_CONSTRUCTORS, /* was brought back, but what it called while it was opened is not seen
			      */
	AROUND_NAMESPACE     /* opened by dlmopen(): it has a libc of its own */
};
struct trace_around {
	_Atomic uint32_t way; /* enum trace_around_way */
	char object[60];      /* its file's name, cut off, terminated */
};
#define TRACE_AROUNDS 8u

struct trace_budget {
	char magic[8];
	_Atomic int64_t left;	    /* bytes; a process takes before it allocates */
	_Atomic uint64_t files;	    /* trace files made */
	_Atomic uint64_t refused;   /* processes that got none: budget, disk, limits */
	_Atomic uint64_t barred;    /* or may not write there: another user, another root */
	_Atomic uint64_t processes; /* that loaded the library */
	_Atomic uint64_t confined;  /* those of them that nothing was seen of from then on */
	uint64_t ticks; /* 1: the kernel reads CLOCK_MONOTONIC from the TSC, as told by `record` */
	struct trace_exec exec[TRACE_EXECS];
	struct trace_around around[TRACE_AROUNDS];
	_Atomic uint64_t around_more; /* 1: there were more than have places */
};
_Static_assert(sizeof(struct trace_budget) <= TRACE_BLOCK, "it is mapped as one block");

/* DIR/pool: room for processes that may make no file of their own any more, for they have become
 * another user, or have another root. `record` makes it, as root alone, and allocates all of it;
 * each process maps it when it starts. From its start a struct trace_pool, TRACE_POOL_HEAD bytes;
 * then blocks. What would be a process's file is in pieces there: the one that begins with its
 * block `first` has `blocks` blocks, at block `at` of the pool. Any process of the run can write
 * into another's: a reader believes none. */
#define TRACE_POOL	 "pool"
#define TRACE_POOL_MAGIC "SOCKFIXP"
#define TRACE_POOL_HEAD	 (4 * TRACE_BLOCK)

struct trace_piece {
	_Atomic uint64_t owner; /* the header's random number; written last; 0: not there (yet) */
	uint32_t first, blocks, at, spare;
};
#define TRACE_PIECES ((TRACE_POOL_HEAD - 24) / sizeof(struct trace_piece))

struct trace_pool {
	char magic[8];
	_Atomic uint32_t taken;	 /* blocks, from the pool's start on */
	_Atomic uint32_t pieces; /* places handed out; more than there are: the rest found none */
	uint32_t blocks;	 /* of the whole pool */
	uint32_t spare;
	struct trace_piece piece[TRACE_PIECES];
};
_Static_assert(sizeof(struct trace_pool) <= TRACE_POOL_HEAD, "the head has its place");

/* ---- calls ---- */

enum trace_class {
	CLASS_SETUP, /* makes, names or ends a socket */
	CLASS_WRITE, /* asked, done: bytes */
	CLASS_READ,  /* asked, done: bytes */
	CLASS_WAIT,  /* asked: descriptors asked about, or epoll's maximum; done: how many were
		      * ready;  extra: the timeout in ms, 65535 for none */
	CLASS_NAME,  /* asked: a hash of the name, the same in all processes of the run, 0: none had
		      * to be asked for, an address was given or wanted; done: index
		      * of  its trace_name + 1, 0 for none */
	CLASS_SLEEP,
	CLASS_OPTION, /* asked: level << 16 | optname; done: the value, where it is an int */
	CLASS_NOTE    /* no call of the program: what the library asked the kernel meanwhile */
};

/* NAME(text, class): text is what reports call it. The variants of one call share a number. */
#define TRACE_CALLS(CALL)                                                                          \
	CALL(SOCKET, "socket", CLASS_SETUP)                                                        \
	CALL(CONNECT, "connect", CLASS_SETUP)                                                      \
	CALL(BIND, "bind", CLASS_SETUP)                                                            \
	CALL(LISTEN, "listen", CLASS_SETUP)   /* asked: the backlog that the program asked for */  \
	CALL(ACCEPT, "accept", CLASS_SETUP)   /* flow: the listener's; done: the new connection */ \
	CALL(ACCEPT4, "accept4", CLASS_SETUP) /* the same */                                       \
	CALL(SHUTDOWN, "shutdown", CLASS_SETUP) /* asked: how */                                   \
	CALL(CLOSE, "close", CLASS_SETUP)                                                          \
	CALL(DUP, "dup", CLASS_SETUP)                                                              \
	CALL(WRITE, "write", CLASS_WRITE)                                                          \
	CALL(WRITEV, "writev", CLASS_WRITE)                                                        \
	CALL(SEND, "send", CLASS_WRITE)                                                            \
	CALL(SENDTO, "sendto", CLASS_WRITE)                                                        \
	CALL(SENDMSG, "sendmsg", CLASS_WRITE)                                                      \
	CALL(SENDMMSG, "sendmmsg", CLASS_WRITE)                                                    \
	CALL(SENDFILE, "sendfile", CLASS_WRITE)                                                    \
	CALL(SPLICE, "splice", CLASS_WRITE)                                                        \
	CALL(DPRINTF, "dprintf", CLASS_WRITE)                                                      \
	CALL(READ, "read", CLASS_READ)                                                             \
	CALL(READV, "readv", CLASS_READ)                                                           \
	CALL(RECV, "recv", CLASS_READ)                                                             \
	CALL(RECVFROM, "recvfrom", CLASS_READ)                                                     \
	CALL(RECVMSG, "recvmsg", CLASS_READ)                                                       \
	CALL(RECVMMSG, "recvmmsg", CLASS_READ)                                                     \
	CALL(POLL, "poll", CLASS_WAIT)                                                             \
	CALL(PPOLL, "ppoll", CLASS_WAIT)                                                           \
	CALL(SELECT, "select", CLASS_WAIT)                                                         \
	CALL(PSELECT, "pselect", CLASS_WAIT)                                                       \
	CALL(EPOLL_WAIT, "epoll_wait", CLASS_WAIT)                                                 \
	CALL(EPOLL_PWAIT, "epoll_pwait", CLASS_WAIT)                                               \
	CALL(EPOLL_PWAIT2, "epoll_pwait2", CLASS_WAIT)                                             \
	CALL(GETADDRINFO, "getaddrinfo", CLASS_NAME)                                               \
	CALL(GETHOSTBYNAME, "gethostbyname", CLASS_NAME)                                           \
	CALL(GETNAMEINFO, "getnameinfo", CLASS_NAME)                                               \
	CALL(NANOSLEEP, "nanosleep", CLASS_SLEEP)                                                  \
	CALL(SETSOCKOPT, "setsockopt", CLASS_OPTION)                                               \
	CALL(GETSOCKOPT, "getsockopt", CLASS_OPTION)                                               \
	CALL(IOCTL, "ioctl", CLASS_OPTION) /* asked: the request */                                \
	CALL(PROBE, "probe", CLASS_NOTE)   /* see trace_event */                                   \
	CALL(COVERS, "covers", CLASS_NOTE) /* see trace_event */                                   \
	CALL(NAME, "name", CLASS_NOTE)	   /* see trace_event */

enum trace_call {
	TRACE_NOTHING, /* an event's first byte until it is whole */
#define CALL(name, text, class) TRACE_##name,
	TRACE_CALLS(CALL)
#undef CALL
		TRACE_CALL_COUNT
};

/* ---- events ---- */

enum trace_flag {
	EVENT_HELD = 1 << 0,	 /* we sent it with MSG_MORE */
	EVENT_PROVEN = 1 << 1,	 /* after this write the kernel held bytes back (SIOCOUTQNSD > 0)
				  * while   others were in flight (SIOCOUTQ > SIOCOUTQNSD), with Nagle
				  * on and the   congestion and the peer's window open: asked only at
				  * a   turn's second   small write and later */
	EVENT_NONBLOCK = 1 << 2, /* the call could not block: O_NONBLOCK, MSG_DONTWAIT, timeout 0 */
	EVENT_FILE = 1 << 3,   /* a read of a regular file, kept because a write of those bytes to a
				* flow came next in this thread */
	EVENT_MORE = 1 << 4,   /* the program's own MSG_MORE */
	EVENT_BARE = 1 << 5,   /* `prove`: this write belongs to the arm without the rules */
	EVENT_MENDED = 1 << 6, /* `prove`: to the arm with them */
	EVENT_CORK = 1 << 7,   /* its TCP_CORK is on; of a read: still, since the last write */
};

/* 32 bytes. `call` is written last, with release order.
 *
 * PROBE: the kernel was asked about flow at `start`, `asked` = tcpi_total_retrans, `done` =
 *   tcpi_last_data_sent: ms since it last sent data, in steps of its tick (1 to 10 ms). After the
 *   first read with data behind a write with EVENT_PROVEN, or with EVENT_MORE or EVENT_CORK where
 *   that was the last and the cork still is on, which tells how long that was held;
 *   after a read that took TRACE_LONG_READ or more; and after a connect.
 * COVERS: `covered` are flows that the wait before it, in this thread, was told to watch (poll,
 *   select) or found ready (epoll); 0 ends the list.
 * NAME: `text` is a piece of a name of getaddrinfo; `asked` of the call is its hash. */
struct trace_event {
	_Atomic uint8_t call;  /* enum trace_call */
	uint8_t error;	       /* errno, 0 on success */
	uint8_t flags;	       /* enum trace_flag */
	uint8_t duration_high; /* bits 32..39 */
	uint32_t duration;     /* ns; saturates at 2^40 - 1 */
	union {
		struct {
			uint64_t start;
			uint32_t flow;	      /* number of its connection, 0: none */
			uint32_t asked, done; /* saturate at 2^32 - 1 */
			uint16_t extra; /* of reads and writes: a hash of the buffer's address */
			uint16_t set;	/* of epoll's waits: low bits of its own descriptor */
		};
		uint32_t covered[6];
		char text[24];
	};
};
_Static_assert(sizeof(struct trace_event) == 32, "an event is 32 bytes");

enum trace_kind { BLOCK_UNUSED, BLOCK_EVENTS, BLOCK_CONNECTIONS, BLOCK_THREAD };

struct trace_block {
	_Atomic uint32_t kind; /* enum trace_kind, written last */
	uint32_t tid;	       /* of the thread that writes it (events, thread) */
	uint64_t order;	       /* events: counts the blocks of that thread, from 0 */
	uint64_t spare[2];
};
_Static_assert(sizeof(struct trace_block) == 32, "a block's head takes the place of one event");

#define TRACE_EVENTS 127u

/* ---- connections ---- */

enum trace_role { ROLE_OF_CLIENT = 1, ROLE_OF_SERVER, ROLE_OF_LISTENER, ROLE_OF_UNKNOWN };

/* From TCP_INFO (tcp(7); include/uapi/linux/tcp.h). taken: when, 0: never. */
struct trace_tcp {
	uint64_t taken;
	uint64_t bytes_sent, bytes_acked, bytes_received;
	uint64_t busy_us, rwnd_limited_us, sndbuf_limited_us;
	uint32_t min_rtt_us, rtt_us; /* min_rtt_us: 0xffffffff where the kernel has none */
	uint32_t total_retrans, unacked, sacked;
	uint32_t snd_cwnd, snd_mss, rcv_space;
	uint32_t segs_out, segs_in, data_segs_out, data_segs_in;
	uint32_t state;
	uint32_t last_sent_ms; /* since data was last sent */
};

/* Options in force when the connection was closed (or the process ended): -1 where not asked. */
struct trace_options {
	int32_t nodelay, cork, quickack, sndbuf, rcvbuf, buf_lock, keepalive, keepidle,
		user_timeout;
	int32_t linger; /* seconds, -1: off or not asked */
	char congestion[16];
};

/* Why writes of a connection are left as they are, for good: WHY(name, reason). */
#define TRACE_GIVEN_UP(WHY)                                                                        \
	WHY(NODELAY, "it turns TCP_NODELAY on and off itself")                                     \
	WHY(CORK, "it uses TCP_CORK")                                                              \
	WHY(MORE, "it sends with MSG_MORE, MSG_OOB or MSG_ZEROCOPY")                               \
	WHY(LINGER, "it closes with a linger of 0 seconds")                                        \
	WHY(ULP, "it has the kernel do its TLS")                                                   \
	WHY(REPAIR, "it uses TCP_REPAIR")                                                          \
	WHY(STDIO, "it uses stdio on it")                                                          \
	WHY(REFUSED, "the kernel refused TCP_NODELAY")                                             \
	WHY(SHARED, "another process or stream may write on it, too")                              \
	WHY(CALLS, "it sends by calls that cannot be collected")                                   \
	WHY(SIGNAL, "a signal handler wrote in the middle of a write")                             \
	WHY(THREAD, "no thread can let go what is collected")

enum trace_given_up {
	GIVEN_UP_NOT,
#define WHY(name, reason) GIVEN_UP_##name,
	TRACE_GIVEN_UP(WHY)
#undef WHY
		GIVEN_UP_COUNT
};

/* Of a connection that was read off the wire: what EVENT_PROVEN says there. Of a read it tells that
 * it came at once behind our ACK, and all others did not. */
enum trace_wired {
	WIRED = 1 << 0,
	WIRED_NOT_OURS =
		1 << 1, /* of a write it says nothing: others came at other times as often */
	WIRED_NOT_THEIRS = 1 << 2 /* nor of a read */
};

#define TRACE_CONNECTION 512u
struct trace_connection {
	_Atomic uint32_t number;     /* from 1 on in the order of their beginning; written last */
	uint8_t role;		     /* enum trace_role */
	uint8_t family;		     /* 4, 6 */
	_Atomic uint8_t given_up;    /* enum trace_given_up */
	uint8_t wired;		     /* enum trace_wired; 0: the library wrote this */
	uint8_t peer[16], local[16]; /* IPv4 as ::ffff:a.b.c.d */
	uint16_t peer_port, local_port, port; /* port: the service's */
	uint16_t connect_error;		      /* errno of connect(), also of a late SO_ERROR */
	uint64_t opened, connecting, connected, closed; /* 0: not (yet) */
	uint32_t backlog;				/* listener: as the program asked */
	uint32_t backlog_set;				/* and as we passed it on */
	uint32_t queue_peak, queue_limit; /* listener: tcpi_unacked, tcpi_sacked seen at accept */
	uint32_t unread, unsent;	  /* at close: SIOCINQ, SIOCOUTQ */
	uint64_t theirs, ours; /* OPTION_BIT of rules/option.h: set by the program, by a rule */
	_Atomic uint64_t writes, reads; /* calls that took or gave bytes */
	_Atomic uint64_t bytes_written, bytes_read;
	_Atomic uint64_t holds, late;	   /* our holds, and those of them that came too late */
	_Atomic uint64_t late_ns, slow_ns; /* what those cost; what slow successors of others did */
	_Atomic uint64_t proven;	   /* writes with EVENT_PROVEN */
	/* ACKs sent at once: learnt on this connection, given up, answers that came so. */
	_Atomic uint32_t acks_learnt, acks_dropped;
	_Atomic uint64_t acks_won;
	/* Times that it was left to Nagle across waits, and that somebody waited for that. */
	_Atomic uint32_t nagle_kept, nagle_waited;
	_Atomic uint64_t accepted;
	_Atomic uint32_t fdopened; /* stdio took it: libc writes and reads unseen */
	uint32_t spare1;
	struct trace_tcp at_connect, at_close;
	struct trace_options options;
};
_Static_assert(sizeof(struct trace_connection) <= TRACE_CONNECTION, "a connection fits its place");
#define TRACE_CONNECTIONS ((TRACE_BLOCK - sizeof(struct trace_block)) / TRACE_CONNECTION)

/* ---- when the kernel is asked: by it the reader knows what silence says ---- */

/* Bytes: a full segment on most paths, and of a connection where the kernel told none. */
#define TRACE_SEGMENT 1448u

static inline uint32_t trace_mss(const struct trace_connection *connection)
{
	return connection->at_connect.snd_mss ? connection->at_connect.snd_mss : TRACE_SEGMENT;
}

/* Whether bytes are held back (EVENT_PROVEN): after a turn's second to TRACE_ASKED'th write, and
 * then ever more rarely, for a stream must not pay for it ... */
#define TRACE_ASKED 8u
static inline int trace_asks_after(uint32_t writes)
{
	return writes >= 2 && (writes <= TRACE_ASKED || (writes & (writes - 1)) == 0);
}

/* ... where the write is a small one, and neither we nor the program keep it back. */
static inline int trace_asks_about(
	const struct trace_connection *connection, unsigned flags, uint64_t asked)
{
	return asked < trace_mss(connection) && !(flags & (EVENT_HELD | EVENT_MORE | EVENT_CORK));
}

/* When data last left (PROBE): a read of so many ns was held up by more than a peer's thinking. */
#define TRACE_LONG_READ 150000000u

/* ---- threads ---- */

/* Counts of all calls that were recorded, also of those whose event had no room; and the last call
 * that may have waited, from its begin on: a call that never came back, for the process was killed
 * in it, has no event. It means nothing once an event of the thread has begun as late. One writer.
 */
struct trace_thread {
	uint64_t began, ended;		/* ended: 0 where it was not seen */
	uint64_t lost;			/* events that had no room */
	uint64_t calls[64], failed[64]; /* by enum trace_call */
	uint64_t waits_since;		/* 0: none was begun */
	uint32_t waits_flow;		/* as in its event */
	uint16_t waits_set;
	uint8_t waits_call;
};
_Static_assert(sizeof(struct trace_thread) + sizeof(struct trace_block) <= TRACE_BLOCK, "fits");
_Static_assert(TRACE_CALL_COUNT <= 64, "struct trace_thread has a place for each call");

/* ---- the header ---- */

enum trace_end { END_NOT_SEEN, END_EXIT, END_EXEC };

struct trace_header {
	char magic[8];
	uint32_t version;
	uint32_t block, event, connection, thread; /* sizes, as the writer has them */
	int32_t pid, parent;
	uint32_t uid;
	uint32_t end;  /* enum trace_end */
	uint32_t full; /* 1: events stopped for want of room, disk or permission; counters go on */
	uint64_t random;
	uint64_t started, started_wall; /* now by CLOCK_MONOTONIC and CLOCK_REALTIME, ns */
	uint64_t process_started;	/* CLOCK_MONOTONIC when the library's constructor ran */
	_Atomic uint64_t ended;		/* exit, exec or the last look; 0: not seen */
	_Atomic uint64_t blocks;	/* handed out; block numbers below are allocated or lost */
	_Atomic uint64_t capacity;	/* blocks that the file has room for, the header counted */
	_Atomic uint64_t lost_connections;
	uint32_t clock_cost;   /* ps for one reading of the clock, measured at the start */
	uint32_t rules_active; /* 1: SOCKFIX_RULES named at least one rule */
	char sockfix[16];      /* version of the library */
	char program[256];     /* /proc/self/exe */
	char command[2048];    /* arguments, NUL after each; cut off where they are long */
	char rules[1024];      /* SOCKFIX_RULES, cut off likewise */
};
_Static_assert(sizeof(struct trace_header) <= TRACE_BLOCK, "the header is one block");

#endif
