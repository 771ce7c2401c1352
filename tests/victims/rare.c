/* Calls that hardly any program makes, beside a line that is half written: names, old spellings,
 * 64-bit spellings, system calls by number. */
#include "tests/victims/victim.h"

#include <aio.h>
#include <netdb.h>
#ifdef __GLIBC__
#include <sys/pidfd.h>
#endif

int __poll(struct pollfd *fds, nfds_t count, int timeout);
int __ppoll_chk(struct pollfd *fds, nfds_t count, const struct timespec *timeout,
	const sigset_t *set, size_t size);

static void told_host(const char *call, int error, const struct hostent *host)
{
	char text[INET6_ADDRSTRLEN] = "none";

	if (host && host->h_addr_list[0])
		inet_ntop(host->h_addrtype, host->h_addr_list[0], text, sizeof(text));
	mark("%s: %d %s %s", call, error, host ? host->h_name : "-", text);
}

static void names(void)
{
	const struct in_addr own = {htonl(INADDR_LOOPBACK)};
	struct hostent room, *host = NULL;
	int fd = dial_trained(), error = 0, failed;
	char text[4096];

	say_half(fd, "names");
	told_host("gethostbyname", 0, gethostbyname("127.0.0.1"));
	told_host("gethostbyname2", 0, gethostbyname2("::1", AF_INET6));
	failed = gethostbyname_r("127.0.0.2", &room, text, sizeof(text), &host, &error);
	told_host("gethostbyname_r", failed, host);
	host = NULL;
	failed = gethostbyname2_r("::2", AF_INET6, &room, text, sizeof(text), &host, &error);
	told_host("gethostbyname2_r", failed, host);
	failed = gethostbyname_r("127.0.0.2", &room, text, 1, &host, &error);
	told_host("gethostbyname_r without room", failed, host);
	mark("gethostbyaddr: %s", gethostbyaddr(&own, sizeof(own), AF_INET) ? "known" : "none");
	say(fd, "\n");
	NEED(hear(fd));
}

static void waits(void)
{
	struct aiocb64 request = {0};
	const struct aiocb64 *list[] = {&request};
	const struct timespec moment = {0, 1000000};
	int fd = dial_trained(), ends[2], file;
	char name[] = "/tmp/rare-XXXXXX", byte = 'x';

	NEED(pipe(ends) == 0);
	say_half(fd, "waits");
	struct pollfd empty = {.fd = ends[0], .events = POLLIN},
		      full = {.fd = ends[1], .events = POLLOUT};
	mark("__poll: %d", __poll(&empty, 1, 1));
	mark("__ppoll_chk: %d", __ppoll_chk(&full, 1, &moment, NULL, sizeof(full)));
	file = mkstemp(name);
	NEED(file >= 0 && unlink(name) == 0);
	mark("lockf64: %d", lockf64(file, F_LOCK, 0));
	mark("lockf64 of none: %d, errno %d", lockf64(-1, F_LOCK, 0), errno);
	request.aio_fildes = file;
	request.aio_buf = &byte;
	request.aio_nbytes = 1;
	NEED(aio_write64(&request) == 0);
	mark("aio_suspend64: %d", aio_suspend64(list, 1, NULL));
	say(fd, "\n");
	NEED(hear(fd));
}

/* A listener and a pair that no function of libc's makes; then our own connection once more. */
static void numbers(void)
{
	struct sockaddr_in own = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = dial_trained(), listener = socket(AF_INET, SOCK_STREAM, 0), pair[2] = {-1, -1},
	    self, again;
	char got[8] = "";

	say_half(fd, "num");
	mark("bind: %ld", syscall(SYS_bind, listener, &own, sizeof(own)));
	mark("listen: %ld", syscall(SYS_listen, listener, 5));
	mark("socketpair: %ld", syscall(SYS_socketpair, AF_UNIX, SOCK_STREAM, 0, pair));
	NEED(write(pair[0], "pair", 4) == 4 && read(pair[1], got, 4) == 4);
	mark("pair: %s", got);
	self = (int)syscall(SYS_pidfd_open, getpid(), 0);
	again = (int)syscall(SYS_pidfd_getfd, self, fd, 0);
	mark("pidfd_getfd: %s, errno %d", again >= 0 ? "one" : "none", again >= 0 ? 0 : errno);
	mark("sched_yield: %ld", syscall(SYS_sched_yield));
	mark("io_uring_enter: %ld", syscall(SYS_io_uring_enter, -1, 0, 0, 0, NULL, 0));
	say(again >= 0 ? again : fd, "bers\n");
	NEED(hear(fd));
}

