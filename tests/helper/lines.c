/* What a run did, a line a call: what is the run's own, addresses, ports, processes and times, is
 * left out or made one. It judges nothing. */
#include "lines.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "must.h"

/* ---- system calls ---- */

/* Numbers by which libc makes a call of that name, or we a call that does not wait. */
static const struct {
	const char *name, *other;
} same[] = {
	{"select", "pselect6"},
	{"poll", "ppoll"},
	{"epoll_wait", "epoll_pwait"},
	{"fork", "clone"},
	{"nanosleep", "clock_nanosleep"},
	{"semop", "semtimedop"},
	{"pause", "ppoll"},
	{"dup2", "dup3"},
};

static const char *canonical(const char *name)
{
	for (size_t i = 0; i < sizeof(same) / sizeof(*same); i++)
		if (strcmp(same[i].name, name) == 0)
			return same[i].other;
	return name;
}

/* Two names stand for it, whose arguments have other forms, too; or those are random. */
static bool is_told_short(const char *name)
{
	for (size_t i = 0; i < sizeof(same) / sizeof(*same); i++)
		if (strcmp(same[i].other, name) == 0)
			return true;
	return strcmp(name, "getrandom") == 0;
}

/* Addresses, ports, processes and times are of the run: digits in a row become one. A call
 * that the log has in two parts has one more space. */
static void write_plain(FILE *to, const char *from)
{
	while (*from) {
		size_t digits = strspn(from, "0123456789");

		if (*from == ' ' && strchr(" ,)", from[1])) {
			from++;
		} else if (strncmp(from, "0x", 2) == 0) {
			from += 2 + strspn(from + 2, "0123456789abcdef");
			fputc('*', to);
		} else if (digits > 3) {
			from += digits;
			fputc('*', to);
		} else if (digits) {
			fwrite(from, 1, digits, to);
			from += digits;
		} else {
			fputc(*from++, to);
		}
	}
}

/* " = 1" or " = -1 EAGAIN", with what follows. */
static const char *result_of(const char *text)
{
	const char *last = text;

	for (const char *at = text; (at = strstr(at, " = ")); at++)
		last = at;
	return last;
}

/* Where what is the connection's own begins, NULL: nowhere. */
static const char *end_of_same(const char *text)
{
	const char *at = strstr(text, "SO_COOKIE");

	return at ? at : strstr(text, "TCP_INFO");
}

/* It answers with the number of a process. */
static bool is_of_processes(const char *name, const char *text)
{
	static const char *const others[] = {
		"clone", "getpid", "getppid", "gettid", "set_tid_address"};

	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++)
		if (strcmp(others[i], name) == 0)
			return true;
	return strcmp(name, "wait4") == 0 && !strstr(text, " = -1");
}

/* Behind the numbers of a process and its thread: by their digits, few ones are not known for such.
 */
static const char *behind_thread(const char *text)
{
	const char *at = strchr(text, ',');

	at = at ? strchr(at + 1, ',') : NULL;
	return at ? at : text;
}

static void write_call(FILE *out, const struct call *call)
{
	const char *name = canonical(call->name), *cut = end_of_same(call->text);

	if (is_of_processes(name, call->text))
		fprintf(out, "%s", name);
	else if (cut)
		fprintf(out, "%s(%.*s", name, (int)(cut - call->text), call->text);
	else if (is_told_short(name))
		fprintf(out, "%s()%.*s", name, (int)strcspn(result_of(call->text), "("),
			result_of(call->text));
	else if (strcmp(name, "tgkill") == 0) {
		fprintf(out, "%s(*, *", name);
		write_plain(out, behind_thread(call->text));
	} else {
		fprintf(out, "%s(", name);
		write_plain(out, call->text);
	}
	fputc('\n', out);
}

/* How often a signal comes, and whether the deadline's thread has to be woken, is the moment's.
 * Looks of ours at whether memory can be read are not the call's: by number one more may be needed,
 * of what the kernel writes over. */
static bool is_of_story(const struct call *call, int process)
{
	if (call->process != process || strcmp(call->name, "rt_sigreturn") == 0 ||
		strcmp(call->name, "futex") == 0)
		return false;
	return strcmp(call->name, "rt_sigprocmask") != 0 || !strstr(call->text, "SIG_???");
}

char *lines_of_calls(const struct calls *calls)
{
	size_t from = calls_find(calls, 0, "getsockopt", "SO_TYPE"), size;
	size_t to = calls_find(calls, from + 1, "getsockopt", "SO_TYPE");
	char *text = NULL;
	FILE *out = open_memstream(&text, &size);

	MUST(out);
	for (size_t i = from; i < to; i++)
		if (is_of_story(&calls->call[i], calls->call[0].process))
			write_call(out, &calls->call[i]);
	MUST(fclose(out) == 0);
	return text;
}

/* ---- events ---- */

static const char *const event_name[TRACE_CALL_COUNT] = {"nothing",
#define CALL(name, text, class) text,
	TRACE_CALLS(CALL)
#undef CALL
};

static bool is_watch(const struct trace_event *event)
{
	return event->call == TRACE_GETSOCKOPT && event->asked == (SOL_SOCKET << 16 | SO_TYPE);
}

static bool is_a_wait(const struct trace_event *event)
{
	return event->call >= TRACE_POLL && event->call <= TRACE_EPOLL_PWAIT2;
}

/* What a probe found is the moment's; elsewhere `extra` is of a buffer's address. */
static void write_event(FILE *out, const struct trace_event *event)
{
	fprintf(out, "%s", event_name[event->call]);
	if (event->call == TRACE_COVERS)
		for (size_t i = 0; i < 6 && event->covered[i]; i++)
			fprintf(out, " %u", event->covered[i]);
	else if (event->call != TRACE_PROBE)
		fprintf(out, " flow %u flags %#x asked %u done %u error %u set %u", event->flow,
			event->flags, event->asked, event->done, event->error, event->set);
	if (is_a_wait(event))
		fprintf(out, " for %u ms", event->extra);
	fputc('\n', out);
}

char *lines_of_events(const struct trace *trace)
{
	static const struct trace_event *event[TRACE_EVENTS * 64];
	size_t count = trace_events_in_order(trace, event, sizeof(event) / sizeof(*event)), size;
	size_t from = 0;
	char *text = NULL;
	FILE *out = open_memstream(&text, &size);

	MUST(out);
	while (from < count && !is_watch(event[from]))
		from++;
	for (size_t i = from + 1; i < count && !is_watch(event[i]); i++)
		write_event(out, event[i]);
	MUST(fclose(out) == 0);
	return text;
}

/* ---- two runs ---- */

const char *lines_differ(const char *what, const char *name, const char *number)
{
	static char text[900];

	while (*name || *number) {
		size_t length = strcspn(name, "\n"), there = strcspn(number, "\n");

		if (length != there || memcmp(name, number, length) != 0) {
			snprintf(text, sizeof(text), "%s\n  by name:   %.*s\n  by number: %.*s",
				what, (int)(length < 300 ? length : 300), name,
				(int)(there < 300 ? there : 300), number);
			return text;
		}
		name += length + (name[length] != 0);
		number += there + (number[there] != 0);
	}
	return NULL;
}
