/* Traces from a text, for tests of whatever reads or judges them. trace_text() writes the text as
 * the library would (shim/trace_format.h), has process_read() read it, and gives the run:
 *
 *	struct run *run = trace_text(
 *		"run wall=3s\n"
 *		"client 1 10.0.0.1:143 tcp.min_rtt_us=50 opt.nodelay=0\n"
 *		"1: connect~0.2ms r38~1ms w20 r30~1ms\n"
 *		"1: { w27 r6~0.2ms +0.1ms w480..1390 w2(proven) r82~43.8ms +0.3ms } x50 close\n");
 *	struct fold *fold = fold_run(run);    ... fold_free(fold); run_free(run);
 *
 * Lines:
 *   run KEY=VALUE ...          wall=TIME (from the run's beginning), before.X=N, after.X=N (struct
 *                              run_host), status=N refused=N living=N ... (struct run; what
 *                              lives has no end), command= rules= elsewhere= unseen_names=
 *bypass.names= unread_why=, each a WORD or 'WORDS IN QUOTES' process KEY=VALUE ...      another
 *process: pid= parent= at=TIME, made=TIME (its file, after its beginning), active=1 (it had rules),
 *full=1 (its recording was); the first is there unasked client N ADDRESS:PORT KEY=VALUE ...
 *connection N of this process, from 1 on ([::1]:80) server N PORT KEY=VALUE ...           accepted
 *on PORT, from 192.0.2.9 listener N PORT KEY=VALUE ... unknown N ADDRESS:PORT KEY=VALUE ... thread
 *TID                 the lines below are that thread's; a new one begins at the clock of the one
 *before, each has its own clock from then on N: EVENT ...               calls on connection N (0:
 *on none) by this thread and '#' begins a comment. KEYs of connections are members of struct
 *trace_connection (backlog=1 unread=5 theirs=...), tcp.X of at_close, syn.X of at_connect (which
 *makes it taken), opt.X of options, and `unasked`: at_close was never taken. Else it is taken at
 *close or at the end, with the kernel's counters equal to what was seen.
 *
 * Events:
 *   w27  r6  r0                write, read, end of file; w480..1390: another size each time
 *   file8192                   the read of a regular file that the next write gets its bytes from
 *   NAME                       any call of TRACE_CALLS, as reports call it: connect close poll ...
 *   ...~43ms                   it took so long; else 1 us
 *   ...(KEY=VALUE,FLAG,...)    asked= done= error= extra= flow=, covers=1/2 (poll, epoll ...: a
 *                              COVERS event follows), held proven nonblock more cork file bare
 *                              mended, set= (epoll's descriptor), lasts (it began, and never
 *                              came back)
 *   again                      in short for a read(error=11,nonblock)
 *   +5ms  @2s                  so much later; at that time since the run began
 *   { EVENT ... } x40          so often
 * 1 us passes before each call. Times: ns us ms s. Any mistake ends the test with the place. */
#ifndef SOCKFIX_TEST_TRACE_TEXT_H
#define SOCKFIX_TEST_TRACE_TEXT_H

#include <arpa/inet.h>
#include <ctype.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/helper/trace_header.h"
#include "tools/read/run.h"

#define TRACE_TEXT_BEGAN UINT64_C(1000000000000)     /* ns: the run began then */
#define TRACE_TEXT_LASTS (EVENT_BARE | EVENT_MENDED) /* no event has both */
#define TRACE_TEXT_MOST	 64			     /* connections, threads, processes */

struct trace_text_thread {
	uint32_t tid;
	uint64_t clock;
	struct trace_thread counts;
	struct trace_event *event;
	size_t events;
};

struct trace_text_process {
	struct trace_header header;
	struct trace_connection connection[TRACE_TEXT_MOST];
	bool unasked[TRACE_TEXT_MOST];
	size_t connections;
	struct trace_text_thread thread[TRACE_TEXT_MOST];
	size_t threads;
};

struct trace_text {
	struct run *run;
	struct trace_text_process *process[TRACE_TEXT_MOST];
	size_t processes;
	struct trace_text_process *now;
	struct trace_text_thread *thread;
	uint32_t flow;
	uint64_t wall;
	uint32_t dice; /* for sizes in a range */
};