/* The other spelling; what is written by the copy goes behind what is held. */
static void copies(void)
{
	int fd = dial_trained(), self = pidfd_open(getpid(), 0), again;

	say_half(fd, "cop");
	again = pidfd_getfd(self, fd, 0);
	mark("pidfd_getfd: %s", again >= 0 ? "one" : "none");
	say(again >= 0 ? again : fd, "ies\n");
	NEED(hear(fd));
}

static void ends(void)
{
	int fd = dial_trained();
	FILE *file = fdopen(dup(fd), "w");

	say_half(fd, "en");
	NEED(file && fputs("ds\n", file) >= 0);
	mark("fcloseall: %d", fcloseall());
	NEED(hear(fd));
	_exit(3);
}

static void program(void)
{
	int fd = dial_trained();
	char number[12];

	say_half(fd, "pro");
	snprintf(number, sizeof(number), "%d", fd);
	setenv("RARE_FD", number, 1);
	execlp("/proc/self/exe", "rare", "goes_on", NULL);
	die("execlp");
}

static void goes_on(void)
{
	int fd = atoi(env_or("RARE_FD", "-1"));

	say(fd, "gram\n");
	NEED(hear(fd));
}

/* Descriptors of a listener, of who has connected to it, and of what it has accepted. */
static void connect_here(int fd[3])
{
	struct sockaddr_in own = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t length = sizeof(own);

	fd[0] = socket(AF_INET, SOCK_STREAM, 0);
	NEED(bind(fd[0], (struct sockaddr *)&own, length) == 0 && listen(fd[0], 1) == 0);
	NEED(getsockname(fd[0], (struct sockaddr *)&own, &length) == 0);
	fd[1] = socket(AF_INET, SOCK_STREAM, 0);
	NEED(connect(fd[1], (struct sockaddr *)&own, length) == 0);
	fd[2] = accept(fd[0], NULL, NULL);
	NEED(fd[2] >= 0);
}

/* Alone, without a peer: for recordings. */
static void alone(void)
{
	const struct sockaddr_in own = {
		.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct hostent room, *host = NULL;
	char text[4096], name[64];
	int fd[3], error;

	connect_here(fd);
	struct pollfd empty = {.fd = fd[2], .events = POLLIN};
	mark("__poll: %d", __poll(&empty, 1, 1));
	told_host("gethostbyname", 0, gethostbyname("127.0.0.1"));
	told_host("gethostbyname2", 0, gethostbyname2("::1", AF_INET6));
	told_host("gethostbyname_r",
		gethostbyname_r("127.0.0.2", &room, text, sizeof(text), &host, &error), &room);
	told_host("gethostbyname2_r",
		gethostbyname2_r("::2", AF_INET6, &room, text, sizeof(text), &host, &error), &room);
	mark("getnameinfo: %d", getnameinfo((const struct sockaddr *)&own, sizeof(own), name,
					sizeof(name), NULL, 0, NI_NUMERICHOST));
	mark("%s", name);
	closefrom(fd[1]);
	mark("closed: %d", fcntl(fd[1], F_GETFD) < 0 && fcntl(fd[2], F_GETFD) < 0);
}

/* What a listener of ours hands down is taken back from who is to be left alone. */
static void accepts(void)
{
	socklen_t length = sizeof(int);
	int fd[3], tos[3];

	connect_here(fd);
	for (int i = 0; i < 3; i++)
		NEED(raw(SYS_getsockopt, fd[i], IPPROTO_IP, IP_TOS, (long)&tos[i], (long)&length,
			     0) == 0);
	mark("# listener %d", tos[0]);
	mark("client %d, accepted %d", tos[1], tos[2]);
}

static const struct verb verbs[] = {{"names", names}, {"waits", waits}, {"numbers", numbers},
	{"copies", copies}, {"ends", ends}, {"program", program}, {"goes_on", goes_on},
	{"alone", alone}, {"accepts", accepts}};

int main(int argc, char **argv)
{
	return run_verb(verbs, COUNT_OF(verbs), argc, argv);
}
