/* Hooks of the waits that the recording tells of: sleeps, and look-ups of names. Thin. */
#include <errno.h>

#include "shim/export.h"
#include "shim/flow/flow.h"
#include "shim/hook/raw.h"
#include "shim/record/name.h"

/* What is held goes before the thread sleeps. Returns when it begins. */
static uint64_t begin(void)
{
	flow_wait();
	return call_since();
}

/* ---- sleeps ---- */

/* error: 0 or an errno; wanted: can be read where error is 0. */
static void slept(uint64_t since, int error, const struct timespec *wanted)
{
	if (trace_is_on())
		call_slept_recorded(since, error, error ? 0 : call_microseconds(wanted));
}

EXPORT int nanosleep(const struct timespec *wanted, struct timespec *left)
{
	const uint64_t since = begin();
	const int result = real()->nanosleep(wanted, left);

	slept(since, result < 0 ? errno : 0, wanted);
	return result;
}

long raw_nanosleep(const struct raw *raw)
{
	const uint64_t since = begin();
	const long result = raw_call(raw);

	slept(since, result < 0 ? errno : 0, (const struct timespec *)raw->a[0]);
	return result;
}

/* Until a time of the clock: for how long, it does not say. */
static void slept_by_clock(uint64_t since, int error, int flags, const struct timespec *wanted)
{
	static const struct timespec not_known;

	slept(since, error, flags & TIMER_ABSTIME ? &not_known : wanted);
}

EXPORT int clock_nanosleep(
	clockid_t clock, int flags, const struct timespec *wanted, struct timespec *left)
{
	const uint64_t since = begin();
	const int error = real()->clock_nanosleep(clock, flags, wanted, left);

	slept_by_clock(since, error, flags, wanted);
	return error;
}

long raw_clock_nanosleep(const struct raw *raw)
{
	const uint64_t since = begin();
	const long result = raw_call(raw);

	slept_by_clock(
		since, result < 0 ? errno : 0, (int)raw->a[1], (const struct timespec *)raw->a[2]);
	return result;
}

EXPORT int thrd_sleep(const struct timespec *wanted, struct timespec *left)
{
	const uint64_t since = begin();
	const int result = real()->thrd_sleep(wanted, left);

	slept(since, result == 0 ? 0 : EINTR, wanted);
	return result;
}

EXPORT int usleep(useconds_t microseconds)
{
	const uint64_t since = begin();
	const int result = real()->usleep(microseconds);

	if (trace_is_on())
		call_slept_recorded(since, result < 0 ? errno : 0, microseconds);
	return result;
}

EXPORT unsigned int sleep(unsigned int seconds)
{
	const uint64_t since = begin();
	const unsigned left = real()->sleep(seconds);

	if (trace_is_on())
		call_slept_recorded(since, left ? EINTR : 0, (uint64_t)seconds * 1000000);
	return left;
}

/* ---- names ---- */

EXPORT int getaddrinfo(const char *restrict node, const char *restrict service,
	const struct addrinfo *restrict hints, struct addrinfo **restrict found)
{
	const uint64_t since = begin();
	const int error = real()->getaddrinfo(node, service, hints, found);

	if (trace_is_on())
		call_addrinfo_recorded(since, error, node);
	return error;
}

EXPORT int getnameinfo(const struct sockaddr *restrict address, socklen_t length,
	char *restrict host, socklen_t host_size, char *restrict service, socklen_t service_size,
	int flags)
{
	const uint64_t since = begin();
	const int error =
		real()->getnameinfo(address, length, host, host_size, service, service_size, flags);
	const bool asks = error == 0 && host && !(flags & NI_NUMERICHOST);

	if (trace_is_on())
		call_nameinfo_recorded(since, error, asks ? address : NULL, length);
	return error;
}

static void named(uint64_t since, bool found, const char *name)
{
	if (trace_is_on())
		call_hostname_recorded(since, found, name);
}

EXPORT struct hostent *gethostbyname(const char *name)
{
	const uint64_t since = begin();
	struct hostent *found = real()->gethostbyname(name);

	named(since, found, name);
	return found;
}

EXPORT struct hostent *gethostbyname2(const char *name, int family)
{
	const uint64_t since = begin();
	struct hostent *found = real()->gethostbyname2(name, family);

	named(since, found, name);
	return found;
}

EXPORT int gethostbyname_r(const char *restrict name, struct hostent *restrict entry,
	char *restrict buf, size_t size, struct hostent **restrict found, int *restrict error)
{
	const uint64_t since = begin();
	const int result = real()->gethostbyname_r(name, entry, buf, size, found, error);

	named(since, result == 0, name);
	return result;
}

EXPORT int gethostbyname2_r(const char *restrict name, int family, struct hostent *restrict entry,
	char *restrict buf, size_t size, struct hostent **restrict found, int *restrict error)
{
	const uint64_t since = begin();
	const int result = real()->gethostbyname2_r(name, family, entry, buf, size, found, error);

	named(since, result == 0, name);
	return result;
}