static inline _Noreturn void trace_text_fail(const char *what, const char *at)
{
	fprintf(stderr, "trace_text: %s at '%.40s'\n", what, at);
	abort();
}

static inline void *trace_text_take(void *memory, size_t size)
{
	void *taken = realloc(memory, size);

	if (!taken)
		trace_text_fail("no memory", "");
	return taken;
}

static inline char *trace_text_copy(const char *text, size_t length)
{
	char *copy = trace_text_take(NULL, length + 1);

	memcpy(copy, text, length);
	copy[length] = '\0';
	return copy;
}

static inline uint64_t trace_text_time(const char **at)
{
	static const struct {
		const char *name;
		double ns;
	} unit[] = {{"ns", 1}, {"us", 1e3}, {"ms", 1e6}, {"s", 1e9}};
	char *end;
	double number = strtod(*at, &end);

	for (size_t i = 0; end > *at && i < sizeof(unit) / sizeof(*unit); i++)
		if (strncmp(end, unit[i].name, strlen(unit[i].name)) == 0) {
			*at = end + strlen(unit[i].name);
			return (uint64_t)(number * unit[i].ns + 0.5);
		}
	trace_text_fail("no time", *at);
}

static inline int64_t trace_text_number(const char **at)
{
	char *end;
	/* 64 bits of a set, too */
	int64_t number = **at == '-' ? strtoll(*at, &end, 0) : (int64_t)strtoull(*at, &end, 0);

	if (end == *at)
		trace_text_fail("no number", *at);
	*at = end;
	return number;
}

/* ---- processes, threads, connections ---- */

static inline void trace_text_thread_begin(struct trace_text *text, uint32_t tid, uint64_t clock)
{
	struct trace_text_process *process = text->now;

	for (size_t i = 0; i < process->threads; i++)
		if (process->thread[i].tid == tid) {
			text->thread = &process->thread[i];
			return;
		}
	if (process->threads == TRACE_TEXT_MOST)
		trace_text_fail("too many threads", "");
	text->thread = &process->thread[process->threads++];
	text->thread->tid = tid;
	text->thread->clock = text->thread->counts.began = clock;
}

static inline void trace_text_process_begin(struct trace_text *text, const char *at)
{
	struct trace_text_process *process = trace_text_take(NULL, sizeof(*process));
	struct trace_header *header = &process->header;
	uint64_t began = TRACE_TEXT_BEGAN, made = 0;

	if (text->processes == TRACE_TEXT_MOST)
		trace_text_fail("too many processes", at);
	memset(process, 0, sizeof(*process));
	trace_header_fill(header);
	header->pid = 100 + (int32_t)text->processes;
	header->parent = 1;
	header->end = END_EXIT;
	header->clock_cost = 30000;
	memcpy(header->sockfix, "0.1.0", sizeof("0.1.0"));
	memcpy(header->program, "/usr/bin/prog", sizeof("/usr/bin/prog"));
	memcpy(header->command, "prog\0x", sizeof("prog\0x"));
	while (*(at += strspn(at, " \t"))) {
		if (sscanf(at, "pid=%d", &header->pid) != 1 &&
			sscanf(at, "parent=%d", &header->parent) != 1 &&
			sscanf(at, "full=%u", &header->full) != 1 &&
			sscanf(at, "active=%u", &header->rules_active) != 1) {
			const char *time = strchr(at, '=') ? strchr(at, '=') + 1 : at;
			if (strncmp(at, "at=", 3) == 0)
				began += trace_text_time(&time);
			else if (strncmp(at, "made=", 5) == 0)
				made = trace_text_time(&time);
			else
				trace_text_fail("no such key", at);
		}
		at += strcspn(at, " \t");
	}
	header->random = UINT64_C(0x9e3779b97f4a7c15) * (uint64_t)header->pid;
	header->process_started = began;
	header->started = began + made;
	header->started_wall = UINT64_C(1760000000000000000) + header->started;
	text->process[text->processes++] = text->now = process;
	trace_text_thread_begin(text, (uint32_t)header->pid, began);
}

struct trace_text_member {
	const char *name;
	size_t offset, size;
};

