/* sockfix import and report --from: strace logs in every form that strace has for them say the
 * same; what a log lacks is one sentence; what is none is refused. Logs are made here, of one
 * client that writes twice and waits 40 ms, as strace(1) would print it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/helper/capture.h"
#include "tests/helper/launch.h"
#include "tests/helper/must.h"

#define US	   1000ll
#define MS	   (1000 * US)
#define S	   (1000 * MS)
#define BEGAN	   (1795899007ll * S + 820083 * US)
#define LATE	   (23 * 3600 * S + 59 * 60 * S + 59 * S) /* a second before midnight */
#define TURNS_MADE 30

#define WORDS(...) ((const char *const[]){__VA_ARGS__, NULL})

static struct capture capture;
static char *folder;

static int set_up(void **state)
{
	(void)state;
	folder = capture_folder_new();
	capture = (struct capture){.env = capture_clean, .dir = folder};
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	capture_free(&capture);
	capture_folder_free(folder);
	return 0;
}

/* ---- logs ---- */

enum form_clock { EPOCH, DAY, DAY_WHOLE, SINCE, EPOCH_SINCE, NONE };

struct form {
	const char *options; /* as strace has them */
	enum form_clock clock;
	bool took, notes, hex, halves, brackets, numbers;
};

static const struct form forms[] = {
	{"-f -ttt -T -o", EPOCH, .took = true, .numbers = true},
	{"-ttt -T", EPOCH, .took = true},
	{"-ttt", EPOCH, .took = false},
	{"-tt -T", DAY, .took = true},
	{"-f -tt, on stderr", DAY, .brackets = true},
	{"-r -T", SINCE, .took = true},
	{"-r", SINCE, .took = false},
	{"-r -ttt -T", EPOCH_SINCE, .took = true},
	{"-ttt -T -yy", EPOCH, .took = true, .notes = true},
	{"-ttt -T -xx", EPOCH, .took = true, .hex = true},
	{"-f -ttt -T -yy -xx, in halves", EPOCH, true, true, true, true, false, true},
	{"-f -tt, in halves", DAY, .halves = true, .numbers = true},
};

struct writing {
	FILE *out;
	const struct form *form;
	long long now, last; /* ns since it began */
};

static void put_head(struct writing *writing)
{
	const struct form *form = writing->form;
	const long long epoch = BEGAN + writing->now, day = (LATE + writing->now) % (86400 * S);
	const long long since = writing->now - writing->last;
	FILE *out = writing->out;

	if (form->numbers)
		fputs("4711 ", out);
	if (form->brackets)
		fputs("[pid  4711] ", out);
	if (form->clock == EPOCH || form->clock == EPOCH_SINCE)
		fprintf(out, "%lld.%06lld ", epoch / S, epoch % S / US);
	if (form->clock == DAY || form->clock == DAY_WHOLE)
		fprintf(out, "%02lld:%02lld:%02lld", day / (3600 * S), day / (60 * S) % 60,
			day / S % 60);
	if (form->clock == DAY)
		fprintf(out, ".%06lld", day % S / US);
	if (form->clock == DAY || form->clock == DAY_WHOLE)
		fputc(' ', out);
	if (form->clock == SINCE)
		fprintf(out, "%6lld.%06lld ", since / S, since % S / US);
	if (form->clock == EPOCH_SINCE)
		fprintf(out, "(+%6lld.%06lld) ", since / S, since % S / US);
	writing->last = writing->now;
}

static void put_text(const struct writing *writing, const char *text)
{
	fputc('"', writing->out);
	for (; *text; text++)
		if (writing->form->hex)
			fprintf(writing->out, "\\x%02x", (unsigned char)*text);
		else
			fputc(*text, writing->out);
	fputc('"', writing->out);
}

static const char *fd(const struct writing *writing)
{
	return writing->form->notes ? "5<TCP:[10.0.0.1:50000->10.0.0.2:143]>" : "5";
}

