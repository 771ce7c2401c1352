/* `sockfix metrics`: its text, its file, its server, and what it says where one of them cannot be.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/helper/capture.h"
#include "tests/helper/launch.h"
#include "tests/helper/must.h"
#include "tests/helper/need.h"
#include "tests/helper/own.h"

static struct capture capture;
static char *folder, *sockfix;

static int set_up(void **state)
{
	(void)state;
	folder = capture_folder_new();
	sockfix = build_path("sockfix");
	capture = (struct capture){.env = capture_clean, .dir = folder};
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	capture_free(&capture);
	capture_folder_free(folder);
	free(sockfix);
	return 0;
}

/* A line of sh, where $S is the command. */
static void shell(const char *line, int status, const char *out, const char *err)
{
	char *whole = must_print("S=%s\n%s", sockfix, line);

	capture_run(&capture, (const char *[]){"bash", "-c", whole, NULL});
	free(whole);
	if (err)
		assert_string_equal(capture.err, err);
	if (out)
		assert_string_equal(capture.out, out);
	assert_int_equal(capture.status, status);
}

/* ---- the text ---- */

/* A parser of the format as its page has it: each family once, its help and type before its
 * samples, no sample twice, buckets that only grow up to the count. */
static const char parse[] =
	"import re, sys\n"
	"label = r'[a-zA-Z_]\\w*=\"(?:[^\"\\\\\\n]|\\\\[\\\\\"n])*\"'\n"
	"types, samples, buckets, told = {}, {}, {}, None\n"
	"text = sys.stdin.read()\n"
	"assert text.endswith('\\n')\n"
	"for line in text[:-1].split('\\n'):\n"
	"    if line.startswith('# HELP '):\n"
	"        told = line.split(' ')[2]\n"
	"        assert told not in types, line\n"
	"    elif line.startswith('# TYPE '):\n"
	"        name, kind = line.split(' ')[2:]\n"
	"        assert name == told, line\n"
	"        types[name] = kind\n"
	"    else:\n"
	"        m = re.fullmatch(r'(\\w+)(\\{' + label + '(?:,' + label + r')*\\})? (\\S+)', line)\n"
	"        assert m, line\n"
	"        base = re.sub('_(bucket|sum|count)$', '', m[1]) if types[told] == 'histogram' else m[1]\n"
	"        assert base == told, line\n"
	"        assert (types[told] == 'counter') == m[1].endswith('_total'), line\n"
	"        assert (m[1], m[2]) not in samples, line\n"
	"        samples[m[1], m[2]] = float(m[3])\n"
	"        if m[1].endswith('_bucket'):\n"
	"            key = re.sub(',le=.*', '}', m[2])\n"
	"            assert buckets.get(key, 0) <= float(m[3]), line\n"
	"            buckets[key] = float(m[3])\n"
	"for key, count in buckets.items():\n"
	"    assert samples['sockfix_turn_seconds_count', key] == count\n"
	"print(sorted(types))\n"
	"print(sum(v for (n, l), v in samples.items() if n == 'sockfix_processes' and\n"
	"          re.search('program=\"' + sys.argv[1] + '\"', l)))\n"
	"print(sorted({l.split(',')[0] for n, l in samples if n == 'sockfix_turn_seconds_count' and\n"
	"              re.search('program=\"' + sys.argv[1] + '\"', l)}))\n";

/* The program's name is one that the format has an opinion of, too. */
static const char talker[] = "import os, socket, sys, threading\n"
			     "open('/proc/self/comm', 'w').write('met\"r%s' % sys.argv[1])\n"
			     "s = socket.create_server(('127.0.0.1', 0))\n"
			     "c = socket.create_connection(s.getsockname())\n"
			     "d = s.accept()[0]\n"
			     "for _ in range(3):\n"
			     "    c.sendall(b'x'); d.recv(1); d.sendall(b'y'); c.recv(1)\n"
			     "c.close()\n"
			     "open('ready', 'w').close()\n"
			     "sys.stdin.read()\n";

