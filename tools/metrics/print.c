/* Prints families of metrics, each with its help and its type once. Sums of times are printed from
 * integers: no digit is lost. Must not look at processes. */
#include "tools/metrics/print.h"

#include <inttypes.h>
#include <string.h>

#include "tools/base/harmless.h"

#define GIGA UINT64_C(1000000000)

static const char *const peer_name[CONTROL_PEERS] = {
	[CONTROL_PEER_UNKNOWN] = "unknown",
	[CONTROL_PEER_LOOPBACK] = "loopback",
	[CONTROL_PEER_PRIVATE] = "private",
	[CONTROL_PEER_PUBLIC] = "public",
};

static const char *const state_name[] = {
	[LIBRARY_ON] = "on",
	[LIBRARY_OFF] = "off",
	[LIBRARY_INERT] = "inert",
	[LIBRARY_RESIGNED] = "resigned",
	[LIBRARY_OTHER] = "other",
	[LIBRARY_UNKNOWN] = "unknown",
};

static const char *const bound_text[] = {"0.00005", "0.0001", "0.00025", "0.0005", "0.001",
	"0.0025", "0.005", "0.01", "0.025", "0.035", "0.05", "0.1", "0.25", "1", "2.5", "10",
	"+Inf"};
_Static_assert(sizeof(bound_text) / sizeof(*bound_text) == CONTROL_BUCKETS + 1, "a text for each");

static void print_piece(FILE *out, const char *piece, size_t length)
{
	char text[SUMS_TEXT];

	if (length >= sizeof(text))
		length = sizeof(text) - 1;
	memcpy(text, piece, length);
	text[length] = '\0';
	text_harmless(text);
	for (const char *at = text; *at; at++) {
		if (*at == '\\' || *at == '"')
			fputc('\\', out);
		fputc(*at, out);
	}
}

void metrics_print_value(FILE *out, const char *text)
{
	for (;;) {
		const size_t length = strcspn(text, "\n");

		print_piece(out, text, length);
		if (!text[length])
			return;
		fputs("\\n", out);
		text += length + 1;
	}
}

static void print_label(FILE *out, char before, const char *name, const char *value)
{
	fprintf(out, "%c%s=\"", before, name);
	metrics_print_value(out, value);
	fputc('"', out);
}

