/* Hooks of the dprintf family: formatted output straight to a descriptor. libc writes by itself,
 * behind our hooks, so what is held goes first.
 */
#include "shim/export.h"
#include "shim/hook/pass.h"
#include "shim/real.h"

static int print_end(const struct call *call, int printed)
{
	return (int)pass_end(call, printed, printed > 0 ? (size_t)printed : 0);
}

static int print_any(int fd, const char *format, va_list args)
{
	struct call call;

	pass_begin(&call, TRACE_DPRINTF, flow_of(fd), fd, 0);
	return print_end(&call, real()->vdprintf(fd, format, args));
}

EXPORT int vdprintf(int fd, const char *restrict format, va_list args)
{
	return print_any(fd, format, args);
}

EXPORT int dprintf(int fd, const char *restrict format, ...)
{
	va_list args;
	int printed;

	va_start(args, format);
	printed = print_any(fd, format, args);
	va_end(args);
	return printed;
}

static int print_checked(int fd, int flag, const char *format, va_list args)
{
	struct call call;

	pass_begin(&call, TRACE_DPRINTF, flow_of(fd), fd, 0);
	return print_end(&call, real()->__vdprintf_chk(fd, flag, format, args));
}

EXPORT int __vdprintf_chk(int fd, int flag, const char *format, va_list args)
{
	return print_checked(fd, flag, format, args);
}

EXPORT int __dprintf_chk(int fd, int flag, const char *format, ...)
{
	va_list args;
	int printed;

	va_start(args, format);
	printed = print_checked(fd, flag, format, args);
	va_end(args);
	return printed;
}
