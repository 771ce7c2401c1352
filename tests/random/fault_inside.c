/* The part of the test build's library that counts its own system calls and lets some of them fail,
 * as the page of the test says. No other library has it.
 *
 * It must not reach a hook, and makes its own calls without being asked. */
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#include "fault_page.h"
#include "shim/base/kernel.h"

/* Made by the linker around what FAULT_ASK() has put there. */
extern const struct fault_point *const __start_fault_points[] __attribute__((visibility("hidden")));
extern const struct fault_point *const __stop_fault_points[] __attribute__((visibility("hidden")));

#define UNASKED(number, ...) KERNEL_CALL(number, ##__VA_ARGS__, 0, 0, 0, 0, 0, 0)

static _Atomic(struct fault_page *) page;
static _Atomic bool looked;

/* Every process writes the same. */
static void tell_names(struct fault_page *to)
{
	uint32_t count = (uint32_t)(__stop_fault_points - __start_fault_points);

	for (uint32_t i = 0; i < count && i < FAULT_POINTS; i++) {
		const struct fault_point *point = __start_fault_points[i];
		const char *part[] = {point->file, ":", point->function, ": ", point->call};
		size_t at = 0;

		for (unsigned p = 0; p < sizeof(part) / sizeof(*part); p++)
			for (const char *c = part[p]; *c && at < FAULT_NAME - 1; c++)
				to->name[i][at++] = *c;
	}
	atomic_store(&to->points, count);
}

static void look(void)
{
	const char *path = getenv(FAULT_FILE);
	long fd, at;

	if (!path || (fd = UNASKED(SYS_openat, AT_FDCWD, path, O_RDWR | O_CLOEXEC)) < 0)
		return;
	at = UNASKED(
		SYS_mmap, NULL, sizeof(struct fault_page), PROT_READ | PROT_WRITE, MAP_SHARED, fd);
	UNASKED(SYS_close, fd);
	if (at < 0 && at > -4096)
		return;
	tell_names((struct fault_page *)at);
	atomic_store(&page, (struct fault_page *)at);
}

static void be_late(uint32_t microseconds)
{
	struct timespec wait = {
		.tv_sec = microseconds / 1000000, .tv_nsec = (long)(microseconds % 1000000) * 1000};

	UNASKED(SYS_nanosleep, &wait, NULL);
}

static int obey(struct fault_order *order, int32_t number, uint32_t time)
{
	if (number != order->point || time < order->from || time > order->to)
		return 0;
	atomic_fetch_add(&order->fired, 1);
	if (order->late_us)
		be_late(order->late_us);
	return order->error;
}

int fault_ask(const struct fault_point *const *point)
{
	int32_t number = (int32_t)(point - __start_fault_points);
	struct fault_page *to;
	uint32_t time;
	int error = 0;

	if (!atomic_load(&looked) && !atomic_exchange(&looked, true))
		look();
	to = atomic_load(&page);
	if (!to || number >= FAULT_POINTS)
		return 0;
	time = atomic_fetch_add(&to->reached[number], 1) + 1;
	for (int i = 0; i < FAULT_ORDERS && !error; i++)
		error = obey(&to->order[i], number, time);
	return error;
}
