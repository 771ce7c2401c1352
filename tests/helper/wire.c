/* The wire is a TUN device and a thread that gives it back its own packets, late and turned round.
 * It loses nothing. */
#include "wire.h"

#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <poll.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "must.h"
#include "way.h"

struct wire {
	int tun, stop[2];
	pthread_t thread;
	struct way *way;
};

/* How long until the next packet is due; NULL: none is under way. */
static const struct timespec *rest(const struct wire *wire, struct timespec *rest)
{
	uint64_t due = way_due(wire->way), time = way_now();

	*rest = (struct timespec){0, due > time ? (long)(due - time) : 0};
	return due == UINT64_MAX ? NULL : rest;
}

static void *carry(void *argument)
{
	struct wire *wire = argument;
	const struct timespec *limit;
	struct timespec time;

	for (;;) {
		struct pollfd ready[2] = {{wire->stop[0], POLLIN, 0}, {wire->tun, POLLIN, 0}};

		ready[1].events = way_has_room(wire->way) ? POLLIN : 0;
		limit = rest(wire, &time);
		ppoll(ready, 2, limit, NULL);
		if (ready[0].revents)
			return NULL;
		way_take(wire->way, wire->tun);
		way_give(wire->way, wire->tun);
	}
}

struct wire *wire_start_of(uint64_t delay)
{
	struct ifreq request = {.ifr_name = "wire", .ifr_flags = IFF_TUN | IFF_NO_PI};
	struct wire *wire = must_realloc(NULL, sizeof(*wire));

	wire->way = way_new(delay, 0, false);
	way_turn_round(wire->way);
	wire->tun = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
	MUST(wire->tun >= 0 && ioctl(wire->tun, TUNSETIFF, &request) == 0);
	MUST(pipe2(wire->stop, O_CLOEXEC) == 0);
	MUST(system("ip address add " WIRE_NEAR " peer " WIRE_FAR " dev wire"
		    " && ip link set lo up && ip link set wire up") == 0);
	MUST(pthread_create(&wire->thread, NULL, carry, wire) == 0);
	return wire;
}

struct wire *wire_start(void)
{
	return wire_start_of(WIRE_DELAY);
}

void wire_stop(struct wire *wire)
{
	close(wire->stop[1]);
	pthread_join(wire->thread, NULL);
	close(wire->stop[0]);
	close(wire->tun);
	way_free(wire->way);
	free(wire);
}