static void print_head(FILE *out, const char *name, const char *type, const char *help)
{
	fprintf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void print_seconds(FILE *out, uint64_t ns)
{
	fprintf(out, "%" PRIu64 ".%09" PRIu64, ns / GIGA, ns % GIGA);
}

/* ---- processes ---- */

struct family {
	const char *name, *type, *help;
	size_t at; /* of a uint64_t in struct sum_process */
	bool ns;
};

static const struct family family_table[] = {
	{"sockfix_connections", "gauge", "Connections that are looked after now.",
		offsetof(struct sum_process, connections), false},
	{"sockfix_sockets_total", "counter", "TCP sockets that were ever looked after.",
		offsetof(struct sum_process, sockets), false},
	{"sockfix_writes_held_total", "counter", "Writes held back for the next one.",
		offsetof(struct sum_process, held), false},
	{"sockfix_holds_late_total", "counter", "Holds that ended later than they should have.",
		offsetof(struct sum_process, late), false},
	{"sockfix_holds_late_seconds_total", "counter", "What late holds have cost.",
		offsetof(struct sum_process, late_ns), true},
	{"sockfix_options_refused_total", "counter",
		"Options of rules that this host has refused to set.",
		offsetof(struct sum_process, refused), false},
};

static void print_family(FILE *out, const struct family *family, const struct sums *sums)
{
	print_head(out, family->name, family->type, family->help);
	for (size_t i = 0; i < sums->processes; i++) {
		const struct sum_process *process = &sums->process[i];
		uint64_t value;

		memcpy(&value, (const char *)process + family->at, sizeof(value));
		fputs(family->name, out);
		print_label(out, '{', "unit", process->unit);
		print_label(out, ',', "program", process->program);
		fputs("} ", out);
		if (family->ns)
			print_seconds(out, value);
		else
			fprintf(out, "%" PRIu64, value);
		fputc('\n', out);
	}
}

static void print_states(FILE *out, const struct sums *sums)
{
	static const char name[] = "sockfix_processes";

	print_head(out, name, "gauge", "Processes that have the library.");
	for (size_t i = 0; i < sums->states; i++) {
		const struct sum_state *state = &sums->state[i];

		fputs(name, out);
		print_label(out, '{', "unit", state->unit);
		print_label(out, ',', "program", state->program);
		print_label(out, ',', "state", state_name[state->state]);
		print_label(out, ',', "version", state->release);
		fprintf(out, "} %" PRIu64 "\n", state->processes);
	}
}

/* ---- arms ---- */

static void print_arm_name(FILE *out, const char *name, const char *tail, const struct sum_arm *arm)
{
	fprintf(out, "%s%s", name, tail);
	print_label(out, '{', "rule", arm->of.rule);
	print_label(out, ',', "arm", arm->of.bare ? "bare" : "mended");
	print_label(out, ',', "peer", peer_name[arm->of.peer]);
	print_label(out, ',', "unit", arm->unit);
	print_label(out, ',', "program", arm->program);
}

static void print_turns(FILE *out, const struct sum_arm *arm)
{
	static const char name[] = "sockfix_turn_seconds";
	uint64_t turns = 0;

	for (int i = 0; i <= CONTROL_BUCKETS; i++) {
		print_arm_name(out, name, "_bucket", arm);
		print_label(out, ',', "le", bound_text[i]);
		fprintf(out, "} %" PRIu64 "\n", turns += arm->of.bucket[i]);
	}
	print_arm_name(out, name, "_sum", arm);
	fputs("} ", out);
	print_seconds(out, arm->of.ns);
	fputc('\n', out);
	print_arm_name(out, name, "_count", arm);
	fprintf(out, "} %" PRIu64 "\n", turns);
}

static void print_arms(FILE *out, const struct sums *sums)
{
	static const char connections[] = "sockfix_holdout_connections_total";
	static const char squares[] = "sockfix_turn_squared_seconds_total";

	print_head(out, connections, "counter",
		"Connections that a rule with a holdout was drawn for, by arm; those that were "
		"refused, too.");
	for (size_t i = 0; i < sums->arms; i++) {
		print_arm_name(out, connections, "", &sums->arm[i]);
		fprintf(out, "} %" PRIu64 "\n", sums->arm[i].of.connections);
	}
	print_head(out, "sockfix_turn_seconds", "histogram",
		"Time of turns of rules with a holdout, from the first write to the last byte of "
		"the answer (of servers from a request to the next), by arm.");
	for (size_t i = 0; i < sums->arms; i++)
		print_turns(out, &sums->arm[i]);
	print_head(out, squares, "counter",
		"Squares of these times, added up: for the standard error of their mean.");
	for (size_t i = 0; i < sums->arms; i++) {
		print_arm_name(out, squares, "", &sums->arm[i]);
		fprintf(out, "} %.17g\n", sums->arm[i].of.squares);
	}
}

void metrics_print(FILE *out, const struct sums *sums, size_t unseen)
{
	print_head(out, "sockfix_build_info", "gauge", "Version of the command that has counted.");
	fprintf(out, "sockfix_build_info{version=\"%s\"} 1\n", SOCKFIX_VERSION);
	print_head(out, "sockfix_processes_unseen", "gauge",
		"Processes that may not be looked at: root of the host sees all.");
	fprintf(out, "sockfix_processes_unseen %zu\n", unseen);
	print_states(out, sums);
	for (size_t i = 0; i < sizeof(family_table) / sizeof(*family_table); i++)
		print_family(out, &family_table[i], sums);
	print_arms(out, sums);
}
