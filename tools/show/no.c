/* The 'no': why each suspect is innocent, where the time is instead, and where to look then. Only
 * below a verdict that the sockets are innocent or mended, or when all is asked for. What is said
 * is the finders'. */
#include <string.h>

#include "tools/show/report.h"
#include "tools/base/text.h"

enum { LABEL = 19 };

/* Where the time may be looked for, by what the places say. */
static void print_where(FILE *out, bool program, const bool peer[PEER_CLIENTS + 1])
{
	static const char *const look[] = {
		[PEER_THINKS] = "the peer's own log and profile, not the network",
		[PEER_QUICK] = "how often it asks: fewer questions, each for more, take less",
		[PEER_FAR] = ("the way to the peer (ping, mtr), and how often it is gone: ask for "
			      "more at once"),
		[PEER_CLIENTS] = "its clients: they are what the server waits for",
	};
	int first = 0;

	while (first <= PEER_CLIENTS && !peer[first])
		first++;
	if (program)
		text_item(out, "  where to look", LABEL,
			first > PEER_CLIENTS ? "py-spy top --pid PID, perf record -g -p PID"
					     : "py-spy top --pid PID, perf record -g -p PID; for "
					       "A02 the peer");
	else if (first <= PEER_CLIENTS)
		text_item(out, "  where to look", LABEL, look[first]);
}

static void print_places(FILE *out, const struct report *report)
{
	bool first = true, program = false, peer[PEER_CLIENTS + 1] = {false};

	for (size_t i = 0; i < report->findings->count; i++) {
		const struct finding *finding = &report->findings->finding[i];
		char text[400], left[64];

		if (!finding_is_place(finding) || (finding->minor && !report->all))
			continue;
		program = program || strcmp(finding->code->name, "A01") == 0;
		if (strcmp(finding->code->name, "A02") == 0)
			peer[peer_of(report->fold, finding)] = true;
		snprintf(left, sizeof(left), "  %-*s%s", LABEL - 2, first ? "where it is" : "",
			finding->code->name);
		if (finding->endpoint < report->fold->endpoints)
			snprintf(text, sizeof(text), "%s: %s", finding_peer(report, finding),
				finding->what);
		else
			snprintf(text, sizeof(text), "%s", finding->what);
		text_item(out, left, LABEL + 5, text);
		first = false;
	}
	print_where(out, program, peer);
	if (!first)
		fputc('\n', out);
}

void no_print(FILE *out, const struct report *report)
{
	const enum verdict_word verdict = report->verdict.word;
	const struct findings *findings = report->findings;

	if (verdict != VERDICT_NOT_SOCKETS && verdict != VERDICT_MENDED && !report->all)
		return;
	for (size_t i = 0; report->fold->flows && i < findings->innocents; i++) {
		char left[64];
		snprintf(left, sizeof(left), "  %s", findings->innocent[i].label);
		text_item(out, left, LABEL, findings->innocent[i].why);
	}
	if (report->fold->flows && findings->innocents)
		fputc('\n', out);
	print_places(out, report);
}
