/* Both ends of a link and the thread between them. What happens to a packet on its way is way.c's;
 * nothing here judges. */
#include "link.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <cmocka.h>

#include "must.h"

struct link {
	struct netns ends;
	int tun[LINK_WAYS]; /* whose packets go that way */
	int stop[2];
	struct link_plan plan;
	pthread_t thread;
	pthread_mutex_t lock; /* of the ways */
	struct way *way[LINK_WAYS];
};

/* ---- the ends ---- */

struct end {
	const char *address, *peer;
	int netns, tun; /* -1: not there */
	int error;	/* errno of what failed */
};

static int take_tun(void)
{
	struct ifreq request = {.ifr_name = "link", .ifr_flags = IFF_TUN | IFF_NO_PI};
	int fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);

	if (fd >= 0 && ioctl(fd, TUNSETIFF, &request) != 0) {
		int error = errno;

		close(fd);
		errno = error;
		return -1;
	}
	return fd;
}

/* Runs in a namespace of its own. What a connection learns of the way is not for the next one: each
 * run begins alike. No congestion control that paces is used, whatever the host's is: paced bytes
 * stand unsent like held ones. The device's queue holds any window: it loses nothing by itself. */
static void set_up(const struct end *end)
{
	char *command = must_print("ip link set lo up"
				   " && ip address add %s peer %s dev link"
				   " && ip link set dev link mtu 1500 txqueuelen 8192 up"
				   " && cd /proc/sys/net/ipv4 && echo 1 >tcp_no_metrics_save"
				   " && echo reno >tcp_congestion_control",
		end->address, end->peer);

	/* system() forks from this thread and so stays in its namespace. */
	MUST(system(command) == 0);
	free(command);
}

static void *make_end(void *argument)
{
	struct end *end = argument;

	if (unshare(CLONE_NEWNET) == 0)
		end->netns = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
	if (end->netns >= 0)
		end->tun = take_tun();
	if (end->tun >= 0)
		set_up(end);
	else
		end->error = errno;
	return NULL;
}

static int make_ends(struct link *link)
{
	struct end client = {NETNS_CLIENT_ADDRESS, NETNS_SERVER_ADDRESS, -1, -1, 0};
	struct end server = {NETNS_SERVER_ADDRESS, NETNS_CLIENT_ADDRESS, -1, -1, 0};
	pthread_t thread;

	MUST(pthread_create(&thread, NULL, make_end, &client) == 0);
	pthread_join(thread, NULL);
	if (!client.error) {
		MUST(pthread_create(&thread, NULL, make_end, &server) == 0);
		pthread_join(thread, NULL);
	}
	link->ends = (struct netns){.client = client.netns, .server = server.netns};
	link->tun[LINK_THERE] = client.tun;
	link->tun[LINK_BACK] = server.tun;
	return client.error ? -client.error : -server.error;
}

static void close_ends(const struct link *link)
{
	const int fds[] = {
		link->tun[LINK_THERE], link->tun[LINK_BACK], link->ends.client, link->ends.server};

	for (size_t i = 0; i < sizeof(fds) / sizeof(*fds); i++)
		if (fds[i] >= 0)
			close(fds[i]);
}

/* ---- between them ---- */

static uint64_t earlier(uint64_t one, uint64_t other)
{
	return one < other ? one : other;
}

/* Until a packet is due; NULL: none is under way. Called with the lock. */
static const struct timespec *rest(const struct link *link, struct timespec *rest)
{
	uint64_t due = earlier(way_due(link->way[LINK_THERE]), way_due(link->way[LINK_BACK]));
	uint64_t now = way_now(), left = due > now ? due - now : 0;

	*rest = (struct timespec){(time_t)(left / 1000000000u), (long)(left % 1000000000u)};
	return due == UINT64_MAX ? NULL : rest;
}

static void *carry(void *argument)
{
	struct link *link = argument;
	struct pollfd ready[LINK_WAYS + 1] = {[LINK_WAYS] = {link->stop[0], POLLIN, 0}};
	const struct timespec *limit;
	struct timespec time;

	/* A way is as long on a busy machine, too, as far as we may say so. And the kernel may end
	 * a wait 50 us late otherwise: a tenth of a short way. */
	pthread_setschedparam(pthread_self(), SCHED_FIFO, &(struct sched_param){1});
	prctl(PR_SET_TIMERSLACK, 1);
	while (!ready[LINK_WAYS].revents) {
		pthread_mutex_lock(&link->lock);
		for (int i = 0; i < LINK_WAYS; i++) {
			way_take(link->way[i], link->tun[i]);
			way_give(link->way[i], link->tun[!i]);
			ready[i].fd = link->tun[i];
			ready[i].events = way_has_room(link->way[i]) ? POLLIN : 0;
		}
		limit = rest(link, &time);
		pthread_mutex_unlock(&link->lock);
		ppoll(ready, LINK_WAYS + 1, limit, NULL);
	}
	return NULL;
}

/* ---- its life ---- */

int link_try(const struct link_plan *plan, struct link **made)
{
	struct link *link = must_realloc(NULL, sizeof(*link));
	int error;

	*link = (struct link){.plan = *plan};
	error = make_ends(link);
	if (error) {
		close_ends(link);
		free(link);
		return error;
	}
	for (int i = 0; i < LINK_WAYS; i++)
		link->way[i] = way_new(plan->round_us * UINT64_C(500), plan->rate, i == LINK_BACK);
	pthread_mutex_init(&link->lock, NULL);
	link_begin(link, NULL);
	MUST(pipe2(link->stop, O_CLOEXEC) == 0);
	MUST(pthread_create(&link->thread, NULL, carry, link) == 0);
	*made = link;
	return 0;
}

struct link *link_start(const struct link_plan *plan)
{
	struct link *link = NULL;
	int error = link_try(plan, &link);

	if (error)
		fail_msg("a link cannot be made: %s", strerror(-error));
	return link;
}

void link_stop(struct link *link)
{
	close(link->stop[1]);
	pthread_join(link->thread, NULL);
	close(link->stop[0]);
	close_ends(link);
	for (int i = 0; i < LINK_WAYS; i++)
		way_free(link->way[i]);
	pthread_mutex_destroy(&link->lock);
	free(link);
}

const struct netns *link_ends(const struct link *link)
{
	return &link->ends;
}

/* ---- what is counted ---- */

void link_begin(struct link *link, const struct way_loss lose[LINK_WAYS])
{
	pthread_mutex_lock(&link->lock);
	for (int i = 0; i < LINK_WAYS; i++)
		way_begin(link->way[i], lose ? &lose[i] : &link->plan.lose[i]);
	pthread_mutex_unlock(&link->lock);
}

struct way_count link_count(struct link *link, enum link_way way)
{
	struct way_count count;

	pthread_mutex_lock(&link->lock);
	count = *way_counts(link->way[way]);
	pthread_mutex_unlock(&link->lock);
	return count;
}

size_t link_segments(struct link *link, enum link_way way, struct way_segment **segments)
{
	const struct way_segment *all;
	size_t count;

	pthread_mutex_lock(&link->lock);
	all = way_segments(link->way[way], &count);
	*segments = must_realloc(NULL, (count + 1) * sizeof(**segments));
	memcpy(*segments, all, count * sizeof(**segments));
	pthread_mutex_unlock(&link->lock);
	return count;
}
