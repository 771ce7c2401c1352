"""Scenes for test_mend.c: a server, a client in a process of its own, and `sockfix mend` at it.

mend_scenes.py SOCKFIX SCENE prints what mend said, with what differs from run to run replaced by a
word, and what was seen of the sockets."""

import ctypes
import os
import re
import select
import signal
import socket
import subprocess
import sys
import threading
import time

SOCKFIX, SCENE = sys.argv[1], sys.argv[2]
NODELAY = (socket.IPPROTO_TCP, socket.TCP_NODELAY)
KEEPIDLE = (socket.IPPROTO_TCP, socket.TCP_KEEPIDLE)
USER_TIMEOUT = (socket.IPPROTO_TCP, 18)
OF_CHILD = signal.SIGKILL
libc = ctypes.CDLL(None, use_errno=True)


def child(what, uid=0, before=None):
    """Forks: what(tell, hear) runs there, with lines to us and from us. Returns pid, hear, tell."""
    up, down = os.pipe(), os.pipe()
    pid = os.fork()
    if pid == 0:
        libc.prctl(1, OF_CHILD)
        threading.excepthook = lambda hook: None  # at the end the other side just goes
        os.close(up[0])
        os.close(down[1])
        if before:
            before()
        if uid:
            os.setgid(uid)
            os.setuid(uid)
        lines = os.fdopen(down[0])
        try:
            what(lambda text: os.write(up[1], (text + "\n").encode()), lambda: lines.readline().strip())
        finally:
            os._exit(0)
    os.close(up[1])
    os.close(down[0])
    lines = os.fdopen(up[0])
    return pid, lambda: lines.readline().strip(), lambda text: os.write(down[1], (text + "\n").encode())


def listen(port=0):
    s = socket.socket()
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.bind(("127.0.0.1", port))
    s.listen(200)
    return s