/* Sets the member of that name at `base`; false: there is none. */
static inline bool trace_text_set(void *base, const struct trace_text_member *member,
	size_t members, const char *name, size_t length, const char **value)
{
	for (size_t i = 0; i < members; i++)
		if (strlen(member[i].name) == length && memcmp(member[i].name, name, length) == 0) {
			int64_t number = trace_text_number(value);
			memcpy((char *)base + member[i].offset, &number, member[i].size);
			return true;
		}
	return false;
}

#define TRACE_TEXT_MEMBER(type, name)                                                              \
	{                                                                                          \
#name, offsetof(struct type, name), sizeof(((struct type *)0)->name)               \
	}
#define TRACE_TEXT_COUNT(table) (sizeof(table) / sizeof(*(table)))

static inline bool trace_text_set_tcp(
	struct trace_tcp *tcp, const char *name, size_t length, const char **value)
{
#define M(name) TRACE_TEXT_MEMBER(trace_tcp, name)
	static const struct trace_text_member member[] = {M(taken), M(bytes_sent), M(bytes_acked),
		M(bytes_received), M(busy_us), M(rwnd_limited_us), M(sndbuf_limited_us),
		M(min_rtt_us), M(rtt_us), M(total_retrans), M(unacked), M(sacked), M(last_sent_ms),
		M(snd_cwnd), M(snd_mss), M(rcv_space), M(segs_out), M(segs_in), M(data_segs_out),
		M(data_segs_in), M(state)};
#undef M
	return trace_text_set(tcp, member, TRACE_TEXT_COUNT(member), name, length, value);
}

static inline bool trace_text_set_option(
	struct trace_options *options, const char *name, size_t length, const char **value)
{
#define M(name) TRACE_TEXT_MEMBER(trace_options, name)
	static const struct trace_text_member member[] = {M(nodelay), M(cork), M(quickack),
		M(sndbuf), M(rcvbuf), M(buf_lock), M(keepalive), M(keepidle), M(user_timeout),
		M(linger)};
#undef M
	return trace_text_set(options, member, TRACE_TEXT_COUNT(member), name, length, value);
}

static inline bool trace_text_set_own(
	struct trace_connection *connection, const char *name, size_t length, const char **value)
{
#define M(name) TRACE_TEXT_MEMBER(trace_connection, name)
	static const struct trace_text_member member[] = {M(role), M(family), M(peer_port),
		M(local_port), M(port), M(connect_error), M(opened), M(connecting), M(connected),
		M(closed), M(backlog), M(backlog_set), M(queue_peak), M(queue_limit), M(unread),
		M(unsent), M(theirs), M(ours), M(writes), M(reads), M(bytes_written), M(bytes_read),
		M(holds), M(late), M(late_ns), M(slow_ns), M(acks_learnt), M(acks_dropped),
		M(acks_won), M(nagle_kept), M(nagle_waited), M(given_up), M(proven), M(accepted),
		M(fdopened)};
#undef M
	return trace_text_set(connection, member, TRACE_TEXT_COUNT(member), name, length, value);
}

static inline void trace_text_keys(
	struct trace_text_process *process, struct trace_connection *connection, const char *at)
{
	while (*(at += strspn(at, " \t"))) {
		const size_t length = strcspn(at, "= \t");
		const char *value = at + length + 1;
		bool known = false;

		if (length == 7 && memcmp(at, "unasked", length) == 0) {
			process->unasked[connection->number - 1] = true;
			at += length;
			continue;
		}
		if (at[length] != '=')
			trace_text_fail("no value", at);
		if (strncmp(at, "tcp.", 4) == 0)
			known = trace_text_set_tcp(
				&connection->at_close, at + 4, length - 4, &value);
		else if (strncmp(at, "syn.", 4) == 0)
			known = trace_text_set_tcp(
				&connection->at_connect, at + 4, length - 4, &value);
		else if (strncmp(at, "opt.", 4) == 0)
			known = trace_text_set_option(
				&connection->options, at + 4, length - 4, &value);
		else
			known = trace_text_set_own(connection, at, length, &value);
		if (!known)
			trace_text_fail("no such key", at);
		if (strncmp(at, "syn.", 4) == 0 && !connection->at_connect.taken)
			connection->at_connect.taken = TRACE_TEXT_BEGAN;
		at = value;
	}
}

