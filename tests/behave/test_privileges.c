/* A program that has held writes may still change what it is allowed to do, in every mode. */
#include "tests/helper/need.h"
#include "tests/helper/scenario.h"

#define STORY_BYTES "held,then this\n"
#define THRICE	    "then this\nthen this\nthen this\n"

/* Python holds a write as any program does; os.fork() must find one thread, or Python warns. */
static const char python[] =
	"import os, socket\n"
	"def threads():\n"
	"    with open('/proc/self/stat') as stat: return stat.read().rsplit(')')[1].split()[17]\n"
	"with socket.create_connection(('127.0.0.1', int(os.environ['VICTIM_PORT']))) as s:\n"
	"    s.sendall(b'held,')\n"
	"    pid = os.fork()\n"
	"    if pid == 0: os._exit(int(threads()))\n"
	"    print(threads(), os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))\n"
	"    s.sendall(b'then')\n"
	"    s.sendall(b' this\\n')\n"
	"    print(s.recv(3))\n";

static struct scenario scenarios[] = {
	STORY("unshare(CLONE_NEWUSER)", "privileges", "unshare-user", STORY_BYTES, HOLDS),
	STORY("unshare(CLONE_NEWNET)", "privileges", "unshare-net", STORY_BYTES, HOLDS),
	STORY("setns", "privileges", "setns", STORY_BYTES, HOLDS),
	STORY("setgid and setuid", "privileges", "setuid", STORY_BYTES, HOLDS),
	STORY("setgid and setuid with a second thread", "privileges", "setuid-threads", STORY_BYTES,
		HOLDS),
	STORY("capset", "privileges", "capset", STORY_BYTES, HOLDS),
	STORY("seccomp in strict mode", "privileges", "strict", STORY_BYTES, HOLDS),
	STORY("a seccomp filter that leaves read, write and close", "privileges", "filter",
		STORY_BYTES, HOLDS),
	STORY("the same filter by seccomp(2)", "privileges", "filter-syscall", STORY_BYTES, HOLDS),
	STORY("landlock", "privileges", "landlock", STORY_BYTES, HOLDS),
	STORY("a filter that refuses setsockopt, sendmsg, sendto and threads from the start",
		"privileges", "refused", THRICE, UNTRAINED),
	STORY("a filter that answers EACCES to sendto", "privileges", "denied", THRICE, UNTRAINED),
	STORY("a kernel that answers EAFNOSUPPORT to an address", "privileges", "unknown-family",
		THRICE, UNTRAINED),
	STORY("no clock any more: PR_SET_TSC", "privileges", "no-clock", STORY_BYTES, HOLDS),
	STORY("no clock any more, by number", "privileges", "no-clock-by-number", STORY_BYTES,
		HOLDS),
	STORY("fork: one thread before, one in the child", "privileges", "fork", STORY_BYTES,
		HOLDS),
	STORY("Python's os.fork with -W error", "PATH:python3", "-Werror", STORY_BYTES, UNTRAINED,
		.script = python),
};

int main(void)
{
	need_for_all("root");
	return scenarios_main("privileges", scenarios, sizeof(scenarios) / sizeof(*scenarios));
}
