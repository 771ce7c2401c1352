/* Runs the compiler for odd victims. Tests run from the repository's root. */
#include "compile.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "launch.h"
#include "must.h"

char *compile(const char *name, const char *source, const char *flags)
{
	const char *compiler = getenv("CC");
	char *folder = build_path("victims"), *path = must_print("%s/%s", folder, name);
	char *command = must_print("%s -std=gnu11 -D_GNU_SOURCE -I. -O1 -g -o %s %s %s -lpthread",
		compiler && *compiler ? compiler : "cc", path, source, flags);

	if (system(command) != 0)
		must_fail(command, __FILE__, __LINE__);
	free(command);
	free(folder);
	return path;
}

char *output_of(const char *command)
{
	FILE *stream = popen(command, "r");
	char text[4096] = "";

	MUST(stream && fgets(text, sizeof(text), stream) && pclose(stream) == 0);
	text[strcspn(text, "\n")] = 0;
	return must_print("%s", text);
}
