/* libsockfix(8): what the library does to a process, and which calls it stands before: the list
 * that its symbols come from. */
#include <stdio.h>

#include "tools/packaging/manual/pages.h"
#include "tools/packaging/manual/roff.h"

/* Made by the Makefile from the list that the library's symbols come from; ends in NULL. */
extern const char *const intercepted_name[];

static const char detail[] =
	"libsockfix.so is preloaded into a program (ld.so(8)) by sockfix run. It sets socket "
	"options as rules say and joins small writes that belong together.\n\n"
	"Bytes stay in the kernel: what write() returned for is in the kernel, also where the "
	"program is killed then. A write is held back only where the program has shown that it "
	"writes, writes and then waits; 200 ms at the worst, and four times in all, of which one is "
	"forgiven each hour. One-way streams are left as they are. Only coalesce = buffer, which "
	"wants accept_loss = true, keeps bytes in the process.\n\n"
	"It opens no descriptor, reads no payload and prints nothing. It has no thread, but for "
	"coalesce = always and buffer. It does nothing in setuid programs, without rules, after the "
	"program has entered a sandbox, and where its symbols cannot work.\n\n"
	"It is switched off in running programs, at once, by sockfix off, and from the start by "
	"SOCKFIX_OFF=1. sockfix status says who has it.";

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
	roff_see(see, sizeof(see) / sizeof(*see));
}