#define FAMILIES                                                                                   \
	"['sockfix_build_info', 'sockfix_connections', 'sockfix_holdout_connections_total', "      \
	"'sockfix_holds_late_seconds_total', 'sockfix_holds_late_total', "                         \
	"'sockfix_options_refused_total', 'sockfix_processes', 'sockfix_processes_unseen', "       \
	"'sockfix_sockets_total', 'sockfix_turn_seconds', 'sockfix_turn_squared_seconds_total', "  \
	"'sockfix_writes_held_total']\n"

/* What follows runs while the talker has said all and waits; it ends with the descriptor. */
#define BEGIN                                                                                      \
	"mkfifo life; $S run -r half.conf -- python3 -S talker.py $$ <life & exec 3>life\n"        \
	"until [ -e ready ]; do sleep 0.02; done\n"

static void write_talker(void)
{
	capture_write(folder, "parse.py", parse, 0644);
	capture_write(folder, "talker.py", talker, 0644);
	capture_write(folder, "half.conf",
		"drawn: { match: { role = \"any\"; }; holdout = 50; set: { tcp_nodelay = true; }; "
		"};\n",
		0644);
}

static void the_text_is_as_its_format_says(void **state)
{
	(void)state;
	write_talker();
	shell(BEGIN "$S metrics >text; exec 3>&-; wait\n"
		    "python3 parse.py 'met\\\\\"r'$$ <text",
		0, FAMILIES "1.0\n['{rule=\"drawn\"']\n", "");
}

/* With nobody there it is the same, less the samples. */
static void nobody_is_fine_too(void **state)
{
	(void)state;
	write_talker();
	shell("$S metrics | python3 parse.py none", 0, FAMILIES "0\n[]\n", "");
}

static void a_full_screen_is_said(void **state)
{
	(void)state;
	shell("$S metrics 2>err >/dev/full; s=$?; cut -c 1-31 err; exit $s", 2,
		"sockfix: cannot write to stdout\n", "");
}

/* ---- arguments ---- */

