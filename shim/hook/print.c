/* Hooks of the dprintf family: formatted output straight to a descriptor. libc writes by itself,
 * behind our hooks, so what is held goes first.
 */
#include "shim/export.h"
#include "shim/flow/flow.h"
#include "shim/real.h"

static int flow_vdprintf(int fd, const char *format, va_list args)
{
	struct flow *flow = flow_of(fd);
	int printed;

	if (flow)
		flow_pass_begin(flow, fd);
	printed = real()->vdprintf(fd, format, args);
	if (flow)
		flow_pass_end(flow, fd, printed);
	return printed;
}

EXPORT int vdprintf(int fd, const char *restrict format, va_list args)
{
	return flow_vdprintf(fd, format, args);
}

EXPORT int dprintf(int fd, const char *restrict format, ...)
{
	va_list args;
	int printed;

	va_start(args, format);
	printed = flow_vdprintf(fd, format, args);
	va_end(args);
	return printed;
}

static int flow_vdprintf_chk(int fd, int flag, const char *format, va_list args)
{
	struct flow *flow = flow_of(fd);
	int printed;

	if (flow)
		flow_pass_begin(flow, fd);
	printed = real()->__vdprintf_chk(fd, flag, format, args);
	if (flow)
		flow_pass_end(flow, fd, printed);
	return printed;
}

EXPORT int __vdprintf_chk(int fd, int flag, const char *format, va_list args)
{
	return flow_vdprintf_chk(fd, flag, format, args);
}

EXPORT int __dprintf_chk(int fd, int flag, const char *format, ...)
{
	va_list args;
	int printed;

	va_start(args, format);
	printed = flow_vdprintf_chk(fd, flag, format, args);
	va_end(args);
	return printed;
}
