/* Sentences: the permission by name, and what would work. */
#include "tools/cmd/unseen.h"

#include <string.h>
#include <unistd.h>

#include "tools/base/text.h"

static void say_denied(const struct who *who, const char *verb)
{
	const int pid = (int)who->pid;

	if (who->uid == geteuid())
		say("process %d (%s) is yours, but shows its sockets to root alone (it has, or "
		    "had, other rights than you); as root: sockfix %s %d",
			pid, who->name, verb, pid);
	else
		say("process %d (%s) belongs to %s, and its sockets are shown to that user and "
		    "to root alone; as one of them: sockfix %s %d",
			pid, who->name, who->user, verb, pid);
}

void unseen_say(const struct observed *observed, const char *verb)
{
	const struct who *who = &observed->who;
	const int pid = (int)who->pid;

	if (observed->unseen == UNSEEN_NONE)
		say("there is no process %d", pid);
	else if (observed->unseen == UNSEEN_ENDED)
		say("process %d ended before it could be looked at", pid);
	else if (observed->unseen == UNSEEN_HIDDEN)
		say("there is a process %d, but /proc hides it (hidepid); as root: sockfix %s "
		    "%d",
			pid, verb, pid);
	else if (observed->unseen == UNSEEN_PROC)
		say("/proc is not mounted here, and without it nobody can say which sockets "
		    "process %d has",
			pid);
	else if (observed->unseen == UNSEEN_THREAD)
		say("%d is a thread of process %d: sockfix %s %d", pid, (int)who->leader, verb,
			(int)who->leader);
	else if (observed->unseen == UNSEEN_DENIED)
		say_denied(who, verb);
	else if (observed->unseen == UNSEEN_BEYOND)
		say("process %d (%s) is in another network namespace, which only root may enter; "
		    "as root: sockfix %s %d",
			pid, who->name, verb, pid);
	else
		say("the kernel does not list its sockets (inet_diag: %s), and those of process "
		    "%d (%s) may not be borrowed; as root: sockfix %s %d",
			strerror(observed->refused), pid, who->name, verb, pid);
}