static void arguments_that_cannot_be(void **state)
{
	static const struct {
		const char *line, *says;
	} row[] = {
		{"metrics x", "'x' is one word too many"},
		{"metrics --listen", "--listen needs a value: ADDR:PORT"},
		{"metrics --listen localhost:80",
			"--listen takes ADDR:PORT with an address, not a name, or a port: not "
			"'localhost:80'"},
		{"metrics --listen 1.2.3.4:99999",
			"--listen takes ADDR:PORT with an address, not a name, or a port: not "
			"'1.2.3.4:99999'"},
		{"metrics --listen 1 --textfile x", "--textfile and --listen do not go together"},
		{"metrics --every 5", "--every goes with --textfile"},
		{"metrics --textfile x --every 0", "--every takes seconds, 1 to 86400, not '0'"},
		{"metrics --textfile x --every 1m", "--every takes seconds, 1 to 86400, not '1m'"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(*row); i++) {
		char *err = must_print(
			"sockfix: metrics: %s; see sockfix metrics --help\n", row[i].says);

		capture_sockfix(&capture, row[i].line);
		assert_string_equal(capture.err, err);
		assert_int_equal(capture.status, 2);
		free(err);
	}
	shell("ls", 0, "", "");
}

/* ---- the file ---- */

static void the_file_is_for_everybody(void **state)
{
	(void)state;
	write_talker();
	shell("umask 077; echo old >f.prom; chmod 600 f.prom; $S metrics --textfile f.prom\n"
	      "stat -c %a f.prom; ls; python3 parse.py none <f.prom",
		0, "644\nf.prom\nhalf.conf\nparse.py\ntalker.py\n" FAMILIES "0\n[]\n", "");
}

static void what_is_no_plain_file_stays(void **state)
{
	(void)state;
	shell("mkdir d; $S metrics --textfile d", 2, "",
		"sockfix: d is no plain file: nothing was written\n");
	shell("mkfifo p; $S metrics --textfile p; echo $?; echo x >x; ln -s x l; "
	      "$S metrics --textfile l; cat l; ls",
		0, "2\nx\nd\nl\np\nx\n",
		"sockfix: p is no plain file: nothing was written\n"
		"sockfix: l is no plain file: nothing was written\n");
	shell("$S metrics --textfile no/f", 2, "",
		"sockfix: cannot write no/f: No such file or directory; it is as it was\n");
}

/* A link that somebody has put beside it is not followed; what a killed one has left is no more. */
static void what_lies_beside_is_not_followed(void **state)
{
	(void)state;
	shell("echo mine >mine; sh -c 'ln -s mine f.$$.new; exec $0 metrics --textfile f' $S && "
	      "cat mine && ls",
		0, "mine\nf\nmine\n", "");
}

/* What another one is writing stays its own. */
static void two_may_write_it(void **state)
{
	(void)state;
	shell("echo half >f.new; echo half >f.1.new; $S metrics --textfile f && "
	      "cat f.new f.1.new",
		0, "half\nhalf\n", "");
}

static void a_full_disk_leaves_the_old_one(void **state)
{
	(void)state;
	need("mounts");
	shell("mkdir m; " OWN_MOUNTS "sh -c \"mount -t tmpfs -o size=8k none m; echo old >m/f; "
	      "head -c 4096 /dev/zero >m/rest; $S metrics --textfile m/f; echo \\$?; cat m/f; ls m; "
	      "mount -o remount,ro m; $S metrics --textfile m/f; cat m/f\"",
		0, "2\nold\nf\nrest\nold\n",
		"sockfix: cannot write m/f: No space left on device; it is as it was\n"
		"sockfix: cannot write m/f: Read-only file system; it is as it was\n");
}

/* What has ended stays counted by who has seen it. */
static void who_goes_on_remembers(void **state)
{
	(void)state;
	write_talker();
	shell(BEGIN "timeout 100 $S metrics --textfile f --every 1 3>&- & every=$!\n"
		    "sum() { sed -n 's/^sockfix_sockets_total.*met..r'$$'.* //p' f 2>/dev/null; }\n"
		    "until [ \"$(sum)\" = 3 ]; do sleep 0.05; done\n"
		    "exec 3>&-; wait %1\n"
		    "until ! grep -q '^sockfix_processes{.*met..r'$$ f; do sleep 0.05; done\n"
		    "sum; kill $every; $S metrics >f; sum",
		0, "3\n", "");
}

/* ---- the server ---- */

/* Plain sockets, so that each byte is what it says. */
static const char visits[] =
	"import atexit, os, re, signal, socket, subprocess, sys, time\n"
	"server = subprocess.Popen([sys.argv[1], 'metrics', '--listen', '0'], stderr=subprocess.PIPE,\n"
	"                          text=True)\n"
	"atexit.register(server.kill)\n"
	"line = server.stderr.readline()\n"
	"m = re.fullmatch(r'sockfix: metrics are at http://127.0.0.1:(\\d+)/metrics\\n', line)\n"
	"at = '127.0.0.1', int(m[1])\n"
	"def answer(c):\n"
	"    got = b''\n"
	"    while True:\n"
	"        part = c.recv(65536)\n"
	"        if not part:\n"
	"            return got\n"
	"        got += part\n"
	"def ask(*parts):\n"
	"    c = socket.create_connection(at)\n"
	"    for part in parts:\n"
	"        c.sendall(part)\n"
	"        time.sleep(0.02 if len(parts) > 1 else 0)\n"
	"    return answer(c)\n"
	"def head(got):\n"
	"    h, _, body = got.partition(b'\\r\\n\\r\\n')\n"
	"    n = int(re.search(rb'Content-Length: (\\d+)', h)[1])\n"
	"    print(h.split(b'\\r\\n')[0].decode(), n == len(body) or len(body))\n"
	"    return body\n"
	"get = b'GET /metrics HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n'\n"
	"open('got', 'wb').write(head(ask(get)))\n"
	"head(ask(get[:3], get[3:20], get[20:]))\n"
	"head(ask(get + b'left over' * 1000))\n"
	"head(ask(b'HEAD /metrics HTTP/1.1\\r\\n\\r\\n'))\n"
	"for bad in (b'GET / HTTP/1.1\\r\\n\\r\\n', b'PUT /metrics HTTP/1.1\\r\\n\\r\\n', b'\\x16\\x03\\n\\n',\n"
	"            b'GET /' + b'x' * 4096):\n"
	"    head(ask(bad))\n"
	/* More than it has room for say nothing. The eldest of them make room: the last are there
	 * still when somebody is answered. Once more where this machine was slow: none is there for
	 * long. */
	"def there(c):\n"
	"    try:\n"
	"        return c.recv(1, socket.MSG_DONTWAIT) is None\n"
	"    except BlockingIOError:\n"
	"        return True\n"
	"    except ConnectionResetError:\n"
	"        return False\n"
	"for _ in range(9):\n"
	"    dumb = [socket.create_connection(at) for _ in range(64)]\n"
	"    for d in dumb[56::2]:\n"
	"        d.sendall(b'GET /met')\n"
	"    late = socket.create_connection(at)\n"
	"    late.sendall(get[:9])\n"
	"    got = ask(get)\n"
	"    if there(dumb[60]) and there(late):\n"
	"        break\n"
	"head(got)\n"
	"print(there(dumb[60]), there(late))\n"
	/* Time that it needed itself is nobody's slowness. */
	"server.send_signal(signal.SIGSTOP)\n"
	"time.sleep(5.2)\n"
	"late.sendall(get[9:])\n"
	"server.send_signal(signal.SIGCONT)\n"
	"head(answer(late))\n"
	"print(sum(answer(d) == b'' for d in dumb))\n"
	/* Who goes away in the middle hurts nobody; nor does who resets. */
	"import struct\n"
	"for _ in range(50):\n"
	"    c = socket.create_connection(at)\n"
	"    c.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))\n"
	"    c.sendall(get)\n"
	"    c.close()\n"
	"head(ask(get))\n"
	"print(len(os.listdir('/proc/%d/fd' % server.pid)) < 8)\n"
	"other = subprocess.run([sys.argv[1], 'metrics', '--listen', '%d' % at[1]],\n"
	"                       stderr=subprocess.PIPE, text=True)\n"
	"print(other.returncode, other.stderr.replace(str(at[1]), 'N'), end='')\n"
	"server.terminate()\n"
	"print(server.wait() == -signal.SIGTERM)\n";

static void the_server_answers_whoever_asks(void **state)
{
	(void)state;
	write_talker();
	capture_write(folder, "visits.py", visits, 0644);
	shell("python3 visits.py $S; python3 parse.py none <got", 0,
		"HTTP/1.1 200 OK True\n"
		"HTTP/1.1 200 OK True\n"
		"HTTP/1.1 200 OK True\n"
		"HTTP/1.1 200 OK 0\n"
		"HTTP/1.1 404 Not Found True\n"
		"HTTP/1.1 405 Method Not Allowed True\n"
		"HTTP/1.1 400 Bad Request True\n"
		"HTTP/1.1 431 Request Header Fields Too Large True\n"
		"HTTP/1.1 200 OK True\n"
		"True True\n"
		"HTTP/1.1 200 OK True\n"
		"64\n"
		"HTTP/1.1 200 OK True\n"
		"True\n"
		"2 sockfix: cannot listen on N: Address already in use\n"
		"True\n" FAMILIES "0\n[]\n",
		"");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(the_text_is_as_its_format_says),
		TEST(nobody_is_fine_too),
		TEST(a_full_screen_is_said),
		TEST(arguments_that_cannot_be),
		TEST(the_file_is_for_everybody),
		TEST(what_is_no_plain_file_stays),
		TEST(what_lies_beside_is_not_followed),
		TEST(two_may_write_it),
		TEST(a_full_disk_leaves_the_old_one),
		TEST(who_goes_on_remembers),
		TEST(the_server_answers_whoever_asks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
