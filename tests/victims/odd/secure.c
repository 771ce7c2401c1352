/* Linked with the library itself, so that the loader brings it in even where LD_PRELOAD is ignored.
 * Says whether this is a privileged start, and whether TCP_NODELAY was set behind its back. */
#include "tests/victims/victim.h"

#include <sys/auxv.h>

int main(void)
{
	int fd = dial(), value = -1;
	socklen_t length = sizeof(value);

	NEED(raw(SYS_getsockopt, fd, IPPROTO_TCP, TCP_NODELAY, (long)&value, (long)&length, 0) ==
		0);
	mark("secure %d nodelay %d", getauxval(AT_SECURE) != 0, value);
	return 0;
}
