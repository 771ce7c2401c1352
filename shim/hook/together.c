/* i386's calls that stand for many: socketcall(2), ipc(2), and select(2) with its arguments in
 * memory. Each goes by the hook of the number that it has of its own since Linux 4.3; where there
 * is none, past all of them. Thin.
 */
#ifdef __i386__
#include "shim/base/memory.h"
#include "shim/export.h"
#include "shim/hook/raw.h"

/* By its number of socketcall(2): the call's own, how many arguments it has there, and its handler.
 */
static const struct together {
	short number;
	unsigned char arguments;
	long (*hook)(const struct raw *raw);
} socket_calls[] = {
	[SYS_SOCKET] = {__NR_socket, 3, raw_socket},
	[SYS_BIND] = {__NR_bind, 3, raw_bind},
	[SYS_CONNECT] = {__NR_connect, 3, raw_connect},
	[SYS_LISTEN] = {__NR_listen, 2, raw_listen},
	[SYS_ACCEPT] = {__NR_accept4, 3, raw_accept4},
	[SYS_SOCKETPAIR] = {__NR_socketpair, 4, raw_socketpair},
	[SYS_SEND] = {__NR_sendto, 4, raw_sendto},
	[SYS_RECV] = {__NR_recvfrom, 4, raw_recvfrom},
	[SYS_SENDTO] = {__NR_sendto, 6, raw_sendto},
	[SYS_RECVFROM] = {__NR_recvfrom, 6, raw_recvfrom},
	[SYS_SHUTDOWN] = {__NR_shutdown, 2, raw_shutdown},
	[SYS_SETSOCKOPT] = {__NR_setsockopt, 5, raw_setsockopt},
	[SYS_GETSOCKOPT] = {__NR_getsockopt, 5, raw_getsockopt},
	[SYS_SENDMSG] = {__NR_sendmsg, 3, raw_sendmsg},
	[SYS_RECVMSG] = {__NR_recvmsg, 3, raw_recvmsg},
	[SYS_ACCEPT4] = {__NR_accept4, 4, raw_accept4},
	[SYS_RECVMMSG] = {__NR_recvmmsg, 5, raw_recvmmsg},
	[SYS_SENDMMSG] = {__NR_sendmmsg, 4, raw_sendmmsg},
};

long raw_socketcall(const struct raw *raw)
{
	const unsigned long which = (unsigned long)raw->a[0];
	const long *argument = (const long *)raw->a[1];
	const struct together *call = &socket_calls[0];
	struct raw own;

	if (which < sizeof(socket_calls) / sizeof(*socket_calls))
		call = &socket_calls[which];
	if (!call->hook || !memory_readable(argument, call->arguments * sizeof(*argument)))
		return raw_call(raw);
	own = (struct raw){.number = call->number, .within = (long)which};
	for (int i = 0; i < call->arguments; i++)
		own.a[i] = argument[i];
	return call->hook(&own);
}

/* linux/ipc.h, which cannot be read beside sys/ipc.h. */
enum { SEMOP = 1, SEMTIMEDOP = 4, MSGRCV = 12 };

long raw_ipc(const struct raw *raw)
{
	const long call = raw->a[0] & 0xffff; /* above: the version of its arguments */

	return call == SEMOP || call == SEMTIMEDOP || call == MSGRCV ? raw_wait(raw)
								     : raw_call(raw);
}

long raw_select_old(const struct raw *raw)
{
	const long *argument = (const long *)raw->a[0];
	struct raw own = {.number = __NR__newselect};

	if (!memory_readable(argument, 5 * sizeof(*argument)))
		return raw_call(raw);
	for (int i = 0; i < 5; i++)
		own.a[i] = argument[i];
	return raw_select(&own);
}
#endif
