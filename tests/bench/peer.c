/* peer ADDRESS: the other end of turns.c, never under sockfix. A connection says in its first eight
 * bytes after how many bytes it wants an answer, and gets one byte each time. It reads plainly and
 * sets no option, so its kernel delays acknowledgements as kernels do. Serves until its standard
 * input ends. */
#include <netinet/in.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bench.h"
#include "tests/helper/must.h"

#define ROOM (256 * 1024)

static void *serve(void *argument)
{
	int fd = (int)(intptr_t)argument;
	char *bytes = must_realloc(NULL, ROOM);
	uint64_t turn, have = 0;
	ssize_t got;

	if (recv(fd, &turn, sizeof(turn), MSG_WAITALL) == sizeof(turn) && write(fd, "", 1) == 1)
		while ((got = read(fd, bytes, ROOM)) > 0)
			for (have += (uint64_t)got; have >= turn; have -= turn)
				if (write(fd, "", 1) != 1)
					break;
	free(bytes);
	close(fd);
	return NULL;
}

int main(int argc, char **argv)
{
	uint16_t port;
	int listener, fd;

	MUST(argc == 2);
	listener = listen_at(argv[1], &port);
	serve_as(port);
	while ((fd = accept(listener, NULL, NULL)) >= 0)
		go(serve, (void *)(intptr_t)fd);
	return 1;
}