def answer(c):
    """An answer for each 200 bytes, after which a line ends."""
    count = 0
    while True:
        got = c.recv(65536)
        if not got:
            return
        before, count = count, count + len(got)
        for _ in range(count // 200 - before // 200):
            c.sendall(b"ok\n")


def serve(s, habit):
    def accept():
        while True:
            c, _ = s.accept()
            threading.Thread(target=habit, args=(c,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()


def drain(c):
    while c.recv(1 << 20):
        pass


def think(c):
    while c.recv(65536):
        time.sleep(0.3)
        c.sendall(b"ok\n")


def dial(at):
    return socket.create_connection(at)


def stall(c):
    while True:
        c.sendall(b"a" * 100)
        c.sendall(b"b" * 100)
        c.recv(3)


def ask_slow(c):
    while True:
        c.sendall(b"question\n")
        c.recv(3)


def send_much(c):
    while True:
        c.sendall(b"x" * 100000)
        time.sleep(0.002)


def send_little(c):
    while True:
        c.send(b"x" * 50)
        time.sleep(0.0002)


def thread(habit, c):
    threading.Thread(target=habit, args=(c,), daemon=True).start()


def server(habit, port=0):
    """In a process of its own. Returns its address."""
    s = listen(port)

    def what(tell, hear):
        serve(s, habit)
        hear()

    child(what)
    at = s.getsockname()
    s.close()
    return at


def words(text, pid):
    text = re.sub(r"\b%d\b" % pid, "PID", text) if pid else text
    out = []
    for line in text.splitlines():
        line = re.sub(r"^PID .*   user .*$", "", line)
        line = re.sub(r"^  (:\d+ from )?127\.0\.0\.1:\d+ +", lambda m: (":PORT from " if m[1] else "") + "PORT ", line)
        line = re.sub(r"^to put it back: sockfix mend --undo .*", "undo", line)
        line = re.sub(r"\d+ answers a second before, \d+ after", "answers", line)
        line = re.sub(r"so_sndbuf (is )?\d+", r"so_sndbuf \1N", line)
        line = re.sub(r"tcp_congestion (is )?[a-z]+", r"tcp_congestion \1WORD", line)
        line = re.sub(r"\.?/?\S*(rules\.conf|passwd):", "FILE:", line)
        if line:
            out.append(line)
    return "\n".join(out)


def mend(pid, *options, uid=0, by=(), sort=False):
    """sort: connections come in no order."""
    command = list(by) + [SOCKFIX, "mend"] + (["-p", str(pid)] if pid else []) + list(options)
    done = subprocess.run(command, capture_output=True, text=True, user=uid or None, group=uid or None)
    text = words(done.stdout + done.stderr, pid)
    print("\n".join(sorted(text.splitlines(), key=lambda line: (line[:4] != "PORT", "left" not in line)))
          if sort else text)
    print("exit", done.returncode)
    undo = re.search(r"--undo (\S+)", done.stdout)
    return undo[1] if undo else None


def option_of(pid, fd, option):
    process = os.pidfd_open(pid)
    ours = libc.syscall(438, process, fd, 0)
    os.close(process)
    s = socket.socket(fileno=ours)
    value = s.getsockopt(*option)
    s.close()
    return value


def one_of_many():
    servers = [server(h) for h in (answer, drain, drain, think)]

    def client(tell, hear):
        of = {}
        for i in range(100):
            of["idle%d" % i] = dial(servers[0])
        for i in range(2):
            thread(send_much, of.setdefault("much%d" % i, dial(servers[1])))
            thread(send_little, of.setdefault("little%d" % i, dial(servers[2])))
        for i in range(5):
            thread(ask_slow, of.setdefault("slow%d" % i, dial(servers[3])))
        thread(stall, of.setdefault("stalled", dial(servers[0])))
        time.sleep(0.5)
        tell("ready")
        hear()
        tell(" ".join(n for n in of if of[n].getsockopt(*NODELAY)) or "none")

    pid, hear, tell = child(client)
    hear()
    mend(pid, "--once")
    tell("say")
    print("nodelay:", hear())


def nothing_stalls():
    servers = [server(h) for h in (answer, drain, think)]

    def client(tell, hear):
        all = [dial(s) for s in servers]
        thread(send_little, all[1])
        thread(ask_slow, all[2])
        tell("ready")
        hear()
        tell("some" if any(s.getsockopt(*NODELAY) for s in all) else "none")

    pid, hear, tell = child(client)
    hear()
    mend(pid, "--once")
    tell("say")
    print("nodelay:", hear())


def sleeper(count, option=None, address=None, uid=0, before=None):
    """A client that holds connections which do nothing, numbers told. Returns pid, fds, say."""

    def client(tell, hear):
        all = []

        def more():
            all.append(dial(address or here))
            tell(str(all[-1].fileno()))

        here = address
        for _ in range(count):
            more()
        while True:
            word = hear()
            if word == "more":
                more()
            elif word.startswith("set"):
                all[0].setsockopt(*USER_TIMEOUT, int(word.split()[1]))
                tell("set")
            elif not word or word == "end":
                return

    pid, hear, tell = child(client, uid, before)
    fds = [int(hear()) for _ in range(count)]
    return pid, fds, lambda word: (tell(word), hear())[1]


LINGER = (socket.SOL_SOCKET, socket.SO_LINGER)
SNDBUF = (socket.SOL_SOCKET, socket.SO_SNDBUF)
TOS = (socket.IPPROTO_IP, socket.IP_TOS)
PRIORITY = (socket.SOL_SOCKET, socket.SO_PRIORITY)
BUF_LOCK = (socket.SOL_SOCKET, 72)


def options_and_back():
    pid, fds, say = sleeper(1, address=server(answer))
    all = (USER_TIMEOUT, LINGER, SNDBUF, TOS, PRIORITY, BUF_LOCK)
    before = [option_of(pid, fds[0], o) for o in all]
    undo = mend(pid, "--once", *(w for o in ("so_sndbuf=64K", "tcp_user_timeout=30s", "so_linger=5s",
                "tcp_congestion=reno", "ip_tos=16", "tcp_maxseg=1000") for w in ("-s", o)))
    after = [option_of(pid, fds[0], o) for o in all]
    print("as set" if (after[0], after[2], after[3]) == (30000, 131072, 16) and after[1] else after)
    say("set 7000")
    mend(0, "--undo", undo)
    now = [option_of(pid, fds[0], o) for o in all]
    print("as before, but for one" if now[1:] == before[1:] and now[0] == 7000 else (before, now))
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    mend(0, "--undo", undo)


def only_looks():
    pid, fds, say = sleeper(1, address=server(answer))
    mend(pid, "-n", "-s", "tcp_user_timeout=30s")
    print("as before" if option_of(pid, fds[0], USER_TIMEOUT) == 0 else "touched")


def rules_leave_alone():
    one, other = server(answer), server(answer)

    def client(tell, hear):
        all = [dial(one), dial(other)]
        tell(" ".join(str(s.fileno()) for s in all))
        hear()

    pid, hear, tell = child(client)
    fds = [int(w) for w in hear().split()]
    with open("rules.conf", "w") as f:
        f.write('leave_alone = ( { port = %d; } );\nmine: { match: { role = "client"; }; '
                'set: { tcp_keepidle = "60s"; }; };\n' % one[1])
    mend(pid, "--once", "-r", "rules.conf", sort=True)
    print("set on:", *(n for n, fd in zip(("first", "second"), fds) if option_of(pid, fd, KEEPIDLE) == 60))


def one_message_a_segment():
    s = server(answer, 502)

    def client(tell, hear):
        c = dial(s)
        thread(stall, c)
        time.sleep(0.5)
        tell("ready")
        hear()

    pid, hear, tell = child(client)
    hear()
    with open("rules.conf", "w") as f:
        f.write('mine: { match: { port = 502; }; set: { tcp_nodelay = true; }; };\n')
    mend(pid, "--once")
    mend(pid, "--once", "-s", "tcp_nodelay=true")
    mend(pid, "--once", "-r", "rules.conf")


def wait_until(what):
    for _ in range(2000):
        if what():
            return True
        time.sleep(0.01)
    return False


def connections_that_come_later():
    pid, fds, say = sleeper(1, address=server(answer))
    running = subprocess.Popen([SOCKFIX, "mend", "-p", str(pid), "--once", "-q", "-s", "tcp_keepidle=60s"],
                               stdout=subprocess.DEVNULL)
    wait_until(lambda: option_of(pid, fds[0], KEEPIDLE) == 60)
    fds.append(int(say("more")))
    running.wait()
    names = ("first", "second", "third")
    print("once:", *(n for n, fd in zip(names, fds) if option_of(pid, fd, KEEPIDLE) == 60))
    running = subprocess.Popen([SOCKFIX, "mend", "-p", str(pid), "-q", "-s", "tcp_keepidle=60s"],
                               stdout=subprocess.DEVNULL)
    wait_until(lambda: option_of(pid, fds[1], KEEPIDLE) == 60)
    fds.append(int(say("more")))
    wait_until(lambda: option_of(pid, fds[2], KEEPIDLE) == 60)
    print("while it runs:", *(n for n, fd in zip(names, fds) if option_of(pid, fd, KEEPIDLE) == 60))
    running.send_signal(signal.SIGINT)
    print("exit", running.wait())


def a_stream_gets_nagle_back():
    def habit(c):
        """An answer to each line that ends in a question mark."""
        while True:
            got = c.recv(65536)
            if not got:
                return
            c.sendall(b"ok\n" * got.count(b"?"))

    at = server(habit)

    def client(tell, hear):
        c = dial(at)
        habit = [""]

        def work():
            while True:
                if habit[0] == "stall":
                    c.sendall(b"a" * 100)
                    c.sendall(b"b" * 99 + b"?")
                    c.recv(3)
                elif habit[0] == "stream":
                    c.sendall(b"x" * 50)
                    time.sleep(0.0005)
                else:
                    return

        tell(str(c.fileno()))
        while True:
            word = hear()
            if word == "own":
                c.setsockopt(*NODELAY, 1)
                tell("set")
                continue
            habit[0] = word
            if not word:
                return
            if not any(t.name == "work" for t in threading.enumerate()):
                threading.Thread(target=work, name="work", daemon=True).start()

    pid, hear, tell = child(client)
    fd = int(hear())
    running = subprocess.Popen([SOCKFIX, "mend", "-p", str(pid)], stdout=subprocess.PIPE, text=True)
    running.stdout.readline()

    def goes_on(habit):
        tell(habit)
        while True:
            line = words(running.stdout.readline(), pid)
            if "answers" not in line:
                break
        print("%ss: %s" % (habit, line))

    for habit in ("stall", "stream", "stall"):
        goes_on(habit)
    print("nodelay:", option_of(pid, fd, NODELAY))
    goes_on("stream")
    running.send_signal(signal.SIGINT)
    undo = re.search(r"--undo (\S+)", running.communicate()[0])[1]
    tell("own")
    hear()
    done = subprocess.run([SOCKFIX, "mend", "--undo", undo], capture_output=True, text=True)
    print("its own:", words(done.stdout, 0).splitlines()[0])
    print("nodelay:", option_of(pid, fd, NODELAY))


THEN = """import socket, sys, time
c = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
sys.stdin.readline()"""


def another_program_there():
    at = server(answer)
    with open("then.py", "w") as f:
        f.write(THEN)
    with open("rules.conf", "w") as f:
        f.write('leave_alone = ( { script = "then.py"; } );\nmine: { match: { role = "client"; }; '
                'set: { tcp_keepidle = "60s"; }; };\n')
    then = ["/usr/bin/python3", "then.py", str(at[1])]
    for command in (then, [SOCKFIX, "run", "--"] + then):

        def client(tell, hear):
            c = dial(at)
            c.set_inheritable(True)
            tell("ready")
            hear()
            os.dup2(os.open("hold", os.O_RDWR), 0)
            os.execv(command[0], command)

        if not os.path.exists("hold"):
            os.mkfifo("hold")
        pid, hear, tell = child(client)
        hear()
        running = subprocess.Popen([SOCKFIX, "mend", "-p", str(pid), "-r", "rules.conf"], text=True,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        running.stdout.readline()
        print(words(running.stdout.readline(), pid))
        tell("go")
        if command == then:
            print(words(running.stdout.readline(), pid))
            print(words(running.stdout.readline(), pid))
            running.send_signal(signal.SIGINT)
        print(words(running.stderr.read(), pid), end="\n" if command != then else "")
        print("exit", running.wait())
        os.kill(pid, signal.SIGKILL)


def what_a_server_accepted():
    s = listen()

    def accepts(tell, hear):
        tell("ready")
        c, _ = s.accept()
        hear()

    pid, hear, tell = child(accepts)
    hear()
    c = dial(s.getsockname())
    with open("rules.conf", "w") as f:
        f.write('mine: { match: { role = "server"; port = %d; }; set: { tcp_nodelay = true; }; };\n'
                % s.getsockname()[1])
    wait_until(lambda: any("socket:" in os.readlink("/proc/%d/fd/%s" % (pid, fd)) for fd in
                           set(os.listdir("/proc/%d/fd" % pid)) - {str(s.fileno())}))
    mend(pid, "--once", "-r", "rules.conf")


def killed_at_any_moment():
    """Each close is waited for, so that one which is held back would end the rounds."""
    s = listen()
    at = s.getsockname()
    ends = os.pipe()

    def habit(c):
        while c.recv(100):
            pass
        os.write(ends[1], b"x")

    def what(tell, hear):
        serve(s, habit)
        hear()

    child(what)
    s.close()

    def client(tell, hear):
        rounds = late = touched = 0
        while not select.select([0], [], [], 0)[0] and not late:
            c = dial(at)
            c.send(b"hello")
            time.sleep(0.01 if rounds % 2 else 0.3)
            touched += c.getsockopt(*KEEPIDLE) == 60
            c.close()
            late += not select.select([ends[0]], [], [], 20)[0]
            if not late:
                os.read(ends[0], 1)
            rounds += 1
        tell("%d %d %d" % (rounds, late, touched))

    stop = os.pipe()
    pid, hear, tell = child(client, before=lambda: (os.dup2(stop[0], 0), os.close(stop[1])))
    for i in range(150):
        running = subprocess.Popen([SOCKFIX, "mend", "-p", str(pid), "-q", "-s", "tcp_keepidle=60s", "-s",
                                    "tcp_keepcnt=5", "-o", "undo%d" % i], stdout=subprocess.DEVNULL)
        time.sleep(0.004 + 0.05 * (i * 37 % 150) / 150)
        running.kill()
        running.wait()
    os.close(stop[1])
    rounds, late, touched = map(int, hear().split())
    print("each close was seen" if rounds > 20 and not late else (rounds, late))
    torn = 0
    for i in range(150):
        if os.path.exists("undo%d" % i):
            torn += subprocess.run([SOCKFIX, "mend", "--undo", "undo%d" % i], capture_output=True).returncode
    print("files of undo are whole" if not torn else torn)
    print("it was set and it was not" if 0 < touched < rounds else (rounds, touched))


def who_may_not():
    s = server(answer)
    somebody = 12345
    pid, _, _ = sleeper(1, address=s)
    mend(pid, "--once", uid=somebody)
    pid, _, _ = sleeper(1, address=s, uid=somebody, before=lambda: None)

    def undumpable(tell, hear):
        c = dial(s)
        libc.prctl(4, 0)
        tell("ready")
        hear()

    pid, hear, tell = child(undumpable, uid=somebody)
    hear()
    mend(pid, "--once", uid=somebody)

    def elsewhere(tell, hear):
        c = dial(s)
        libc.unshare(0x10000000)
        tell("ready")
        hear()

    pid, hear, tell = child(elsewhere, uid=somebody)
    hear()
    mend(pid, "--once", by=["setpriv", "--reuid", str(somebody), "--regid", str(somebody), "--clear-groups",
                            "unshare", "-U"])
    pid, _, _ = sleeper(1, address=s)
    mend(pid, "--once", by=["strace", "-o", "/dev/null", "-e", "trace=pidfd_getfd", "-e",
                            "inject=pidfd_getfd:error=ENOSYS"])
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    mend(pid, "--once")


def nowhere_to_keep_it():
    pid, fds, say = sleeper(1, address=server(answer))
    mend(pid, "--once", "-s", "tcp_keepidle=60s", "-o", "/nowhere/undo")
    print("as before" if option_of(pid, fds[0], KEEPIDLE) == 7200 else "touched")
    mend(0, "--undo", "/etc/passwd")
    mend(0, "--undo", "/nowhere/undo")


sys.stdout.reconfigure(line_buffering=True)
globals()[SCENE]()