/* A call of that length; text: a string of the program between two parts. */
static void put_call(struct writing *writing, const char *name, const char *before,
	const char *text, const char *after, const char *result, long long took)
{
	FILE *out = writing->out;

	put_head(writing);
	fprintf(out, "%s(%s%s", name, fd(writing), before);
	if (writing->form->halves) {
		fputs(" <unfinished ...>\n", out);
		writing->now += took;
		put_head(writing);
		fprintf(out, "<... %s resumed>", name);
	} else {
		writing->now += took;
	}
	if (text)
		put_text(writing, text);
	fprintf(out, "%s)%s = %s", after, strlen(name) < 6 ? "      " : "", result);
	if (writing->form->took)
		fprintf(out, " <%lld.%06lld>", took / S, took % S / US);
	fputc('\n', out);
	writing->now += 20 * US;
}

static void put_made(struct writing *writing)
{
	put_head(writing);
	fprintf(writing->out, "socket(AF_INET, SOCK_STREAM|SOCK_CLOEXEC, IPPROTO_IP) = 5%s%s\n",
		writing->form->notes ? "<TCP:[24967827]>" : "",
		writing->form->took ? " <0.000050>" : "");
	writing->now += 70 * US;
	put_call(writing, "connect",
		", {sa_family=AF_INET, sin_port=htons(143), sin_addr=inet_addr(", "10.0.0.2",
		")}, 16", "0", 100 * US);
}

/* The first two the peer acknowledges at once. */
static void put_turn(struct writing *writing, int turn)
{
	put_call(writing, "sendto", ", ", "abc", ", 3, 0, NULL, 0", "3", 30 * US);
	put_call(writing, "write", ", ", "def\\n", ", 4", "4", 30 * US);
	put_call(writing, "recvfrom", ", ", "ok", ", 4096, 0, NULL, NULL", "2",
		turn < 2 ? 200 * US : 40 * MS + 300 * US);
}

static void put_log(const char *name, const struct form *form)
{
	char *path = must_print("%s/%s", folder, name);
	struct writing writing = {.out = fopen(path, "w"), .form = form};

	MUST(writing.out);
	put_made(&writing);
	for (int i = 0; i < TURNS_MADE; i++)
		put_turn(&writing, i);
	put_call(&writing, "close", "", NULL, "", "0", 20 * US);
	MUST(fclose(writing.out) == 0);
	free(path);
}

/* ---- reports ---- */

static json_t *report(const char *line)
{
	json_t *root;
	json_error_t error;

	capture_sockfix(&capture, line);
	if (capture.status != 0)
		fail_msg("sockfix %s: %d: %s", line, capture.status, capture.err);
	root = json_loads(capture.out, 0, &error);
	assert_non_null(root);
	return root;
}

static const json_t *finding(const json_t *root, const char *code)
{
	const json_t *list = json_object_get(root, "findings"), *one;
	size_t i;

	json_array_foreach(list, i, one) if (strcmp(json_string_value(json_object_get(one, "code")),
						     code) == 0) return one;
	return NULL;
}

static const char *text_of(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));

	return text ? text : "";
}

static long long number_of(const json_t *object, const char *name)
{
	return json_integer_value(json_object_get(object, name));
}

static void every_form_says_the_same(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(forms) / sizeof(*forms); i++) {
		json_t *root;
		const json_t *n01, *lost;

		print_message("strace %s\n", forms[i].options);
		put_log("log", &forms[i]);
		root = report("report --format json --from log");
		n01 = finding(root, "N01");
		assert_string_equal(text_of(root, "verdict"), "STALLED");
		assert_non_null(n01);
		assert_string_equal(text_of(n01, "sure"), "likely");
		assert_int_equal(number_of(n01, "hits"), TURNS_MADE - 2);
		lost = json_object_get(n01, "lost_ns");
		assert_in_range(number_of(lost, "high"), (TURNS_MADE - 2) * 40 * MS,
			(TURNS_MADE - 2) * 42 * MS);
		assert_string_equal(
			text_of(json_object_get(json_object_get(root, "run"), "imported"), "what"),
			"strace log");
		json_decref(root);
	}
}

/* ---- what is missing ---- */

