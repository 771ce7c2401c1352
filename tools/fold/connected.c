/* When anybody was connected to a process: a server with no connection waits for the next one,
 * whatever else its wait may be for. Asked for each wait, so the times are joined and sorted once.
 */
#include <stdlib.h>

#include "tools/fold/fold_parts.h"
#include "tools/base/memory.h"

/* Those that overlap become one. */
static void join(struct connected *connected)
{
	size_t last = 0;

	for (size_t i = 1; i < connected->times; i++) {
		struct connected_time *joined = &connected->time[last];
		if (connected->time[i].begin > joined->end)
			connected->time[++last] = connected->time[i];
		else if (connected->time[i].end > joined->end)
			joined->end = connected->time[i].end;
	}
	connected->times = connected->times ? last + 1 : 0;
}

void connected_take(const struct run_process *process, struct connected *connected)
{
	*connected = (struct connected){0};
	for (size_t i = 0; i < process->connections; i++) {
		const struct trace_connection *connection = &process->connection[i];
		if (!connection->number)
			continue;
		if (connection->role == ROLE_OF_LISTENER) {
			connected->serves = true;
			continue;
		}
		connected->time =
			memory_grow(connected->time, connected->times, sizeof(*connected->time));
		connected->time[connected->times++] = (struct connected_time){
			connection->opened, connection->closed ? connection->closed : UINT64_MAX};
	}
	if (connected->times)
		qsort(connected->time, connected->times, sizeof(*connected->time), compare_first);
	join(connected);
}

bool connected_to_nobody(const struct connected *connected, uint64_t from, uint64_t to)
{
	size_t low = 0, high = connected->times;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (connected->time[middle].end <= from)
			low = middle + 1;
		else
			high = middle;
	}
	return connected->serves && (low == connected->times || connected->time[low].begin >= to);
}

void connected_free(struct connected *connected)
{
	free(connected->time);
}