/* "10.0.0.1:143", "[::1]:80", "8000" into the connection; returns what comes after. */
static inline const char *trace_text_address(struct trace_connection *connection, const char *at)
{
	const char *end = at + strcspn(at, " \t"), *port = end;
	char address[64] = "192.0.2.9";

	while (port > at && port[-1] != ':')
		port--;
	if (port > at)
		snprintf(address, sizeof(address), "%.*s", (int)(port - 1 - at), at);
	connection->port = (uint16_t)strtoul(port, NULL, 10);
	connection->family = *address == '[' ? 6 : 4;
	memset(connection->peer, 0, sizeof(connection->peer));
	if (*address == '[') {
		address[strcspn(address, "]")] = '\0';
		if (inet_pton(AF_INET6, address + 1, connection->peer) != 1)
			trace_text_fail("no address", at);
		return end;
	}
	memset(connection->peer + 10, 0xff, 2);
	if (inet_pton(AF_INET, address, connection->peer + 12) != 1)
		trace_text_fail("no address", at);
	return end;
}

static inline void trace_text_connection(struct trace_text *text, uint8_t role, const char *at)
{
	const uint64_t number = (uint64_t)trace_text_number(&at);
	struct trace_text_process *process = text->now;

	if (!number || number > TRACE_TEXT_MOST)
		trace_text_fail("no number of a connection", at);
	struct trace_connection *connection = &process->connection[number - 1];
	if (number > process->connections)
		process->connections = (size_t)number;
	connection->number = (uint32_t)number;
	connection->role = role;
	connection->opened = text->thread->clock;
	if (role != ROLE_OF_LISTENER)
		connection->connected = text->thread->clock;
	connection->at_connect.min_rtt_us = connection->at_close.min_rtt_us = UINT32_MAX;
	connection->at_close.snd_mss = 1448;
	connection->options = (struct trace_options){0, 0, -1, -1, -1, -1, 0, -1, -1, -1, "cubic"};
	at = trace_text_address(connection, at + strspn(at, " \t"));
	connection->peer_port =
		(uint16_t)(role == ROLE_OF_SERVER ? 50000 + number : connection->port);
	connection->local_port =
		(uint16_t)(role == ROLE_OF_CLIENT ? 40000 + number : connection->port);
	trace_text_keys(process, connection, at);
}

/* ---- events ---- */

static inline void trace_text_put(struct trace_text *text, const struct trace_event *event)
{
	struct trace_text_thread *thread = text->thread;
	const size_t events = thread->events;

	/* Room for twice as many where a power of two is full: a sanitizer's realloc() is slow. */
	if ((events & (events - 1)) == 0)
		thread->event = trace_text_take(
			thread->event, (events ? 2 * events : 1) * sizeof(*thread->event));
	memcpy(&thread->event[thread->events++], event, sizeof(*event));
}

static inline uint32_t trace_text_size(struct trace_text *text, const char **at)
{
	const uint32_t low = (uint32_t)trace_text_number(at);

	if (strncmp(*at, "..", 2) != 0)
		return low;
	*at += 2;
	const uint32_t high = (uint32_t)trace_text_number(at);
	if (high < low)
		trace_text_fail("no range before", *at);
	text->dice = text->dice * 1103515245u + 12345u;
	return low + (text->dice >> 8) % (high - low + 1);
}