/* A log, and what is said of it. */
static void expect_lacks(const char *log, const char *lacks, const char *verdict)
{
	json_t *root;

	if (log)
		capture_write(folder, "log", log, 0644);
	root = report("report --format json --from log");
	assert_string_equal(
		text_of(json_object_get(json_object_get(root, "run"), "imported"), "lacks"), lacks);
	assert_string_equal(text_of(root, "verdict"), verdict);
	json_decref(root);
}

#define NEXT "; next time: strace -f -ttt -T -yy -o LOG "

#define CONNECT                                                                                    \
	"connect(3, {sa_family=AF_INET, sin_port=htons(143), sin_addr=inet_addr(\"10.0.0.2\")}, "  \
	"16) = 0"

static void what_it_lacks_is_one_sentence(void **state)
{
	const struct form whole = {"-t", DAY_WHOLE, .took = true}, bare = {"", NONE, .took = false};
	const struct form good = forms[0];

	(void)state;
	put_log("log", &good);
	expect_lacks(NULL, "", "STALLED");
	put_log("log", &forms[2]);
	expect_lacks(NULL,
		"it lacks durations (-T), which are taken from where the next call begins" NEXT
		"COMMAND",
		"STALLED");
	put_log("log", &whole);
	expect_lacks(NULL, "it lacks parts of a second (-ttt)" NEXT "COMMAND", "NOT SURE");
	put_log("log", &bare);
	expect_lacks(NULL,
		"it lacks times (-ttt) and durations (-T), so that no second of it is known" NEXT
		"COMMAND",
		"NOT SURE");
	expect_lacks(
		"7 1795899007.8 execve(\"/bin/prog\", [\"prog\", \"a b\"], 0x7 /* 3 vars */) = 0 "
		"<0.000100>\n"
		"7 1795899007.9 socket(AF_INET, SOCK_STREAM, IPPROTO_IP) = 3 <0.000010>\n"
		"7 1795899008.0 " CONNECT " <0.000100>\n"
		"7 1795899009.0 close(3) = 0 <0.000100>\n",
		"it lacks reads and writes of its TCP connections" NEXT "prog 'a b'", "NOT SURE");
	expect_lacks("1795899007.8 socket(AF_INET, SOCK_STREAM, IPPROTO_IP) = 3 <0.000010>\n"
		     "1795899008.0 " CONNECT " <0.000100>\n"
		     "1795899008.1 sendto(3, \"a\", 1, 0, NULL, 0) = 1 <0.000100>\n"
		     "1795899008.2 recvfrom(3, \"a\", 1, 0, NULL, NULL) = 1 <0.000100>\n",
		"it lacks calls that a filter (-e) left out: read, write, poll, close" NEXT
		"COMMAND",
		"NOT SURE");
	expect_lacks("1795899007.7 openat(AT_FDCWD, \"/x\", O_RDONLY) = 3 <0.000100>\n"
		     "1795899007.8 fork() = 12 <0.000010>\n"
		     "1795899008.0 wait4(12, NULL, 0, NULL) = 12 <0.000100>\n",
		"it lacks what its children did (-f)" NEXT "COMMAND", "NOT SURE");
}

/* ---- files ---- */

static void expect_refused(const char *line, const char *err)
{
	capture_sockfix(&capture, line);
	assert_string_equal(capture.err, err);
	assert_string_equal(capture.out, "");
	assert_int_equal(capture.status, 2);
}

static void what_is_no_log_is_refused(void **state)
{
	(void)state;
	capture_write(folder, "empty", "", 0644);
	capture_write(folder, "text", "Dear all,\nthis (a letter) = no log.\n", 0644);
	capture_write(folder, "kept", "", 0644);
	expect_refused("report --from none", "sockfix: none: No such file or directory\n");
	expect_refused("report --from empty", "sockfix: empty: empty, 0 bytes\n");
	expect_refused("report --from text",
		"sockfix: text: no line of it is strace's, and it is no capture\n");
	expect_refused("report --from .", "sockfix: .: Is a directory\n");
	expect_refused("suggest --from text",
		"sockfix: text: no line of it is strace's, and it is no capture\n");
	expect_refused("import -o out text",
		"sockfix: text: no line of it is strace's, and it is no capture\n");
	expect_refused("import -o kept text", "sockfix: -o kept: Not a directory\n");
	expect_refused("import", "sockfix: import: a FILE is missing; see sockfix import --help\n");
	expect_refused(
		"import -o", "sockfix: import: -o needs a value: DIR; see sockfix import --help\n");
	expect_refused("report --from text out",
		"sockfix: report: --from FILE or a folder, not both; see sockfix report --help\n");
	/* What was begun is gone again. */
	char *out = must_print("%s/out", folder);
	assert_int_not_equal(access(out, F_OK), 0);
	free(out);
}

