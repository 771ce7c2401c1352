/* A library with a write() of its own: whoever is bound to it must stay so. */
#include <sys/socket.h>
#include <unistd.h>

#include "plugin.h"

ssize_t write(int fd, const void *bytes, size_t length)
{
	(void)bytes;
	return length == 1 ? send(fd, "w", 1, MSG_NOSIGNAL) : -1;
}
