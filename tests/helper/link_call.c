/* Makes sockets in the namespaces of a link and connects them. Judges nothing. */
#include "link_call.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <sys/socket.h>
#include <unistd.h>

#include "must.h"

/* A socket belongs to the namespace of the thread that made it. */
static void *make_socket(void *argument)
{
	int *fd = argument;

	MUST(setns(*fd, CLONE_NEWNET) == 0);
	*fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	return NULL;
}

static int socket_in(int netns)
{
	pthread_t thread;
	int fd = netns;

	MUST(pthread_create(&thread, NULL, make_socket, &fd) == 0);
	pthread_join(thread, NULL);
	MUST(fd >= 0);
	return fd;
}

void call_begin(struct call *call, const struct link_plan *plan)
{
	struct sockaddr_in at = {.sin_family = AF_INET};
	socklen_t length = sizeof(at);
	int listener, one = 1;

	call->link = link_start(plan);
	listener = socket_in(link_ends(call->link)->server);
	call->client = socket_in(link_ends(call->link)->client);
	MUST(inet_pton(AF_INET, NETNS_SERVER_ADDRESS, &at.sin_addr) == 1);
	MUST(bind(listener, (struct sockaddr *)&at, length) == 0 && listen(listener, 1) == 0);
	MUST(getsockname(listener, (struct sockaddr *)&at, &length) == 0);
	MUST(connect(call->client, (struct sockaddr *)&at, length) == 0);
	call->server = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	MUST(call->server >= 0 && close(listener) == 0);
	MUST(setsockopt(call->client, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one)) == 0);
}

void call_end(const struct call *call)
{
	close(call->client);
	close(call->server);
	link_stop(call->link);
}

struct tcp_info info_of(int fd)
{
	struct tcp_info info = {0};
	socklen_t length = sizeof(info);

	MUST(getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &length) == 0);
	return info;
}