/* Words that need not be split at spaces. */
static void run_import(const char *const *words)
{
	char *sockfix = build_path("sockfix");
	const char *argv[8] = {sockfix};

	for (size_t i = 0; words[i]; i++)
		argv[i + 1] = words[i];
	capture_run(&capture, argv);
	free(sockfix);
}

static void an_import_is_a_recording(void **state)
{
	char *state_home = must_print("XDG_STATE_HOME=%s", folder), *said, *last;

	(void)state;
	put_log("job log", &forms[0]);
	run_import(WORDS("import", "-o", "out", "job log"));
	assert_int_equal(capture.status, 0);
	assert_string_equal(capture.out, "");
	assert_string_equal(capture.err,
		"sockfix: imported: out\nsockfix: sockfix report out prints what it shows\n");
	capture_sockfix(&capture, "report out");
	assert_non_null(strstr(capture.out, "from strace log job log: nothing in it is proven"));
	assert_non_null(strstr(capture.out, "likely   N01"));
	capture_sockfix(&capture, "suggest out");
	assert_non_null(strstr(capture.out, "coalesce = \"auto\";"));
	capture_sockfix(&capture, "diff out out");
	assert_int_equal(capture.status, 0);
	expect_refused("import -o out out/run.json", "sockfix: -o out: is not an empty folder\n");
	/* Among those that are kept. */
	const char *const env[] = {state_home, "COLUMNS", NULL};
	capture.env = env;
	run_import(WORDS("import", "job log"));
	assert_int_equal(capture.status, 0);
	said = must_print("sockfix: imported: %s/sockfix/", folder);
	assert_memory_equal(capture.err, said, strlen(said));
	last = strstr(capture.err, "\nsockfix: sockfix report prints what it shows\n");
	assert_non_null(last);
	capture_sockfix(&capture, "report --fail-over 5%");
	assert_int_equal(capture.status, 1);
	free(said);
	free(state_home);
}

/* What comes behind --from is what other verbs are told to say. */
static void the_next_command_says_from(void **state)
{
	(void)state;
	put_log("log", &forms[0]);
	capture_sockfix(&capture, "report --from log");
	assert_non_null(strstr(capture.out, "sockfix suggest --from log > my.conf"));
	capture_sockfix(&capture, "suggest --from log");
	assert_int_equal(capture.status, 0);
	assert_non_null(strstr(capture.out, "coalesce = \"auto\";"));
	capture_sockfix(&capture, "report N01 --from log");
	assert_int_equal(capture.status, 0);
	assert_non_null(strstr(capture.out, "sure       likely"));
	capture_sockfix(&capture, "report --from log --anonymize --format json");
	assert_null(strstr(capture.out, "10.0.0.2"));
	assert_null(strstr(capture.out, "\"log\""));
}

/* ---- streams ---- */

static void expect_stalled(const char *shell, const char *file)
{
	char *line = must_print("report --format json --from %s", file);
	json_t *root;

	capture_run(&capture, (const char *const[]){"sh", "-c", shell, NULL});
	if (capture.status != 0)
		fail_msg("%s: %s", shell, capture.err);
	root = report(line);
	assert_string_equal(text_of(root, "verdict"), "STALLED");
	json_decref(root);
	free(line);
}

