/* A plugin that writes in each way there is: by calls, by a table of pointers, by a library of its
 * own. REGISTERS: its constructor tells the host of it, and writes "c" itself. */
#include <sys/socket.h>
#include <unistd.h>

#include "plugin.h"

/* Read-only once it is relocated; looked at in memory. */
static const struct operations operations = {write, go};
static const struct operations *volatile table = &operations;

void go(int fd)
{
	if (write(fd, "p", 1) != 1 || send(fd, "P", 1, MSG_NOSIGNAL) != 1 ||
		table->write(fd, "t", 1) != 1)
		_exit(98);
	dep_go(fd);
}

#ifdef REGISTERS
__attribute__((constructor)) static void begin(void)
{
	if (host_descriptor() >= 0 && write(host_descriptor(), "c", 1) != 1)
		_exit(98);
	host_register(&operations);
}
#endif
