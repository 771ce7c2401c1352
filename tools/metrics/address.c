/* Where the server listens. Must not look up names: whoever opens a port should see which. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tools/metrics/serve.h"

/* Digits alone, up to 65535; -1. */
static int port_of(const char *text)
{
	const size_t length = strlen(text);

	if (!length || length > 5 || strspn(text, "0123456789") != length || atoi(text) > 65535)
		return -1;
	return atoi(text);
}

static int address_v6(const char *text, struct sockaddr_in6 *v6)
{
	const char *end = strchr(text, ']');
	char host[INET6_ADDRSTRLEN];
	int port;

	if (!end || end[1] != ':' || (size_t)(end - text) >= sizeof(host))
		return -EINVAL;
	memcpy(host, text, (size_t)(end - text));
	host[end - text] = '\0';
	port = port_of(end + 2);
	if (port < 0 || inet_pton(AF_INET6, host, &v6->sin6_addr) != 1)
		return -EINVAL;
	v6->sin6_family = AF_INET6;
	v6->sin6_port = htons((uint16_t)port);
	return 0;
}

static int address_v4(const char *text, struct sockaddr_in *v4)
{
	const char *colon = strchr(text, ':');
	const size_t length = colon ? (size_t)(colon - text) : 0;
	const int port = port_of(colon ? colon + 1 : text);
	char host[INET_ADDRSTRLEN] = "127.0.0.1";

	if (port < 0 || length >= sizeof(host))
		return -EINVAL;
	if (length) {
		memcpy(host, text, length);
		host[length] = '\0';
	}
	if (inet_pton(AF_INET, host, &v4->sin_addr) != 1)
		return -EINVAL;
	v4->sin_family = AF_INET;
	v4->sin_port = htons((uint16_t)port);
	return 0;
}

int serve_address(const char *text, struct sockaddr_storage *address, socklen_t *length)
{
	memset(address, 0, sizeof(*address));
	*length = *text == '[' ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in);
	return *text == '[' ? address_v6(text + 1, (struct sockaddr_in6 *)(void *)address)
			    : address_v4(text, (struct sockaddr_in *)(void *)address);
}

int serve_listen(const struct sockaddr_storage *address, socklen_t length)
{
	const int one = 1;
	const int fd = socket(address->ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int error;

	if (fd < 0)
		return -errno;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(fd, (const struct sockaddr *)(const void *)address, length) == 0 &&
		listen(fd, 64) == 0)
		return fd;
	error = -errno;
	close(fd);
	return error;
}

void serve_name(int listener, char *text, size_t size)
{
	struct sockaddr_storage own = {.ss_family = AF_UNSPEC};
	const struct sockaddr_in *v4 = (const void *)&own;
	const struct sockaddr_in6 *v6 = (const void *)&own;
	char host[INET6_ADDRSTRLEN] = "?";
	socklen_t length = sizeof(own);

	getsockname(listener, (struct sockaddr *)(void *)&own, &length);
	if (own.ss_family == AF_INET6) {
		inet_ntop(AF_INET6, &v6->sin6_addr, host, sizeof(host));
		snprintf(text, size, "[%s]:%u", host, ntohs(v6->sin6_port));
	} else {
		inet_ntop(AF_INET, &v4->sin_addr, host, sizeof(host));
		snprintf(text, size, "%s:%u", host, ntohs(v4->sin_port));
	}
}
