/* Calls that move bytes: reads and writes of flows, of files that are then sent on, and of
 * datagrams that ask for names. */
#include <string.h>

#include "tools/import/strace_world.h"

/* How a call is printed: where its sizes and its flags stand. */
static const struct form {
	const char *name;
	enum trace_call call;
	enum { SIZE_THIRD, SIZE_PIECES, SIZE_MESSAGES } size;
	int flags; /* the argument; -1: none */
} form_table[] = {
	{"read", TRACE_READ, SIZE_THIRD, -1},
	{"readv", TRACE_READV, SIZE_PIECES, -1},
	{"preadv2", TRACE_READV, SIZE_PIECES, 4},
	{"recv", TRACE_RECV, SIZE_THIRD, 3},
	{"recvfrom", TRACE_RECVFROM, SIZE_THIRD, 3},
	{"recvmsg", TRACE_RECVMSG, SIZE_PIECES, 2},
	{"recvmmsg", TRACE_RECVMMSG, SIZE_MESSAGES, 3},
	{"recvmmsg_time64", TRACE_RECVMMSG, SIZE_MESSAGES, 3},
	{"write", TRACE_WRITE, SIZE_THIRD, -1},
	{"writev", TRACE_WRITEV, SIZE_PIECES, -1},
	{"pwritev2", TRACE_WRITEV, SIZE_PIECES, 4},
	{"send", TRACE_SEND, SIZE_THIRD, 3},
	{"sendto", TRACE_SENDTO, SIZE_THIRD, 3},
	{"sendmsg", TRACE_SENDMSG, SIZE_PIECES, 2},
	{"sendmmsg", TRACE_SENDMMSG, SIZE_MESSAGES, 3},
};

static const struct form *form_of(const char *name)
{
	for (size_t i = 0; i < sizeof(form_table) / sizeof(*form_table); i++)
		if (strcmp(form_table[i].name, name) == 0)
			return &form_table[i];
	return NULL;
}

/* What a call can move at most (MAX_RW_COUNT, include/linux/fs.h). */
#define MOVES_MOST 0x7ffff000u

static uint64_t moved(const struct call *call)
{
	const int64_t result = call_error(call) ? 0 : call->line->result;

	return result < 0 ? 0 : result > (int64_t)MOVES_MOST ? MOVES_MOST : (uint64_t)result;
}

static uint32_t capped(uint64_t number)
{
	return number > UINT32_MAX ? UINT32_MAX : (uint32_t)number;
}

/* Bytes that it moved, and bytes that it was given or had room for: at least as many. */
static void take_sizes(
	const struct call *call, const struct form *form, uint64_t *asked, uint64_t *done)
{
	const char *pieces = call->args.arg[1];
	int64_t number = 0;
	bool more = false;

	*done = moved(call);
	if (form->size == SIZE_MESSAGES)
		*done = *done ? capped(arg_sum(pieces, "msg_len=", &more)) : 0;
	if (form->size == SIZE_THIRD && arg_number(call->args.arg[2], 0, &number) && number > 0)
		*asked = (uint64_t)number;
	else
		*asked = form->size == SIZE_THIRD ? 0 : arg_sum(pieces, "iov_len=", &more);
	if (*asked < *done)
		*asked = *done;
}

/* Both ways: what is common to them. */
struct moving {
	struct flow *flow;
	struct trace_event event;
	uint64_t asked, done;
	bool waits, peeks;
};

static bool moves(struct call *call, struct moving *moving, enum trace_call what)
{
	const char *note;
	int fd;

	*moving = (struct moving){.event = {.call = (uint8_t)what}};
	if (!arg_fd(call->args.arg[0], &fd, &note))
		return false;
	moving->flow = flow_of(call, fd, note);
	if (moving->flow && moving->flow->listens)
		moving->flow = NULL;
	if (!moving->flow)
		call->world->seen.unknown += !desc_get(call->thread->image, fd) && note &&
					     strncmp(note, "socket:", 7) == 0;
	return moving->flow != NULL;
}

static void take_flags(struct call *call, struct moving *moving, const char *flags)
{
	moving->waits = !moving->flow->nonblock && !arg_has(flags, "MSG_DONTWAIT");
	moving->peeks = arg_has(flags, "MSG_PEEK");
	if (!moving->waits)
		moving->event.flags |= EVENT_NONBLOCK;
	if (arg_has(flags, "MSG_OOB") || arg_has(flags, "MSG_ZEROCOPY"))
		flow_facts(moving->flow)->given_up = GIVEN_UP_MORE;
	(void)call;
}

static void move(struct call *call, struct moving *moving)
{
	moving->event.flow = flow_enter(call, moving->flow);
	if (moving->done && !moving->flow->moves) {
		call->world->seen.shared += moving->flow->used;
		moving->flow->moves = moving->flow->used = true;
	}
	moving->event.asked = capped(moving->asked);
	moving->event.done = capped(moving->done);
	if (moving->done && moving->flow->connecting) {
		flow_is_connected(moving->flow, call->end);
	}
	call_event(call, moving->event, moving->waits, NULL, 0);
}

