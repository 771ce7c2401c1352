/* One way of a link: packets that are under way, the losses that were asked for, and what was
 * counted. It knows no device, no namespace and no thread: link.c does. */
#ifndef TEST_WAY_H
#define TEST_WAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What is lost: segments with data, in the order in which they come. Nothing else ever is. */
struct way_loss {
	uint32_t segment; /* this one, from 1 on; 0: none */
	uint32_t percent; /* and of all others so many, by a generator with that seed */
	uint32_t seed;
};

struct way_count {
	uint32_t packets;    /* of TCP; the lost ones are counted here and below, too */
	uint32_t data, acks; /* with data; without data, SYN, FIN and RST */
	uint32_t fins, resets;
	uint32_t lost;
	uint32_t again; /* with data that began before the end of what had come: sent again */
	uint64_t bytes; /* of data */
};

/* A segment with data. */
struct way_segment {
	uint16_t port;	 /* the client's */
	uint16_t length; /* of its data */
	uint32_t offset; /* of its first byte in the stream */
	bool lost, fin;
};
#define WAY_SEGMENTS 16384 /* what comes later is counted only */

struct way;

/* Each packet takes `delay` ns, and its length at `rate` bytes a second before that; 0: nothing. */
struct way *way_new(uint64_t delay, uint64_t rate, bool back);

/* From now on each packet goes to whom it is from, as if from whom it was to. */
void way_turn_round(struct way *way);
void way_free(struct way *way);

/* Forgets what was counted, and loses these from now on. */
void way_begin(struct way *way, const struct way_loss *loss);

/* Takes what a device has, as long as there is room; writes what is due to another. */
bool way_has_room(const struct way *way);
void way_take(struct way *way, int fd);
void way_give(struct way *way, int fd);

/* When the next packet is due, by CLOCK_MONOTONIC in ns; UINT64_MAX: none is under way. */
uint64_t way_due(const struct way *way);
uint64_t way_now(void);

const struct way_count *way_counts(const struct way *way);
/* The first of them, owned by the way. */
const struct way_segment *way_segments(const struct way *way, size_t *count);

#endif
