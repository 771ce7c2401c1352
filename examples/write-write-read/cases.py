#!/usr/bin/env python3
"""cases.py SOCKFIX FOLDER TURNS RUNS: every case bare, with TCP_NODELAY set from outside, and with
sockfix, in turns; prints one table. `cases.py SOCKFIX FOLDER TURNS --report CLIENT` records one
client of the list and prints what sockfix says of it.

It must run in a network namespace of its own, where all ports are free and the kernel's counter of
segments counts nothing else, and in a process namespace that ends with it. FOLDER holds what
run.sh made: Lines.class, and sshd's keys and configuration.
"""
import collections
import os
import statistics
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
SOCKFIX, FOLDER, TURNS = sys.argv[1], sys.argv[2], int(sys.argv[3])
PYTHON = "/usr/bin/python3"
PORT = 9000   # of every server
PROXY = 9001  # of HAProxy, and of the client's way in when it is there
ARMS = {
    "bare": [],
    "NODELAY": [SOCKFIX, "run", "-s", "tcp_nodelay=true", "-s", "coalesce=off", "--"],
    "sockfix": [SOCKFIX, "run", "-r", f"{HERE}/write-write-read.conf", "--"],
}


def server(kind):
    return [PYTHON, f"{HERE}/server.py", kind, str(PORT)]


def client(interpreter, script, port=PORT, turns=TURNS):
    return [interpreter, f"{HERE}/clients/{script}", str(port), str(turns)]


def wget():
    urls = [f"http://127.0.0.1:{PORT}/{turn}" for turn in range(TURNS)]
    return ["wget", "-q", "--no-config", "--no-proxy", "-O", f"{FOLDER}/pages",
            "--post-data=a=b"] + urls


BEANSTALKD = ["beanstalkd", "-l", "127.0.0.1", "-p", str(PORT)]
HTTP_SERVER = [PYTHON, f"{HERE}/clients/http_server.py", str(PORT)]
SSHD = ["/usr/sbin/sshd", "-D", "-e", "-f", f"{FOLDER}/sshd_config"]
HAPROXY = [SOCKFIX, "run", "-r", f"{HERE}/haproxy-nagle.conf", "--",
           "/usr/sbin/haproxy", "-db", "-q", "-f", f"{HERE}/haproxy.cfg"]
JAVA = ["java", "-Xshare:auto", "-cp", FOLDER, "Lines", str(PORT), str(TURNS)]
KEYS = client(PYTHON, "keys.py", turns=10 * TURNS) + [f"{FOLDER}/key"]
# Which side is mended: "client", "server", or "argument": keys.py starts ssh itself, for it makes
# the terminal.
Case = collections.namedtuple("Case", "name server client side turns", defaults=["client", TURNS])
CASES = [
    Case("POST, HTTP::Tiny", server("http"), client("perl", "post.pl")),
    Case("POST, wget", server("http"), wget()),
    Case("POST, Ruby, as it was", server("http"), client("ruby", "post.rb")),
    Case("mail, net/smtp", server("smtp"), client("ruby", "mail.rb")),
    Case("APPEND, net/imap", server("imap"), client("ruby", "append.rb")),
    Case("PHP to beanstalkd", BEANSTALKD, client("php", "put.php")),
    Case("Java, no buffer", server("lines"), JAVA),
    Case("http.server answers", HTTP_SERVER, client(PYTHON, "get.py"), "server"),
    Case("writer, reader thread", server("lines"), client(PYTHON, "threads.py")),
    Case("POST through HAProxy", server("http"), client("perl", "post.pl", PROXY)),
    Case("10 stats of 50 bytes", server("sink"), client(PYTHON, "stats.py")),
    Case("ssh, a keystroke", SSHD, KEYS, "argument", 10 * TURNS),
]


def listens(port):
    """Whether a socket of this namespace listens on that port: proc(5), state 0A."""
    for name in ("/proc/net/tcp", "/proc/net/tcp6"):
        with open(name, encoding="ascii") as table:
            for line in list(table)[1:]:
                word = line.split()
                if word[3] == "0A" and int(word[1].split(":")[1], 16) == port:
                    return True
    return False


def start(command, port):
    """Starts a server and waits until it listens."""
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
    for _ in range(1000):
        if listens(port):
            return process
        if process.poll() is not None:
            break
        time.sleep(0.01)
    raise SystemExit(f"cases.py: {' '.join(command)}: does not listen")


def stop(process):
    process.terminate()
    process.wait()
    process.stdin.close()


def segments():
    """TCP segments that this namespace sent so far, on either side: OutSegs of proc(5)."""
    with open("/proc/net/snmp", encoding="ascii") as table:
        names, values = [line.split() for line in table if line.startswith("Tcp:")]
    return int(values[names.index("OutSegs")])


def run(case, arm):
    """Seconds, segments, and what else the client said."""
    prefix = ARMS[arm]
    serve = prefix + case.server if case.side == "server" else case.server
    ask = {"client": prefix + case.client, "server": case.client,
           "argument": case.client + prefix}[case.side]
    servers = [start(serve, PORT)]
    if str(PROXY) in ask:
        servers.append(start(HAPROXY, PROXY))
    before, began = segments(), time.monotonic()
    done = subprocess.run(ask, stdout=subprocess.PIPE, text=True, check=False)
    seconds, after = time.monotonic() - began, segments()
    for process in reversed(servers):
        stop(process)
    if done.returncode != 0:
        raise SystemExit(f"cases.py: {case.name}, {arm}: {done.stdout} exit {done.returncode}")
    said = done.stdout.split()  # nothing, from wget
    return float(said[0]) if said else seconds, after - before, said[1:]


def say(what):
    if sys.stderr.isatty():
        print(f"\r{what}\033[K\r", end="", file=sys.stderr, flush=True)


def table(runs):
    head = "".join(f"{arm:>9}" for arm in ARMS)
    print(f"  {'':22} {'turns':>5}  {'seconds':<27}  segments")
    print(f"  {'':22} {'':5}  {head} {head}")
    for case in CASES:
        got = {arm: [] for arm in ARMS}
        for _ in range(runs):
            for arm, results in got.items():
                say(f"  {case.name}, {arm} ...")
                results.append(run(case, arm))
        times, counts = ([statistics.median(result[at] for result in got[arm]) for arm in ARMS]
                         for at in (0, 1))
        print(f"  {case.name:22} {case.turns:5}  " + "".join(f"{time:9.2f}" for time in times) + " "
              + "".join(f"{count:9.0f}" for count in counts), flush=True)
    p50 = {arm: statistics.median(float(result[2][0]) for result in got[arm]) for arm in ARMS}
    print("\n  a keystroke's echo, p50: " + ", ".join(f"{arm} {p50[arm]:.2f} ms" for arm in ARMS))


def report(name):
    case = next((case for case in CASES if any(name in word for word in case.client)), None)
    if not case:
        raise SystemExit(f"cases.py: no client is called {name}")
    process = start(case.server, PORT)
    done = subprocess.run([SOCKFIX, "record", "-q", "-o", f"{FOLDER}/run", "--"] + case.client,
                          stdout=subprocess.DEVNULL, check=False)
    if done.returncode == 0:
        done = subprocess.run([SOCKFIX, "report", f"{FOLDER}/run"], check=False)
    stop(process)
    sys.exit(done.returncode)


if __name__ == "__main__":
    if sys.argv[4] == "--report":
        report(sys.argv[5])
    else:
        table(int(sys.argv[4]))