/* Flag or KEY=VALUE of an event; covers= goes into *covers. */
static inline void trace_text_attribute(
	const char **at, struct trace_event *event, struct trace_event *covers)
{
	static const struct {
		const char *name;
		uint8_t flag;
	} flag[] = {{"held", EVENT_HELD}, {"proven", EVENT_PROVEN}, {"nonblock", EVENT_NONBLOCK},
		{"more", EVENT_MORE}, {"cork", EVENT_CORK}, {"file", EVENT_FILE},
		{"bare", EVENT_BARE}, {"mended", EVENT_MENDED}, {"lasts", TRACE_TEXT_LASTS}};
	const size_t length = strcspn(*at, "=,)");
	const char *name = *at;

	*at += length;
	for (size_t i = 0; **at != '=' && i < TRACE_TEXT_COUNT(flag); i++)
		if (strlen(flag[i].name) == length && memcmp(flag[i].name, name, length) == 0) {
			event->flags |= flag[i].flag;
			return;
		}
	if (*(*at)++ != '=')
		trace_text_fail("no such flag", name);
	if (length == 6 && memcmp(name, "covers", length) == 0) {
		covers->call = TRACE_COVERS;
		for (size_t i = 0; i < 6; i++) {
			covers->covered[i] = (uint32_t)trace_text_number(at);
			if (**at != '/')
				return;
			(*at)++;
		}
		trace_text_fail("more than six", name);
	}
	static const struct trace_text_member member[] = {TRACE_TEXT_MEMBER(trace_event, asked),
		TRACE_TEXT_MEMBER(trace_event, done), TRACE_TEXT_MEMBER(trace_event, error),
		TRACE_TEXT_MEMBER(trace_event, extra), TRACE_TEXT_MEMBER(trace_event, flow),
		TRACE_TEXT_MEMBER(trace_event, set)};
	if (!trace_text_set(event, member, TRACE_TEXT_COUNT(member), name, length, at))
		trace_text_fail("no such key", name);
}

/* The call that the word names, with its sizes; *at is then behind the name. */
static inline void trace_text_call(
	struct trace_text *text, const char **at, struct trace_event *event)
{
	const size_t length = strspn(*at, "abcdefghijklmnopqrstuvwxyz_");
	const bool sized = isdigit((unsigned char)(*at)[length]);
	const char *name = *at;

	*at += length;
	if (sized && ((length == 1 && strchr("wr", *name)) ||
			     (length == 4 && memcmp(name, "file", 4) == 0))) {
		event->call = *name == 'w' ? TRACE_SEND : *name == 'r' ? TRACE_RECV : TRACE_READ;
		event->done = trace_text_size(text, at);
		event->asked = *name == 'r' ? 8192 : event->done;
		if (*name == 'f') {
			event->flags = EVENT_FILE;
			event->flow = 0;
		}
		return;
	}
	if (length == 5 && memcmp(name, "again", 5) == 0) {
		event->call = TRACE_RECV;
		event->error = 11;
		event->flags = EVENT_NONBLOCK;
		return;
	}
	*at = name + strspn(name, "abcdefghijklmnopqrstuvwxyz_0123456789");
	for (unsigned call = 1; call < TRACE_CALL_COUNT; call++)
		if (strlen(call_name(call)) == (size_t)(*at - name) &&
			memcmp(call_name(call), name, (size_t)(*at - name)) == 0) {
			event->call = (uint8_t)call;
			return;
		}
	trace_text_fail("no such call", name);
}

/* What the library keeps of the call beside the event. */
static inline void trace_text_count(struct trace_text *text, const struct trace_event *event)
{
	const uint64_t end = event_end(event);
	struct trace_thread *counts = &text->thread->counts;

	counts->calls[event->call]++;
	counts->failed[event->call] += event->error != 0;
	if (!event->flow || event->flow > TRACE_TEXT_MOST)
		return;
	struct trace_connection *connection = &text->now->connection[event->flow - 1];
	const bool data = event->done && !event->error;
	if (call_class(event->call) == CLASS_WRITE && data) {
		connection->writes++;
		connection->bytes_written += event->done;
		connection->proven += (event->flags & EVENT_PROVEN) != 0;
		connection->holds += (event->flags & EVENT_HELD) != 0;
	} else if (call_class(event->call) == CLASS_READ && data) {
		connection->reads++;
		connection->bytes_read += event->done;
	} else if (event->call == TRACE_CONNECT) {
		connection->opened = connection->connecting = event->start;
		connection->connected = event->error && event->error != 115 ? 0 : end;
	} else if (event->call == TRACE_CLOSE) {
		connection->closed = event->start;
	} else if (event->call == TRACE_ACCEPT || event->call == TRACE_ACCEPT4) {
		connection->accepted++;
	}
}

