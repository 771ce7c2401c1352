/* Compares what the kernel saw with what was recorded, by addresses and ports. Must not judge. */
#include "tools/record/bypass.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/read/run.h"

/* The port of ours is not known of a connection that was never asked for it. */
static bool is_same(const struct trace_connection *ours, const struct socket_state *socket)
{
	return ours->peer_port == socket->peer_port &&
	       (!ours->local_port || ours->local_port == socket->local_port) &&
	       memcmp(ours->peer, socket->peer, sizeof(ours->peer)) == 0;
}

static bool has(const struct run *run, const struct socket_state *socket)
{
	for (size_t p = 0; p < run->processes; p++) {
		const struct run_process *process = &run->process[p];

		for (size_t c = 0; c < process->connections; c++)
			if (is_same(&process->connection[c], socket))
				return true;
	}
	return false;
}

static void add_name(struct bypass *bypass, const struct watched *row)
{
	char name[sizeof(row->program) + 32];
	const size_t used = strlen(bypass->names);

	snprintf(name, sizeof(name), "%s%s (PID %d)", used ? ", " : "",
		*row->program ? row->program : "?", (int)row->pid);
	if (!strstr(bypass->names, name + (used ? 2 : 0)) &&
		used + strlen(name) < sizeof(bypass->names))
		strcpy(bypass->names + used, name);
}

/* The kernel counts a client's SYN as a byte that was acknowledged (tcp_input.c, tcp_ack); who was
 * the client it does not say. */
static uint64_t sent_at_least(const struct socket_state *socket)
{
	return socket->sent ? socket->sent - 1 : 0;
}

void bypass_find(const struct watch *watch, const char *folder, struct bypass *bypass)
{
	const struct watched *row;
	const size_t rows = watch_rows(watch, &row);
	char *why = NULL;
	struct run *run;

	*bypass = (struct bypass){.connections = 0};
	if (rows == 0)
		return;
	run = run_read(folder, &why);
	free(why);
	/* where not all was recorded, what is missing may have been seen */
	for (size_t i = 0; run && run_is_whole(run) && i < rows; i++) {
		const struct socket_state *socket = &row[i].socket;

		if ((!sent_at_least(socket) && !socket->received) || has(run, socket))
			continue;
		bypass->connections++;
		bypass->sent += sent_at_least(socket);
		bypass->received += socket->received;
		add_name(bypass, &row[i]);
	}
	run_free(run);
}