static uint16_t content_of(const char *text)
{
	unsigned char bytes[64];
	const size_t length = arg_string(text, bytes, sizeof(bytes));

	return (uint16_t)hash_of(bytes, length);
}

static void writes(struct call *call, struct moving *moving, const char *flags)
{
	struct trace_connection *facts;

	take_flags(call, moving, flags);
	if (arg_has(flags, "MSG_MORE"))
		moving->event.flags |= EVENT_MORE;
	else if (moving->flow->cork)
		moving->event.flags |= EVENT_CORK;
	call->world->seen.writes++;
	flow_enter(call, moving->flow);
	facts = flow_facts(moving->flow);
	facts->writes += moving->done > 0;
	facts->bytes_written += moving->done;
	move(call, moving);
}

void did_write(struct call *call)
{
	const struct form *form = form_of(call->line->name);
	struct moving moving;

	if (!form || !moves(call, &moving, form->call)) {
		struct desc *desc;
		const char *note;
		int fd;

		if (arg_fd(call->args.arg[0], &fd, &note) &&
			(desc = desc_get(call->thread->image, fd)) && desc->kind == DESC_DATAGRAM)
			lookup_asks(call, desc, call->args.arg[1]);
		return;
	}
	take_sizes(call, form, &moving.asked, &moving.done);
	moving.event.extra = form->size == SIZE_THIRD ? content_of(call->args.arg[1]) : 0;
	writes(call, &moving, form->flags < 0 ? "" : call->args.arg[form->flags]);
}

/* From a file or a pipe, within the kernel. */
void did_sendfile(struct call *call)
{
	struct moving moving;
	int64_t asked = 0;

	if (!moves(call, &moving, TRACE_SENDFILE))
		return;
	arg_number(call->args.arg[3], 0, &asked);
	moving.done = moved(call);
	moving.asked = asked > 0 && (uint64_t)asked > moving.done ? (uint64_t)asked : moving.done;
	writes(call, &moving, "");
}

static void reads(struct call *call, struct moving *moving, const char *flags)
{
	struct trace_connection *facts;

	take_flags(call, moving, flags);
	if (moving->flow->cork)
		moving->event.flags |= EVENT_CORK;
	call->world->seen.reads++;
	flow_enter(call, moving->flow);
	facts = flow_facts(moving->flow);
	if (!moving->peeks) {
		facts->reads += moving->done > 0;
		facts->bytes_read += moving->done;
	}
	move(call, moving);
}

/* splice(from, offset, to, offset, length, flags): one of them is a pipe. */
void did_splice(struct call *call)
{
	char *from = call->args.arg[0];
	struct moving moving;
	int64_t asked = 0;
	bool out;

	call->args.arg[0] = call->args.arg[2];
	out = moves(call, &moving, TRACE_SPLICE);
	call->args.arg[0] = from;
	if (!out && !moves(call, &moving, TRACE_READ))
		return;
	arg_number(call->args.arg[4], 0, &asked);
	moving.done = moved(call);
	moving.asked = asked > 0 && (uint64_t)asked > moving.done ? (uint64_t)asked : moving.done;
	(out ? writes : reads)(call, &moving, "");
}

/* Kept until the next event: where that writes to a flow, the program copies by hand. */
static void keep_file(struct call *call, const struct form *form)
{
	struct thread *thread = call->thread;

	if (call_error(call) || call->line->result <= 0 || form->call != TRACE_READ ||
		!thread->image->written)
		return;
	thread_settle(thread, call->start);
	thread->has_file = true;
	thread->file = (struct trace_event){.call = TRACE_READ,
		.flags = EVENT_FILE,
		.extra = content_of(call->args.arg[1]),
		.start = call->start,
		.done = capped((uint64_t)call->line->result)};
	thread->file.asked = thread->file.done;
	thread->file_took = call->exact ? call->end - call->start : 0;
}

void did_read(struct call *call)
{
	const struct form *form = form_of(call->line->name);
	struct moving moving;
	struct desc *desc;
	const char *note;
	int fd;

	if (form && moves(call, &moving, form->call)) {
		take_sizes(call, form, &moving.asked, &moving.done);
		reads(call, &moving, form->flags < 0 ? "" : call->args.arg[form->flags]);
		return;
	}
	if (!form || !arg_fd(call->args.arg[0], &fd, &note))
		return;
	desc = desc_get(call->thread->image, fd);
	if ((desc && desc->kind == DESC_FILE) || (!desc && note && *note == '/'))
		keep_file(call, form);
	if (desc && desc->kind == DESC_DATAGRAM && !call_error(call))
		lookup_answered(call, desc);
}