static void packed_logs_are_read(void **state)
{
	(void)state;
	put_log("log", &forms[0]);
	expect_stalled("gzip -c log >packed", "packed");
	expect_stalled("xz -c log >packed", "packed");
	capture_run(&capture,
		(const char *const[]){"sh", "-c", "gzip -c log | head -c 600 >cut", NULL});
	capture_sockfix(&capture, "report --from cut");
	assert_int_equal(capture.status, 0);
	assert_non_null(strstr(capture.out, "gzip could not unpack cut to its end"));
	assert_string_equal(capture.err, "");
}

static void each_thread_may_have_its_file(void **state)
{
	(void)state;
	put_log("log", &forms[1]);
	/* A child's, which has nothing to do with it, by its time before. */
	capture_write(folder, "job.4712",
		"1795899000.100000 getpid() = 4712 <0.000010>\n"
		"1795899000.200000 +++ exited with 0 +++\n",
		0644);
	expect_stalled("mv log job.4711", "job");
	expect_stalled("true", "job.4711");
	capture_sockfix(&capture, "import -o out job.4711 job.4712");
	assert_int_equal(capture.status, 0);
}

/* What is no line of strace's does no harm to those beside it. */
static void lines_may_be_anything(void **state)
{
	(void)state;
	put_log("log", &forms[0]);
	/* a write of 10 MB, printed whole */
	expect_stalled(
		"{ printf '4711 1795899007.5 write(1, \"'; head -c 10000000 /dev/zero | tr '\\0' "
		"'='; echo '\", 10000000) = 10000000 <0.1>'; cat log; } >long",
		"long");
	expect_stalled("{ head -c 100000 /dev/urandom; echo; cat log; head -c 1000 /dev/urandom; } "
		       ">odd",
		"odd");
	expect_stalled("sed 's/$/\\r/' log >dos", "dos");
	expect_stalled("head -c -30 log >cut", "cut");
	/* In another language. */
	expect_stalled(
		"{ cat log; echo '4711 1795899010.1 recvfrom(9, 0x7f, 9, 0, NULL, NULL) = -1 "
		"EAGAIN (Die Ressource ist zur Zeit nicht verf\303\274gbar) <0.000010>'; } "
		">german",
		"german");
	/* A clock that is set back by an hour in the middle, and nothing but it tells how long. */
	put_log("log", &forms[2]);
	expect_stalled("awk 'NR > 8 { $1 = sprintf(\"%.6f\", $1 - 3600) } 1' log >back", "back");
}

/* ---- logs from elsewhere, as they stand in public issues: their forms, with other numbers ---- */

