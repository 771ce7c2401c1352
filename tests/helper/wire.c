/* The wire is a TUN device and a thread that holds each packet back and swaps its two addresses,
 * which leaves all checksums right. The thread never loses a packet or changes their order. */
#include "wire.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <poll.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "must.h"

enum { PACKETS = 1024, PACKET = 1500, SOURCE = 12, TARGET = 16 };

struct packet {
	uint64_t due;
	size_t length;
	unsigned char bytes[PACKET];
};

struct wire {
	int tun, stop[2];
	uint64_t delay; /* ns */
	pthread_t thread;
	size_t first, count;
	struct packet packet[PACKETS]; /* a ring */
};

static uint64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

static void take(struct wire *wire)
{
	struct packet *packet = &wire->packet[(wire->first + wire->count) % PACKETS];
	unsigned char source[4];
	ssize_t got = read(wire->tun, packet->bytes, PACKET);

	if (got < 20 || packet->bytes[0] >> 4 != 4)
		return;
	memcpy(source, packet->bytes + SOURCE, 4);
	memcpy(packet->bytes + SOURCE, packet->bytes + TARGET, 4);
	memcpy(packet->bytes + TARGET, source, 4);
	packet->length = (size_t)got;
	packet->due = now() + wire->delay;
	wire->count++;
}

static void give(struct wire *wire)
{
	struct packet *packet = &wire->packet[wire->first];

	MUST(write(wire->tun, packet->bytes, packet->length) == (ssize_t)packet->length);
	wire->first = (wire->first + 1) % PACKETS;
	wire->count--;
}

/* How long until the next packet is due; NULL: none is under way. */
static const struct timespec *rest(const struct wire *wire, struct timespec *rest)
{
	uint64_t due = wire->packet[wire->first].due, time = now();

	*rest = (struct timespec){0, due > time ? (long)(due - time) : 0};
	return wire->count ? rest : NULL;
}

static void *carry(void *argument)
{
	struct wire *wire = argument;
	struct timespec time;

	for (;;) {
		struct pollfd ready[2] = {{wire->stop[0], POLLIN, 0}, {wire->tun, POLLIN, 0}};

		ready[1].events = wire->count < PACKETS ? POLLIN : 0;
		ppoll(ready, 2, rest(wire, &time), NULL);
		if (ready[0].revents)
			return NULL;
		if (ready[1].revents & POLLIN)
			take(wire);
		while (wire->count && wire->packet[wire->first].due <= now())
			give(wire);
	}
}

struct wire *wire_start_of(uint64_t delay)
{
	struct ifreq request = {.ifr_name = "wire", .ifr_flags = IFF_TUN | IFF_NO_PI};
	struct wire *wire = must_realloc(NULL, sizeof(*wire));

	wire->first = wire->count = 0;
	wire->delay = delay;
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
	free(wire);
}
