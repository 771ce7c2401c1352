/* What status --all, off --all and on --all have in common. Must not switch anything. */
#include "tools/cmd/everywhere.h"

#include <stdlib.h>
#include <string.h>

#include "tools/base/text.h"
#include "tools/cmd/verb.h"
#include "tools/show/status.h"

int everywhere_find(struct wrapped_all *all)
{
	const int error = wrapped_find(all);

	if (error)
		say("cannot read /proc: %s", strerror(-error));
	else if (!all->count)
		say("no process has the library");
	return error ? EXIT_TROUBLE : all->count ? EXIT_FINE : EXIT_FOUND;
}

void everywhere_end(struct wrapped_all *all)
{
	status_say_unseen(all->unseen);
	free(all->process);
	free(all->without);
}
