/* Where memory runs out: what is asked before, and what is done then, in one place for all that
 * reads rules or recordings. Allocates nothing. */
#include "rules/room.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

static void (*when_out)(void);
static int out_status = 125;

bool room_there(size_t bytes)
{
	void *room = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (room == MAP_FAILED)
		return false;
	munmap(room, bytes);
	return true;
}

void room_when_out(void (*instead)(void))
{
	when_out = instead;
}

void room_out_status(int status)
{
	out_status = status;
}

_Noreturn void room_out(void)
{
	if (when_out)
		when_out();
	fputs("sockfix: out of memory\n", stderr);
	exit(out_status);
}
