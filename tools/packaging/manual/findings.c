/* sockfix-findings(7): the table of codes, each as `sockfix explain CODE` has it. */
#include <stdio.h>

#include "tools/find/find.h"
#include "tools/packaging/manual/pages.h"
#include "tools/packaging/manual/roff.h"

static void print_code(const struct code *code)
{
	char head[256];

	snprintf(head, sizeof(head), "%s  %s", code->name, code->title);
	roff_part(head);
	roff_text(code->mechanism);
	roff_item("How it is found", code->proof);
	roff_item("What mends it", code->remedy);
	roff_item("When not", code->not_when);
	roff_item("For the author of the program", code->author);
	roff_item("Read", code->source);
}

void page_findings(void)
{
	static const char *const see[] = {"sockfix(1)", "sockfix-rules(5)", "tcp(7)"};

	roff_title("sockfix\\-findings", "7", "what sockfix finds, how, and what mends it");
	roff_section("DESCRIPTION");
	roff_text("What sockfix report, look and prove print has a code, which stays the same. "
		  "A finding is proven (the kernel's own state), likely (a pattern and its "
		  "timing), or possible (a pattern).");
	roff_section("CODES");
	for (size_t i = 0; i < code_count; i++)
		print_code(&code_table[i]);
	roff_see(see, sizeof(see) / sizeof(*see));
}
