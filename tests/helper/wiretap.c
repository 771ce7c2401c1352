/* An AF_PACKET socket and a thread that writes down what it gets. It judges nothing. */
#include "wiretap.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "must.h"

enum { KEPT = 96, ROOM = 64 << 20, LINK_RAW = 101, LOOPBACK = 1 };

struct wiretap {
	FILE *file;
	int netns, fd, stop[2], ready[2];
	pthread_t thread;
};

static void put_head(FILE *file)
{
	const struct {
		uint32_t magic;
		uint16_t major, minor;
		uint32_t zone, figures, kept, link;
	} head = {0xa1b23c4d, 2, 4, 0, 0, KEPT, LINK_RAW};

	MUST(fwrite(&head, sizeof(head), 1, file) == 1);
}

static void put_packet(FILE *file, const struct timespec *time, const void *bytes, size_t length)
{
	const uint32_t kept = length < KEPT ? (uint32_t)length : KEPT;
	const uint32_t head[4] = {
		(uint32_t)time->tv_sec, (uint32_t)time->tv_nsec, kept, (uint32_t)length};

	MUST(fwrite(head, sizeof(head), 1, file) == 1);
	MUST(fwrite(bytes, 1, kept, file) == kept);
}

/* False: there is none now. */
static bool take(struct wiretap *wiretap)
{
	unsigned char bytes[KEPT], control[128];
	struct sockaddr_ll from;
	struct iovec piece = {bytes, sizeof(bytes)};
	struct msghdr message = {.msg_name = &from,
		.msg_namelen = sizeof(from),
		.msg_iov = &piece,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control)};
	const ssize_t length = recvmsg(wiretap->fd, &message, MSG_DONTWAIT | MSG_TRUNC);
	const struct cmsghdr *note = length < 0 ? NULL : CMSG_FIRSTHDR(&message);

	if (length < 0) {
		MUST(errno == EAGAIN || errno == ENETDOWN);
		return false;
	}
	MUST(note && note->cmsg_type == SO_TIMESTAMPNS);
	if (from.sll_ifindex != LOOPBACK || from.sll_pkttype != PACKET_OUTGOING)
		put_packet(wiretap->file, (const void *)CMSG_DATA(note), bytes, (size_t)length);
	return true;
}

static void open_socket(struct wiretap *wiretap)
{
	const int yes = 1, room = ROOM;

	MUST(wiretap->netns < 0 || setns(wiretap->netns, CLONE_NEWNET) == 0);
	wiretap->fd = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC, htons(ETH_P_ALL));
	MUST(wiretap->fd >= 0);
	MUST(setsockopt(wiretap->fd, SOL_SOCKET, SO_TIMESTAMPNS, &yes, sizeof(yes)) == 0);
	MUST(setsockopt(wiretap->fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room)) == 0);
	MUST(write(wiretap->ready[1], "", 1) == 1);
}

static void *capture(void *argument)
{
	struct wiretap *wiretap = argument;
	struct pollfd ready[2] = {{wiretap->stop[0], POLLIN, 0}, {-1, POLLIN, 0}};

	open_socket(wiretap);
	ready[1].fd = wiretap->fd;
	while (!ready[0].revents) {
		poll(ready, 2, -1);
		while (take(wiretap))
			continue;
	}
	return NULL;
}

struct wiretap *wiretap_start(int netns, const char *path)
{
	struct wiretap *wiretap = must_realloc(NULL, sizeof(*wiretap));
	char word;

	wiretap->netns = netns;
	wiretap->file = fopen(path, "we");
	MUST(wiretap->file && pipe(wiretap->stop) == 0 && pipe(wiretap->ready) == 0);
	put_head(wiretap->file);
	MUST(pthread_create(&wiretap->thread, NULL, capture, wiretap) == 0);
	MUST(read(wiretap->ready[0], &word, 1) == 1);
	return wiretap;
}

void wiretap_stop(struct wiretap *wiretap)
{
	close(wiretap->stop[1]);
	pthread_join(wiretap->thread, NULL);
	for (int i = 0; i < 2; i++)
		close(wiretap->ready[i]);
	close(wiretap->stop[0]);
	close(wiretap->fd);
	MUST(fclose(wiretap->file) == 0);
	free(wiretap);
}
