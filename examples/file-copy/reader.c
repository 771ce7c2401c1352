/* reader SIZE: reads a connection to its end, SIZE bytes a call, and answers how many it got.
 *
 * It takes a free port of 127.0.0.1, prints it, serves one connection after the other, and ends
 * when its standard input does. In C, so that the sender is what is measured; it must never look
 * at the bytes or set an option. */
#include <arpa/inet.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static int listen_somewhere(void)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
	socklen_t size = sizeof(at);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&at, size) < 0 || listen(fd, 8) < 0 ||
		getsockname(fd, (struct sockaddr *)&at, &size) < 0) {
		perror("reader");
		exit(1);
	}
	printf("%d\n", ntohs(at.sin_port));
	fflush(stdout);
	return fd;
}

static void serve(int peer, char *buffer, size_t size)
{
	long long total = 0;
	ssize_t got;

	while ((got = read(peer, buffer, size)) > 0)
		total += got;
	if (got < 0)
		perror("reader: read");
	else if (dprintf(peer, "%lld\n", total) < 0)
		perror("reader: write");
	close(peer);
}

int main(int count, char **arguments)
{
	size_t size = count == 2 ? strtoul(arguments[1], NULL, 10) : 0;
	char *buffer = size > 0 ? malloc(size) : NULL;

	if (!buffer) {
		fprintf(stderr, "usage: reader SIZE\n");
		return 1;
	}
	/* Standard input never says anything: it becomes readable when it ends. */
	struct pollfd wait[2] = {{.fd = listen_somewhere(), .events = POLLIN},
		{.fd = STDIN_FILENO, .events = POLLIN}};
	while (poll(wait, 2, -1) > 0 && wait[1].revents == 0) {
		int peer = accept4(wait[0].fd, NULL, NULL, SOCK_CLOEXEC);
		if (peer >= 0)
			serve(peer, buffer, size);
	}
	free(buffer);
	return 0;
}