static inline void trace_text_event(struct trace_text *text, const char **at)
{
	struct trace_event event = {0}, covers = {0};
	uint64_t took = 1000;

	if (**at == '+' || **at == '@') {
		const bool absolute = *(*at)++ == '@';
		const uint64_t time = trace_text_time(at);
		text->thread->clock = time + (absolute ? TRACE_TEXT_BEGAN : text->thread->clock);
		if (text->thread->clock < text->thread->counts.began)
			text->thread->counts.began = text->thread->clock;
		return;
	}
	event.flow = text->flow;
	trace_text_call(text, at, &event);
	if (call_class(event.call) == CLASS_WAIT || call_class(event.call) == CLASS_NAME ||
		call_class(event.call) == CLASS_SLEEP)
		event.flow = 0; /* they are about no connection, or about several */
	if (**at == '(')
		do {
			(*at)++;
			trace_text_attribute(at, &event, &covers);
		} while (**at == ',');
	if (**at == ')')
		(*at)++;
	if (**at == '~') {
		(*at)++;
		took = trace_text_time(at);
	}
	event.start = text->thread->clock += 1000;
	text->thread->clock += took;
	if ((event.flags & TRACE_TEXT_LASTS) == TRACE_TEXT_LASTS) {
		text->thread->counts.waits_since = event.start;
		text->thread->counts.waits_flow = event.flow;
		text->thread->counts.waits_set = event.set;
		text->thread->counts.waits_call = event.call;
		return;
	}
	event.duration = (uint32_t)took;
	event.duration_high = (uint8_t)(took >> 32);
	trace_text_put(text, &event);
	if (covers.call)
		trace_text_put(text, &covers);
	trace_text_count(text, &event);
}

/* Events up to the end or a '}'; returns there. */
static inline const char *trace_text_events(struct trace_text *text, const char *at)
{
	while (*(at += strspn(at, " \t"))) {
		if (*at == '}')
			return at;
		if (*at != '{') {
			trace_text_event(text, &at);
			if (*at && !strchr(" \t}", *at))
				trace_text_fail("what is this", at);
			continue;
		}
		const char *end = trace_text_events(text, at + 1);
		unsigned times;
		int used = 0;
		if (sscanf(end, "} x%u%n", &times, &used) != 1)
			trace_text_fail("a '}' and how often are missing", end);
		for (unsigned i = 1; i < times; i++)
			trace_text_events(text, at + 1);
		at = end + used;
	}
	return at;
}

/* ---- lines ---- */

/* The text of that key, 'in quotes' or a word; *at is then behind it. False: it is another key. */
static inline bool trace_text_set_text(struct run *run, const char **at)
{
	static const struct {
		const char *name;
		size_t offset;
	} member[] = {{"command=", offsetof(struct run, command)},
		{"rules=", offsetof(struct run, rules)},
		{"elsewhere=", offsetof(struct run, elsewhere)},
		{"unseen_names=", offsetof(struct run, unseen_names)},
		{"bypass.names=", offsetof(struct run, bypass.names)},
		{"unread_why=", offsetof(struct run, unread_why)}};

	for (size_t i = 0; i < TRACE_TEXT_COUNT(member); i++) {
		const size_t length = strlen(member[i].name);
		const char *value = *at + length;
		if (strncmp(*at, member[i].name, length) != 0)
			continue;
		const bool quoted = *value == '\'';
		const size_t word = strcspn(value + quoted, quoted ? "'" : " \t");
		char *copy = trace_text_copy(value + quoted, word);
		memcpy((char *)run + member[i].offset, &copy, sizeof(copy));
		*at = value + word + (quoted ? 2 : 0);
		return true;
	}
	return false;
}

/* A number of the run or of its host. */
static inline bool trace_text_set_run(
	struct run *run, const char *name, size_t length, const char **value)
{
#define M(name) TRACE_TEXT_MEMBER(run_host, name)
	static const struct trace_text_member host[] = {
		M(listen_overflows), M(listen_drops), M(syn_retrans), M(retrans)};
#undef M
#define M(name) TRACE_TEXT_MEMBER(run, name)
	static const struct trace_text_member member[] = {M(status), M(refused), M(barred),
		M(missing), M(alone), M(confined), M(unseen), M(living), M(damaged), M(unread),
		M(bypass.connections), M(bypass.sent), M(bypass.received)};
#undef M

