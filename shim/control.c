/* The control page, and the one way to switch it off, which is for good: a sandbox that refuses a
 * call of ours does it, and whoever records is told once. It is off until the constructor has run:
 * before that every hook is the plain call. */
#include "control.h"

#include <errno.h>

#include "log.h"

struct control control __attribute__((aligned(4096)));

void (*control_ended)(void);

bool control_off(void)
{
	if (!atomic_exchange(&control.on, 0))
		return false;
	if (control_ended)
		control_ended();
	return true;
}

void control_refused(int error)
{
	if (error != EPERM && error != ENOSYS)
		return;
	if (control_off())
		log_error("a sandbox refuses our system calls (errno %d): off from here on", error);
}
