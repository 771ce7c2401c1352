/* Recorded sleeps and name lookups. Sleeps only once the process has a connection; names come
 * before it. A name itself is kept only where that was asked for. */
#include <string.h>

#include "shim/record/calls.h"
#include "shim/record/io.h"

/* ---- sleeps ---- */

static void slept(uint64_t start, int error, uint64_t microseconds)
{
	struct trace_note note = {.call = TRACE_NANOSLEEP,
		.error = error,
		.start = start,
		.end = trace_clock(),
		.asked = microseconds};

	if (trace_file_ready())
		trace_add(&note);
}

static uint64_t in_microseconds(const struct timespec *wanted)
{
	return (uint64_t)wanted->tv_sec * 1000000 + (uint64_t)wanted->tv_nsec / 1000;
}

static int traced_nanosleep(const struct timespec *wanted, struct timespec *left)
{
	uint64_t start = trace_clock();
	int result = libc()->nanosleep(wanted, left);

	slept(start, result < 0 ? errno : 0, result == 0 ? in_microseconds(wanted) : 0);
	return result;
}

static int traced_clock_nanosleep(
	clockid_t clock, int flags, const struct timespec *wanted, struct timespec *left)
{
	uint64_t start = trace_clock();
	int result = libc()->clock_nanosleep(clock, flags, wanted, left);

	slept(start, result, result == 0 && !(flags & TIMER_ABSTIME) ? in_microseconds(wanted) : 0);
	return result;
}

static int traced_thrd_sleep(const struct timespec *wanted, struct timespec *left)
{
	uint64_t start = trace_clock();
	int result = libc()->thrd_sleep(wanted, left);

	slept(start, result == 0 ? 0 : EINTR, result == 0 ? in_microseconds(wanted) : 0);
	return result;
}

static int traced_usleep(useconds_t microseconds)
{
	uint64_t start = trace_clock();
	int result = libc()->usleep(microseconds);

	slept(start, result < 0 ? errno : 0, microseconds);
	return result;
}

static unsigned int traced_sleep(unsigned int seconds)
{
	uint64_t start = trace_clock();
	unsigned left = libc()->sleep(seconds);

	slept(start, left ? EINTR : 0, (uint64_t)seconds * 1000000);
	return left;
}

/* ---- names ---- */

/* name: NULL where there was none, or it is not for us to keep. */
static void named(
	unsigned call, uint64_t start, int error, const void *of, size_t length, const char *name)
{
	struct trace_note note = {.call = (uint8_t)call,
		.error = error,
		.start = start,
		.end = trace_clock(),
		.asked = of ? trace_name_hash(of, length) : 0};

	if (!control_on())
		return;
	if (trace_names)
		note.name = name;
	note.done = note.name != NULL;
	trace_add(&note);
}

/* getaddrinfo's numbers are negative (netdb.h); what the system said is errno. */
static int error_of(int result, int saved)
{
	if (result == 0)
		return 0;
	return result == EAI_SYSTEM ? saved : -result & 0xff;
}

/* An address in text, which nobody has to be asked for: names have no ':', and one of digits and
 * dots alone is taken for an address (inet_aton(3)). */
static bool is_address(const char *node)
{
	return strchr(node, ':') || !node[strspn(node, "0123456789.")];
}

static int traced_getaddrinfo(const char *restrict node, const char *restrict service,
	const struct addrinfo *restrict hints, struct addrinfo **restrict found)
{
	uint64_t start = trace_clock();
	int result = libc()->getaddrinfo(node, service, hints, found);

	if (node && is_address(node))
		node = NULL;
	named(TRACE_GETADDRINFO, start, error_of(result, errno), node, node ? strlen(node) : 0,
		node);
	return result;
}

static int traced_getnameinfo(const struct sockaddr *restrict address, socklen_t length,
	char *restrict host, socklen_t host_size, char *restrict service, socklen_t service_size,
	int flags)
{
	uint64_t start = trace_clock();
	int result =
		libc()->getnameinfo(address, length, host, host_size, service, service_size, flags);

	named(TRACE_GETNAMEINFO, start, error_of(result, errno),
		result == 0 && host && !(flags & NI_NUMERICHOST) ? address : NULL, length, NULL);
	return result;
}

static struct hostent *traced_gethostbyname(const char *name)
{
	uint64_t start = trace_clock();
	struct hostent *found = libc()->gethostbyname(name);

	named(TRACE_GETHOSTBYNAME, start, found ? 0 : EHOSTUNREACH, name, strlen(name), name);
	return found;
}

static struct hostent *traced_gethostbyname2(const char *name, int family)
{
	uint64_t start = trace_clock();
	struct hostent *found = libc()->gethostbyname2(name, family);

	named(TRACE_GETHOSTBYNAME, start, found ? 0 : EHOSTUNREACH, name, strlen(name), name);
	return found;
}

static int traced_gethostbyname_r(const char *restrict name, struct hostent *restrict entry,
	char *restrict buf, size_t size, struct hostent **restrict found, int *restrict error)
{
	uint64_t start = trace_clock();
	int result = libc()->gethostbyname_r(name, entry, buf, size, found, error);

	named(TRACE_GETHOSTBYNAME, start, result ? EHOSTUNREACH : 0, name, strlen(name), name);
	return result;
}

static int traced_gethostbyname2_r(const char *restrict name, int family,
	struct hostent *restrict entry, char *restrict buf, size_t size,
	struct hostent **restrict found, int *restrict error)
{
	uint64_t start = trace_clock();
	int result = libc()->gethostbyname2_r(name, family, entry, buf, size, found, error);

	named(TRACE_GETHOSTBYNAME, start, result ? EHOSTUNREACH : 0, name, strlen(name), name);
	return result;
}

void trace_names_install(struct real *table)
{
	TRACE_INSTALL(table, nanosleep);
	TRACE_INSTALL(table, clock_nanosleep);
	TRACE_INSTALL(table, thrd_sleep);
	TRACE_INSTALL(table, usleep);
	TRACE_INSTALL(table, sleep);
	TRACE_INSTALL(table, getaddrinfo);
	TRACE_INSTALL(table, getnameinfo);
	TRACE_INSTALL(table, gethostbyname);
	TRACE_INSTALL(table, gethostbyname2);
	TRACE_INSTALL(table, gethostbyname_r);
	TRACE_INSTALL(table, gethostbyname2_r);
}
