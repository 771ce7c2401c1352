/* libsockfix(8): what the library does to a process, which calls it stands before (the list that
 * its symbols come from), and how it gets into what others start. */
#include <stdio.h>

#include "tools/packaging/manual/pages.h"
#include "tools/packaging/manual/roff.h"
#include "tools/show/starters.h"

/* Made by the Makefile from the list that the library's symbols come from; ends in NULL. */
extern const char *const intercepted_name[];

static const char detail[] =
	"libsockfix.so is preloaded into a program (ld.so(8)) by sockfix run. It sets socket "
	"options as rules say and joins small writes that belong together.\n\n"
	"Bytes stay in the kernel: what write() returned for is in the kernel, also where the "
	"program is killed then. One limit is Nagle's own: a process that is killed while it holds "
	"a tail and has unread input in that socket resets the connection, and the tail is lost.\n\n"
	"A write is held back only where the program has shown six times running that another one "
	"follows at once; the kernel lets it go after 200 ms at the latest. What is held for more "
	"than 1 ms and a quarter of the round trip is late: nothing is held at that endpoint for "
	"1,000 turns then, and four times longer each time it happens again. A process may be late "
	"four times, one is forgiven each hour; with none left it holds nothing. What that cost is "
	"in the report (X01), in seconds. One-way streams are left as they are.\n\n"
	"coalesce = buffer, which wants accept_loss = true, collects in the process: a signal that "
	"kills it takes along what a tick or two brought, at most coalesce_limit a connection; "
	"exit and _exit lose nothing; and a write from memory that was unmapped meanwhile is a "
	"SIGSEGV there, not EFAULT.\n\n"
	"Plugins that a program opens with RTLD_DEEPBIND, as PHP does its extensions, are bound to "
	"libc around every preloaded library. Their calls are pointed at this one while they are "
	"opened, and at nothing else: what is not libc's own function stays what it is. Where that "
	"cannot be done (no /proc), they run as without it, and the report says so. What asks libc "
	"itself for its functions, as torsocks does, runs as without it, too.\n\n"
	"Programs of 64 and of 32 bits start each other. Where there is a library for both, each in "
	"its loader's own folder (on Debian by the packages libsockfix:amd64 and libsockfix:i386), "
	"the command names them by one word, /usr/$LIB/sockfix/libsockfix.so: ld.so(8) reads $LIB as "
	"that folder, and no loader complains. A COMMAND of musl, or with a glibc of its own, gets the "
	"path: its loader does not know that word, or means another folder. What others start "
	"further down has none of both there.\n\n"
	"Daemons that root starts and that become another user are recorded to their end.\n\n"
	"It opens no descriptor, reads no payload and prints nothing. It has no thread, but for "
	"coalesce = always and buffer. It does nothing in setuid programs, without rules, after the "
	"program has entered a sandbox, and where its symbols cannot work.\n\n"
	"It is switched off in running programs, at once, by sockfix off, and from the start by "
	"SOCKFIX_OFF=1. sockfix status says who has it.";

static void print_starters(void)
{
	char place[128];

	roff_section("STARTERS");
	roff_text(
		"Programs that start others in an environment of their own, and the lines that "
		"bring the library there. sockfix explain cron prints one of these; sockfix status "
		"PID says whether it worked.");
	for (size_t i = 0; starter(i); i++) {
		const struct starter *row = starter(i);

		roff_part(row->name);
		roff_text(row->problem);
		snprintf(place, sizeof(place), "%s:", row->place);
		roff_text(place);
		roff_lines(row->lines);
		roff_text(row->otherwise);
	}
}

void page_library(void)
{
	static const char *const see[] = {"sockfix(1)", "sockfix-rules(5)", "ld.so(8)"};

	roff_title("libsockfix", "8", "the library that sockfix preloads");
	roff_section("DESCRIPTION");
	roff_paragraphs(detail);
	roff_section("CALLS");
	roff_text("Its symbols stand before those of libc:");
	for (size_t i = 0; intercepted_name[i]; i++)
		printf("%s%s\n", intercepted_name[i], intercepted_name[i + 1] ? "," : "");
	print_starters();
	roff_see(see, sizeof(see) / sizeof(*see));
}