static const struct elsewhere {
	const char *where, *log;
} elsewhere_table[] = {
	/* An X client's socket of which nothing is known; -r, old names of members. */
	{"vim/vim#2859",
		"     0.043794 recvfrom(3, \"\\1\\0\\v\\0\", 8, 0, NULL, NULL) = 8\n"
		"     0.024038 recvmsg(3, {msg_name(0)=NULL, msg_iov(1)=[{\"\\1\\0\\17\", 4096}], "
		"msg_controllen=0, msg_flags=0}, 0) = 32\n"
		"     0.024024 recvmsg(3, {msg_name(0)=NULL, msg_iov(1)=[{\"\\0\\3\\34\", 4096}], "
		"msg_controllen=0, msg_flags=0}, 0) = 32\n"
		"     0.000100 poll([{fd=3, events=POLLIN|POLLOUT}], 1, -1) = 1 ([{fd=3, "
		"revents=POLLOUT}])\n"},
	/* A static ARM program without any times; old struct forms; its own output in a line. */
	{"flok99/httping#25",
		"socket(PF_INET, SOCK_STREAM, IPPROTO_TCP) = 3\n"
		"connect(3, {sa_family=AF_INET, sin_port=htons(80), "
		"sin_addr=inet_addr(\"10.97.36.63\")}, 16) = 0\n"
		"send(3, \"HEAD / HTTP/1.0\\r\\n\\r\\n\", 19, 0) = 19\n"
		"_newselect(4, [3], NULL, NULL, {30, 0}) = 1 (in [3], left {29, 990089})\n"
		"read(3, \"HTTP/1.1 200 OK\"..., 4096) = 332\n"
		"getsockopt(3, SOL_TCP, TCP_INFO, \"\\10\\0\\0\\0\"..., [144]) = 0\n"
		"close(3)                                = 0\n"
		"writev(1, [{\"connected\"..., 73}, {NULL, 0}], 2connected to 10.97.36.63:80, 40.18 ms\n"
		") = 73\n"
		"nanosleep({1, 0}, 0x7fa84e10)           = 0\n"},
	/* A server that was attached to, with its threads, without times. */
	{"rsyslog/rsyslog#3728",
		"strace: Process 6325 attached with 3 threads\n"
		"[pid  6331] select(0, NULL, NULL, NULL, {tv_sec=578, tv_usec=995366} <unfinished "
		"...>\n"
		"[pid  6329] epoll_wait(11,  <unfinished ...>\n"
		"[pid  6325] restart_syscall(<... resuming interrupted poll ...> <unfinished ...>\n"
		"[pid  6329] <... epoll_wait resumed> [{EPOLLIN, {u32=402, u64=140320608096528}}], "
		"128, -1) = 1\n"
		"[pid  6329] accept(8, {sa_family=AF_INET, sin_port=htons(36463), "
		"sin_addr=inet_addr(\"10.0.1.2\")}, [128->16]) = 15\n"
		"[pid  6329] recvfrom(15, \"<13>\"..., 8192, MSG_DONTWAIT, NULL, NULL) = 80\n"
		"[pid  6329] recvfrom(15, 0x7f, 8192, MSG_DONTWAIT, NULL, NULL) = -1 EAGAIN (Resource "
		"temporarily unavailable)\n"},
	/* A client that connects without waiting. */
	{"sewenew/redis-plus-plus#327",
		"socket(AF_INET, SOCK_STREAM, IPPROTO_TCP) = 3\n"
		"fcntl(3, F_GETFL)                       = 0x2 (flags O_RDWR)\n"
		"fcntl(3, F_SETFL, O_RDWR|O_NONBLOCK)    = 0\n"
		"connect(3, {sa_family=AF_INET, sin_port=htons(6379), "
		"sin_addr=inet_addr(\"10.10.6.106\")}, 16) = -1 EINPROGRESS (Operation now in "
		"progress)\n"
		"poll([{fd=3, events=POLLOUT}], 1, -1)   = 1 ([{fd=3, revents=POLLOUT}])\n"
		"getsockopt(3, SOL_SOCKET, SO_ERROR, [0], [4]) = 0\n"
		"setsockopt(3, SOL_TCP, TCP_NODELAY, [1], 4) = 0\n"
		"write(3, \"*2\\r\\n\"..., 31)              = 31\n"
		"read(3, 0x7ffd, 16384) = -1 EAGAIN (Resource temporarily unavailable)\n"},
};

static void logs_from_elsewhere_are_no_false_alarm(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(elsewhere_table) / sizeof(*elsewhere_table); i++) {
		const json_t *one;
		json_t *root;
		size_t k;

		print_message("%s\n", elsewhere_table[i].where);
		capture_write(folder, "log", elsewhere_table[i].log, 0644);
		root = report("report --format json --from log");
		json_array_foreach(json_object_get(root, "findings"), k, one)
		{
			assert_int_not_equal(*text_of(one, "code"), 'N');
			assert_string_not_equal(text_of(one, "sure"), "proven");
		}
		json_decref(root);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(every_form_says_the_same, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_it_lacks_is_one_sentence, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_is_no_log_is_refused, set_up, tear_down),
		cmocka_unit_test_setup_teardown(an_import_is_a_recording, set_up, tear_down),
		cmocka_unit_test_setup_teardown(the_next_command_says_from, set_up, tear_down),
		cmocka_unit_test_setup_teardown(packed_logs_are_read, set_up, tear_down),
		cmocka_unit_test_setup_teardown(each_thread_may_have_its_file, set_up, tear_down),
		cmocka_unit_test_setup_teardown(lines_may_be_anything, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			logs_from_elsewhere_are_no_false_alarm, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
