/* Other libraries that people preload, before ours and after it: allocators, another clock, fsync()
 * that does nothing, and two that send connections through a proxy. The program ends as it does
 * with them alone, and its writes are held as without them. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/helper/capture.h"
#include "tests/helper/compile.h"
#include "tests/helper/must.h"
#include "tests/helper/need.h"
#include "tests/helper/own.h"
#include "tests/helper/scenario.h"
#include "tests/helper/talk.h"

/* Of the peer: not loopback, or a proxy would be gone around. */
#define ADDRESS "10.203.0.2"

static const struct library {
	const char *name;
	const char *find; /* for ls(1); the directory's name has the machine in it */
	const char *variable;
	bool goes_around; /* placed before us, it asks libc itself for socket(): nothing is held */
} libraries[] = {
	{"jemalloc", "libjemalloc.so.2", NULL, false},
	{"tcmalloc", "libtcmalloc_minimal.so.4", NULL, false},
	{"libfaketime", "faketime/libfaketime.so.1", "FAKETIME=+400d x2", false},
	{"libeatmydata", "libeatmydata.so.1", NULL, false},
	{"proxychains", "libproxychains.so.4", NULL, false},
	{"torsocks", "torsocks/libtorsocks.so", NULL, true},
};

static const struct scenario stories[] = {
	STORY("it waits in poll", "waits", "poll", "half done\n", HOLDS | SLEEPS),
	STORY("a child writes", "ends", "fork-child-writes", "last words.child too\nand parent\n",
		HOLDS),
	STORY("it execs", "ends", "exec", "last words.next program speaks\n", HOLDS),
	STORY("threads read and write", "readers", "reader-join", "one line\n", HOLDS | SLEEPS),
};

#define COUNT_OF(array) (sizeof(array) / sizeof(*(array)))
#define ROWS		(COUNT_OF(libraries) * COUNT_OF(stories) * 2)

static void make_rows(struct scenario *row)
{
	for (size_t i = 0; i < ROWS; i++, row++) {
		const struct library *library = &libraries[i / 2 / COUNT_OF(stories)];
		char *command = must_print("ls /usr/lib/*/%s", library->find);
		char *path = output_of(command);
		bool before = i % 2 == 0;

		*row = stories[i / 2 % COUNT_OF(stories)];
		row->sentence = must_print(
			"%s %s it, %s", library->name, before ? "before" : "after", row->sentence);
		row->preload = before ? path : NULL;
		row->after = before ? NULL : path;
		row->address = ADDRESS;
		row->variable = library->variable;
		if (before && library->goes_around)
			row->flags = (row->flags & ~(unsigned)HOLDS) | UNTRAINED | UNHELD;
		free(command);
	}
}

/* ---- the proxy ---- */

static bool answers(int port)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
		.sin_port = htons((uint16_t)port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	bool does = connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0;

	close(fd);
	return does;
}

/* In a file that the variable names, for every program from here on. Frees the text. */
static void configure(const char *folder, const char *variable, const char *name, char *text)
{
	char *path = must_print("%s/%s", folder, name);

	capture_write(folder, name, text, 0644);
	MUST(setenv(variable, path, 1) == 0);
	free(path);
	free(text);
}

static pid_t proxy_start(const char *folder)
{
	int port = talk_free_port();
	char *number = must_print("%d", port);
	pid_t pid = fork();

	MUST(pid >= 0);
	if (pid == 0) {
		/* It tells of each connection. */
		MUST(freopen("/dev/null", "w", stderr));
		execlp("microsocks", "microsocks", "-i", "127.0.0.1", "-p", number, (char *)NULL);
		_exit(127);
	}
	while (!answers(port))
		MUST(waitpid(pid, NULL, WNOHANG) == 0);
	free(number);
	configure(folder, "PROXYCHAINS_CONF_FILE", "proxychains.conf",
		must_print("strict_chain\nquiet_mode\n[ProxyList]\nsocks5 127.0.0.1 %d\n", port));
	configure(folder, "TORSOCKS_CONF_FILE", "torsocks.conf",
		must_print("TorAddress 127.0.0.1\nTorPort %d\n", port));
	return pid;
}

int main(void)
{
	static struct scenario scenarios[ROWS];
	char *folder;
	pid_t proxy;
	int failed;

	need_for_all("namespaces");
	need_for_all("mounts");
	own_network();
	own_mounts();
	/* libfaketime leaves its files there. */
	MUST(mount("none", "/dev/shm", "tmpfs", 0, NULL) == 0);
	MUST(system("ip address add " ADDRESS "/32 dev lo") == 0);
	folder = capture_folder_new();
	proxy = proxy_start(folder);
	make_rows(scenarios);
	failed = scenarios_main("surroundings", scenarios, ROWS);
	MUST(kill(proxy, SIGTERM) == 0 && waitpid(proxy, NULL, 0) == proxy);
	capture_folder_free(folder);
	return failed;
}
