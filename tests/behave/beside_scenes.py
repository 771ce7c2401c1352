"""Scenes for test_beside.c: a server, a static program below `sockfix run`, and ours beside it.

beside_scenes.py SOCKFIX PROGRAM SCENE prints what the program and sockfix said. It runs in
namespaces of its own for processes and the network, so that what is beside is known by its name."""

import ctypes
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time

SOCKFIX, PROGRAM, SCENE = sys.argv[1:4]
SOMEBODY = 12345
os.environ["HOME"] = "/nonexistent"


def answer(c):
    count = 0
    try:
        while got := c.recv(65536):
            before, count = count, count + len(got)
            c.sendall(b"ok\n" * (count // 200 - before // 200))
    except OSError:
        pass
    c.close()


def serve():
    s = socket.create_server(("127.0.0.1", 0), backlog=200)

    def accept():
        while True:
            threading.Thread(target=answer, args=(s.accept()[0],), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    return s.getsockname()[1]


# Without these the kernel cannot be asked to set the options, which root would have instead.
DROP = ["setpriv", "--bounding-set", "-sys_admin,-bpf"]


def start(what, *options, port=0, bare=False, before=(), **how):
    drop = [] if how.get("user") else DROP
    run = [] if bare else [*before, *drop, SOCKFIX, "run", *options, "--"]
    return subprocess.Popen([*run, PROGRAM, "127.0.0.1", str(port), what], text=True, stdin=subprocess.DEVNULL,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE, **how)


def tell(running, program="PROGRAM"):
    out, err = running.communicate()
    print((out + err).replace(PROGRAM, program), end="")
    if running.returncode:
        print("exit", running.returncode)


def beside(program):
    """Numbers of what runs beside the program."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            name, state = open("/proc/%s/stat" % pid).read().split()[1:3]
            if name == "(sockfix-beside)" and state != "Z" and int(pid) != program:
                found.append(int(pid))
        except OSError:
            pass
    return found


def wait_until(what):
    for _ in range(6000):
        if what():
            return True
        time.sleep(0.01)
    return False


def stalls():
    port = serve()
    for uid in None, SOMEBODY:
        tell(start("stalls", port=port, user=uid))


def rules():
    tell(start("idle", "-s", "so_keepalive=true", "-s", "tcp_fastopen=5", port=serve()))


def no_trace():
    """Also where SIGCHLD is blocked, which would stay pending."""
    block = lambda: signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGCHLD])
    for how in {}, {"preexec_fn": block}:
        bare, beside = (start("traces", bare=bare, **how).communicate()[0] for bare in (True, False))
        print("the same" if bare == beside and "descriptors" in bare else bare + beside)


def its_descriptors():
    running = start("idle", "-s", "so_linger=off", port=serve(), before=["chrt", "-f", "10"])
    wait_until(lambda: beside(running.pid) and open("/proc/%d/comm" % running.pid).read() != "sockfix\n")
    ours = beside(running.pid)
    print(len(ours), "beside")
    wait_until(lambda: os.readlink("/proc/%d/fd/2" % ours[0]) == "/dev/null")
    links = {os.readlink("/proc/%d/fd/%s" % (ours[0], fd)) for fd in (0, 1, 2)}
    print(links, "session of its own" if os.getsid(ours[0]) == ours[0] else "our session")
    names = [pid for pid in filter(str.isdigit, os.listdir("/proc")) if int(pid) > 1 and
             PROGRAM.encode() in open("/proc/%s/cmdline" % pid, "rb").read()]
    print("its words are its own" if names == [str(running.pid)] else names,
          "at real time" if os.sched_getscheduler(ours[0]) else "at usual times")
    running.kill()
    running.wait()
    print("gone" if wait_until(lambda: not beside(0)) else "still there")


def killed():
    """At any moment, again and again: no call of the program fails."""
    port, reached, early = serve(), 0, 0
    for i in range(int(os.environ.get("KILLS", 100))):
        running = start("connects", "-s", "tcp_keepidle=60s", port=port)
        wait_until(lambda: beside(running.pid) or running.poll() is not None)
        time.sleep(random.random() * 0.1)
        early += running.poll() is None
        for pid in beside(running.pid):
            os.kill(pid, signal.SIGKILL)
            reached += 1
        out, err = running.communicate()
        if out != "fine\n" or running.returncode:
            print(out, running.returncode)
    print("killed" if reached and early else (reached, early))


def as_init():
    tell(start("traces", before=["unshare", "-pf", "--mount-proc", "--propagation", "unchanged"]))


def as_reaper():
    tell(start("traces", preexec_fn=lambda: ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)))


def not_allowed():
    tell(start("traces", before=["strace", "-f", "-qq", "-o", "/dev/null", "-e",
                                 "inject=pidfd_getfd:error=EPERM"]))


def not_wanted():
    tell(start("traces", "--strict"))
    tell(start("traces", "-n"))
    tell(start("traces", env=dict(os.environ, SOCKFIX_OFF="1")))


globals()[SCENE]()