	if (length > 7 && memcmp(name, "before.", 7) == 0)
		return trace_text_set(
			&run->before, host, TRACE_TEXT_COUNT(host), name + 7, length - 7, value);
	if (length > 6 && memcmp(name, "after.", 6) == 0)
		return trace_text_set(
			&run->after, host, TRACE_TEXT_COUNT(host), name + 6, length - 6, value);
	return trace_text_set(run, member, TRACE_TEXT_COUNT(member), name, length, value);
}

static inline void trace_text_run(struct trace_text *text, const char *at)
{
	while (*(at += strspn(at, " \t"))) {
		const size_t length = strcspn(at, "=");
		const char *value = at + length + 1;
		if (trace_text_set_text(text->run, &at))
			continue;
		if (strncmp(at, "wall=", 5) == 0)
			text->wall = trace_text_time(&value);
		else if (!trace_text_set_run(text->run, at, length, &value))
			trace_text_fail("no such key", at);
		at = value;
	}
}

static inline void trace_text_line(struct trace_text *text, char *line)
{
	static const struct {
		const char *name;
		uint8_t role;
	} role[] = {{"client ", ROLE_OF_CLIENT}, {"server ", ROLE_OF_SERVER},
		{"listener ", ROLE_OF_LISTENER}, {"unknown ", ROLE_OF_UNKNOWN}};

	line[strcspn(line, "#")] = '\0';
	line += strspn(line, " \t");
	if (!*line)
		return;
	for (size_t i = 0; i < TRACE_TEXT_COUNT(role); i++)
		if (strncmp(line, role[i].name, strlen(role[i].name)) == 0) {
			trace_text_connection(text, role[i].role, line + strlen(role[i].name));
			return;
		}
	if (strncmp(line, "run ", 4) == 0) {
		trace_text_run(text, line + 4);
	} else if (strncmp(line, "process", 7) == 0) {
		trace_text_process_begin(text, line + 7);
	} else if (strncmp(line, "thread ", 7) == 0) {
		trace_text_thread_begin(
			text, (uint32_t)strtoul(line + 7, NULL, 10), text->thread->clock);
	} else {
		char *events;
		text->flow = (uint32_t)strtoul(line, &events, 10);
		if (events == line || *events != ':')
			trace_text_fail("no such line", line);
		if (*trace_text_events(text, events + 1))
			trace_text_fail("a '}' too many", line);
	}
}

/* ---- the file ---- */

struct trace_text_image {
	unsigned char *bytes;
	size_t length;
};

/* A new block, zeros; where its parts begin. */
static inline unsigned char *trace_text_block(
	struct trace_text_image *image, uint32_t kind, uint32_t tid, uint64_t order)
{
	const struct trace_block head = {.kind = kind, .tid = tid, .order = order};

	image->bytes = trace_text_take(image->bytes, image->length + TRACE_BLOCK);
	memset(image->bytes + image->length, 0, TRACE_BLOCK);
	memcpy(image->bytes + image->length, &head, sizeof(head));
	image->length += TRACE_BLOCK;
	return image->bytes + image->length - TRACE_BLOCK + sizeof(head);
}

static inline void trace_text_finish(struct trace_text_process *process)
{
	uint64_t ended = process->header.process_started;

	for (size_t t = 0; t < process->threads; t++)
		if (process->thread[t].clock > ended)
			ended = process->thread[t].clock;
	process->header.ended = ended;
	for (size_t i = 0; i < process->connections; i++) {
		struct trace_connection *connection = &process->connection[i];
		struct trace_tcp *tcp = &connection->at_close;
		if (process->unasked[i] || connection->role == ROLE_OF_LISTENER)
			continue;
		tcp->taken = connection->closed ? connection->closed : ended;
		if (!tcp->bytes_acked)
			tcp->bytes_acked = connection->bytes_written - connection->unsent;
		if (!tcp->bytes_sent)
			tcp->bytes_sent = tcp->bytes_acked;
		if (!tcp->bytes_received)
			tcp->bytes_received = connection->bytes_read + connection->unread;
	}
}

