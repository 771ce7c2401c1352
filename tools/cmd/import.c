/* `sockfix import FILE... [-o DIR]`: a recording of evidence that is there already, kept like one
 * that `record` made. Judges nothing. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "tools/base/harmless.h"
#include "tools/base/memory.h"
#include "tools/base/text.h"
#include "tools/cmd/arguments.h"
#include "tools/cmd/imported.h"
#include "tools/import/discard.h"
#include "tools/import/import.h"
#include "tools/record/place.h"

enum { TRIES = 64, FLAG_END = 400 };

/* One that no kept run has. */
static bool choose_name(char state[PATH_MAX], char place[PATH_MAX])
{
	uint16_t number;

	if (!store_state(state)) {
		say("neither HOME nor XDG_STATE_HOME names a folder; sockfix import -o DIR FILE "
		    "keeps it in DIR");
		return false;
	}
	for (int i = 0; i < TRIES; i++) {
		if (getrandom(&number, sizeof(number), 0) != sizeof(number))
			number = (uint16_t)(getpid() + i);
		if (snprintf(place, PATH_MAX, "%s/%04x", state, number) >= PATH_MAX)
			break;
		if (access(place, F_OK) != 0)
			return true;
	}
	say("%s: no name is left there", state);
	return false;
}

static bool make_place(const char *wanted, char place[PATH_MAX])
{
	char state[PATH_MAX];

	if (wanted && snprintf(place, PATH_MAX, "%s", wanted) >= PATH_MAX) {
		say("-o %s: %s", wanted, strerror(ENAMETOOLONG));
		return false;
	}
	if (!wanted && !choose_name(state, place))
		return false;
	if (place_make(place))
		return true;
	say("%s%s: %s", wanted ? "-o " : "", place, place_why(errno));
	return false;
}

bool imported_end(const char *word, enum import_end *end)
{
	*end = strcmp(word, "server") == 0 ? IMPORT_SERVERS : IMPORT_CLIENTS;
	return *end == IMPORT_SERVERS || strcmp(word, "client") == 0;
}

void imported_say(const struct import_note *note)
{
	if (*note->lacks)
		say("%s", note->lacks);
}

static int import(char *const *file, size_t files, enum import_end end, const char *wanted)
{
	char place[PATH_MAX];
	struct passing passing;
	struct import_note note;
	struct line pasted = {0};

	if (!make_place(wanted, place))
		return EXIT_TROUBLE;
	if (!realpath(place, passing.folder) || !passing_watch(&passing)) {
		say("%s: %s", place, strerror(errno));
		import_discard(place);
		return EXIT_TROUBLE;
	}
	if (import_files(file, files, place, end, &note) != 0) {
		say("%s", note.why);
		passing_end(&passing);
		return EXIT_TROUBLE;
	}
	passing_keep(&passing);
	imported_say(&note);
	line_add_word(&pasted, place, strlen(place));
	say("imported: %s", place);
	say("sockfix report%s%s prints what it shows", wanted ? " " : "",
		wanted ? pasted.text : "");
	free(pasted.text);
	return EXIT_FINE;
}

static int run(const struct verb *verb, int argc, char **argv)
{
	const char *value, *wanted = NULL;
	enum import_end end = IMPORT_CLIENTS;
	int letter, status;

	memory_begin();
	while ((letter = arguments_next(verb, argc, argv, &value, &status)) != ARGUMENTS_END) {
		if (letter == ARGUMENTS_STOP)
			return status;
		if (letter == FLAG_END) {
			if (!imported_end(value, &end))
				return arguments_misuse(
					verb, "--end takes client or server, not '%s'", value);
			continue;
		}
		if (!*value)
			return arguments_misuse(verb, "-o takes the name of a folder, not ''");
		wanted = value;
	}
	if (optind == argc)
		return arguments_misuse(verb, "a FILE is missing");
	return import(argv + optind, (size_t)(argc - optind), end, wanted);
}

static const struct flag flag_table[] = {
	{"output", 'o', "DIR",
		"keep the recording in DIR, which must be empty or missing; folders above it are "
		"made, too"},
	{"end", FLAG_END, "client|server",
		"of a capture: whose calls are made of its segments (default: client)"},
};

const struct verb verb_import = {
	.name = "import",
	.group = "find",
	.synopsis = "[-o DIR] [--end client|server] FILE...",
	.summary = "make a recording of an strace log or a capture that is there already",
	.detail =
		"  strace -f -ttt -T -yy -o job.log python3 import.py\n"
		"  sockfix import job.log\n"
		"  sockfix report\n\n"
		"What FILE is is told by its contents. Of strace any form with a time is read: -r, "
		"-t, -tt, -ttt, with and without -T, -y, -yy, -x; a log cut off anywhere; packed "
		"by gzip, xz, zstd or bzip2; - is stdin. strace -ff makes a file a process: give "
		"all of them (job.log.*), or their common name. The best to make: strace -f -ttt -T "
		"-yy.\n\n"
		"  tcpdump -i any -s 128 -w job.pcap tcp port 143\n"
		"  sockfix import --end server job.pcap\n\n"
		"Of captures pcap and pcapng are read, of Ethernet, VLANs, PPPoE, tcpdump -i any, "
		"loopback and bare IP; IPv4 and IPv6. 128 bytes of a packet are enough, 64 do for "
		"IPv4. The segments of a connection become the calls that the program at one of its "
		"ends must have made: the client's, or with --end server the server's. What no "
		"segment shows, no capture tells: writes that the kernel joined (N03, N05), what a "
		"program keeps back itself (N06, N07), buffers (S01, S03), why it reset a "
		"connection (L03), names, polls, files.\n\n"
		"Nothing that such a file shows is proven: what only the kernel could tell is not "
		"in it. What it lacks is said, with the command to use next time. No payload is "
		"kept.\n\n"
		"Exit status: 0; 2 where FILE cannot be read, is neither, or it was misused.",
	.flag = flag_table,
	.flags = sizeof(flag_table) / sizeof(*flag_table),
	.misuse = EXIT_TROUBLE,
	.run = run,
};