static inline struct trace_text_image trace_text_write(struct trace_text_process *process)
{
	struct trace_text_image image = {0};
	unsigned char *part = NULL;

	trace_text_finish(process);
	trace_text_block(&image, BLOCK_UNUSED, 0, 0);
	for (size_t i = 0; i < process->connections; i++) {
		if (i % TRACE_CONNECTIONS == 0)
			part = trace_text_block(&image, BLOCK_CONNECTIONS, 0, 0);
		memcpy(part + i % TRACE_CONNECTIONS * TRACE_CONNECTION, &process->connection[i],
			sizeof(*process->connection));
	}
	for (size_t t = 0; t < process->threads; t++) {
		struct trace_text_thread *thread = &process->thread[t];
		thread->counts.ended = thread->clock;
		memcpy(trace_text_block(&image, BLOCK_THREAD, thread->tid, 0), &thread->counts,
			sizeof(thread->counts));
		for (size_t e = 0; e < thread->events; e++) {
			if (e % TRACE_EVENTS == 0)
				part = trace_text_block(
					&image, BLOCK_EVENTS, thread->tid, e / TRACE_EVENTS);
			memcpy(part + e % TRACE_EVENTS * sizeof(*thread->event), &thread->event[e],
				sizeof(*thread->event));
		}
	}
	process->header.blocks = process->header.capacity = image.length / TRACE_BLOCK;
	memcpy(image.bytes, &process->header, sizeof(process->header));
	return image;
}

/* ---- what tests call ---- */

static inline void trace_text_parse(struct trace_text *text, const char *lines)
{
	memset(text, 0, sizeof(*text));
	text->run = trace_text_take(NULL, sizeof(*text->run));
	memset(text->run, 0, sizeof(*text->run));
	text->run->before = text->run->after = (struct run_host){-1, -1, -1, -1};
	text->run->status = -1;
	text->dice = 1;
	trace_text_process_begin(text, "");
	while (*lines) {
		const size_t length = strcspn(lines, "\n");
		char *line = trace_text_copy(lines, length);
		trace_text_line(text, line);
		free(line);
		lines += length + (lines[length] == '\n');
	}
}

static inline void trace_text_process_free(struct trace_text_process *process)
{
	for (size_t t = 0; t < process->threads; t++)
		free(process->thread[t].event);
	free(process);
}

/* The first process of the text as the bytes of its trace file; to be freed. */
static inline unsigned char *trace_text_file(const char *lines, size_t *length)
{
	struct trace_text text;

	trace_text_parse(&text, lines);
	struct trace_text_image image = trace_text_write(text.process[0]);
	for (size_t p = 0; p < text.processes; p++)
		trace_text_process_free(text.process[p]);
	run_free(text.run);
	*length = image.length;
	return image.bytes;
}

/* The run of the text; run_free() frees it. A first process of which nothing is said is left out
 * where others are. */
static inline struct run *trace_text(const char *lines)
{
	struct trace_text text;
	uint64_t ended = 0;

	trace_text_parse(&text, lines);
	struct run *run = text.run;
	run->process = trace_text_take(NULL, text.processes * sizeof(*run->process));
	for (size_t p = 0; p < text.processes; p++) {
		struct trace_text_image image = trace_text_write(text.process[p]);
		struct run_process *process = &run->process[run->processes];
		const char *why = "";
		const bool empty = !text.process[p]->connections && text.process[p]->threads == 1 &&
				   !text.process[p]->thread[0].events;
		trace_text_process_free(text.process[p]);
		if (p == 0 && empty && text.processes > 1) {
			free(image.bytes);
			continue;
		}
		if (process_read(process, image.bytes, image.length, &why) != 0)
			trace_text_fail("not read", why);
		process->file = trace_text_copy("1.trace", 7);
		free(image.bytes);
		run->processes++;
		if (process->ended > ended)
			ended = process->ended;
	}
	run->directory = trace_text_copy("/tmp/run", 8);
	run->name = trace_text_copy("7f3a", 4);
	run->command = run->command ? run->command : trace_text_copy("prog x", 6);
	run->rules = run->rules ? run->rules : trace_text_copy("", 0);
	run->began = TRACE_TEXT_BEGAN;
	run->ended = text.wall ? TRACE_TEXT_BEGAN + text.wall : ended;
	run->started_wall = UINT64_C(1760000000000000000) + run->began;
	run->ended_wall = run->living ? 0 : UINT64_C(1760000000000000000) + run->ended;
	run->processes_seen = run->processes;
	return run;
}

#endif
