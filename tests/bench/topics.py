"""The topics of the benchmark, but for the workloads. A topic gives pairs of a row's name and a
function that measures it: {arm: [{metric: figure}]}."""
import collections
import contextlib
import os
import resource
import shutil
import subprocess
import tempfile

import bed
import instructions
import programs
import reports
import workloads
from bed import Arm, Server, in_turns
from network import Pair

Topic = collections.namedtuple("Topic", "name title metrics rows wide", defaults=[False])

# ---- calls ----

CALLS = ["write,file", "write,pipe", "write,udp", "write,unix", "read,file", "close,file", "poll,1",
         "poll,100", "poll,10000", "recv,flow", "recv,flow,nothing", "send,flow,nothing",
         "send,flow,stream", "turn,flow", "turn,flow,poll", "turn-of-2,flow"]
# Rounds of a millisecond, and samples in place of one: for few threads there is time for more.
THREADS = {1: (15, 2), 2: (15, 1), 16: (5, 1)}


def everywhere():
    return os.sched_getaffinity(0)


def calls_rows(stand):
    for threads, (rounds, times) in THREADS.items():
        for row in CALLS:
            def sample(arm, row=row, threads=threads, rounds=rounds):
                return stand.figures([stand.program("calls"), row, str(threads), str(rounds)], arm,
                                     everywhere())
            yield f"{row},{threads}", lambda sample=sample, times=times: in_turns(
                stand.rules, sample, times * stand.runs)


# ---- blocks ----

BLOCKS = [row for row in CALLS if row != "poll,10000"]  # too long for a block


def by_pairs(stand, command, cores):
    """Arms of one program: bare, bare against itself, and auto."""
    got = {"bare": [], "again": [], "auto": []}
    for _ in range(stand.runs):
        figures = stand.figures(command, stand.auto, cores)
        for arm, more in ("bare", 0), ("again", figures["again"]), ("auto", figures["added"]):
            got[arm].append({"ns": figures["bare"] + more})
    return got


def blocks_rows(stand):
    for threads in 1, 2:
        for row in BLOCKS:
            command = [stand.program("blocks"), row, str(threads)]
            yield f"{row},{threads}", lambda command=command: by_pairs(
                stand, command, everywhere())
    with Server(stand, [stand.program("peer"), "127.0.0.1"]) as peer:
        for size, writes in STREAMS:
            command = [stand.program("turns"), "127.0.0.1", peer.first, "oneway", str(writes),
                       str(size), "plain", "pairs", "4"]
            yield f"oneway,{size}", lambda command=command: by_pairs(stand, command, None)


# ---- starting ----

def start_rows(stand):
    arms = [stand.bare, stand.auto, Arm("sockfix run", how="run")]
    loop = "i=0; while [ $i -lt 1000 ]; do env true; i=$((i + 1)); done"
    loop = loop.replace("env true", shutil.which("true"))
    for name, times, command in [("true", 40, ["true"]), ("python3", 8, [bed.PYTHON, "-c", "pass"]),
                                 ("loop-of-1000", 1, ["sh", "-c", loop])]:
        def sample(arm, times=times, command=command):
            before = [stand.sockfix, "run", "--"] if arm.how == "run" else []
            return stand.figures([stand.program("start"), str(times), *arm.variables, "--",
                                  *before, *command])
        yield name, lambda sample=sample, count=3 if times > 1 else 2: in_turns(
            arms[:count], sample, stand.runs)


# ---- small writes ----

STREAMS = [(1, 50000), (50, 50000), (200, 50000), (1400, 20000), (8192, 5000)]
TURNS = [(2, 50), (10, 50), (100, 2)]


class Writes:
    """A row of turns.c: its arms, one after the other, against a peer."""

    def __init__(self, stand, kind, writes, size):
        self.stand, self.kind, self.writes, self.size = stand, kind, writes, size
        self.share = writes if kind == "oneway" else 1  # a stream is told a write, not a turn

    def command(self, place, arm, *much, writes=None):
        return [self.stand.program("turns"), *place, self.kind, str(writes or self.writes),
                str(self.size), arm.how, *map(str, much)]

    def sample(self, prefix, place, arm):
        figures = self.stand.figures(prefix + arm.command(self.command(place, arm, "ms", 60)))
        return {name: value / self.share for name, value in figures.items()}

    def system_calls(self, place, arm):
        """Of one turn or write, by strace: the difference of a short run and a longer one."""
        writes = min(self.writes, 1000)
        times = (1, 3) if self.kind == "oneway" else (10, 60)
        counts = []
        with tempfile.NamedTemporaryFile("r") as file:
            for count in times:
                self.stand.said(["strace", "-f", "-c", "-U", "calls,name", "-o", file.name,
                                 *(word for name in arm.variables for word in ("-E", name)),
                                 *self.command(place, arm, "times", count, writes=writes)])
                file.seek(0)
                counts.append(next(int(line.split()[0]) for line in file
                                   if line.split()[-1:] == ["total"]))
        share = writes if self.kind == "oneway" else 1
        return (counts[1] - counts[0]) / (times[1] - times[0]) / share

    def measure(self, arms, prefix, place, counted):
        got = in_turns(arms, lambda arm: self.sample(prefix, place, arm), self.stand.runs)
        for arm in arms if counted else ():
            calls = self.system_calls(place, arm)
            for sample in got[arm.name]:
                sample["calls"] = calls
        return got


def may_trace():
    if not shutil.which("strace") or subprocess.run(["strace", "-o", "/dev/null", "true"],
                                                    stderr=subprocess.DEVNULL).returncode:
        bed.note("no column 'calls' and no row of strace: strace is missing, or may not trace")
        return False
    return True


def writes_rows(stand, arms, prefix, place, counted=False, streams=tuple(STREAMS),
                turns=tuple(TURNS)):
    for kind, cases in (("oneway", [(count, size) for size, count in streams]), ("turns", turns)):
        for writes, size in cases:
            row = Writes(stand, kind, writes, size)
            name = f"oneway,{size}" if kind == "oneway" else f"turns,{writes}"
            yield name, lambda row=row: row.measure(arms, prefix, place, counted)


def loopback_rows(stand):
    with Server(stand, [stand.program("peer"), "127.0.0.1"]) as peer:
        yield from writes_rows(stand, stand.rules + stand.hands, [], ["127.0.0.1", peer.first],
                               may_trace())


def veth_rows(stand):
    """Two network namespaces of our own."""
    try:
        pair = Pair()
    except bed.Failed as failure:
        bed.note(f"writes-veth: left out: {failure}")
        return
    with pair, Server(stand, pair.far(stand.program("peer"), pair.address)) as peer:
        yield from writes_rows(stand, stand.rules + stand.hands, pair.near(),
                               [pair.address, peer.first])


def relay_rows(stand):
    arms = [stand.bare, stand.nodelay, stand.auto, stand.always, stand.hands[-1]]
    with contextlib.ExitStack() as stack:
        peer = stack.enter_context(Server(stand, [stand.program("peer"), "127.0.0.1"]))
        relay = stack.enter_context(Server(
            stand, [stand.program("relay"), "127.0.0.1", peer.first, "20"]))
        yield from writes_rows(stand, arms, [], ["127.0.0.1", relay.first], False,
                               STREAMS[1:2], TURNS[::2])


# ---- connections ----

def many_sample(stand, arm, flows):
    with Server(stand, [stand.program("many"), "serve", arm.how], arm) as server:
        figures = stand.figures([stand.program("many"), "ask", server.first, str(flows), "150"])
    return {**figures, "memory": float(server.last.split()[1])}


def flows_rows(stand):
    room = resource.getrlimit(resource.RLIMIT_NOFILE)[0] - 100
    arms = [*stand.rules, Arm("writev", how="writev")]
    if room < 100000:
        bed.note(f"connections: {room // 1000 * 1000} in place of 100,000: no process may have more"
                 f" than {room + 100} descriptors here (ulimit -Hn)")
    for flows in (10, 1000, min(100000, room // 1000 * 1000)):
        some = arms if flows <= 1000 else [stand.bare, stand.auto]
        yield f"flows,{flows}", lambda flows=flows, some=some: in_turns(
            some, lambda arm: many_sample(stand, arm, flows), stand.runs)


# ---- recording ----

# (Program, its row, how many of its calls are noted). The kernel is not asked in the last one: what
# the library's own instructions cost, without the caches that a system call leaves cold.
RECORDED = {"turn,flow": ("calls", "turn,flow", 2),
            "recv,flow,nothing": ("calls", "recv,flow,nothing", 1),
            "recv,unasked": ("calls-unasked", "recv,flow,nothing", 1)}


def record_sample(stand, arm, row, threads):
    """A noted call's figures."""
    program, its_row, calls = RECORDED[row]
    rounds = 2 if arm.how == "ptrace" else 20
    command = [stand.program(program), its_row, str(threads), str(rounds)]
    with tempfile.TemporaryDirectory() as folder:
        record = [stand.sockfix, "record", "-q", "--limit", "1G", "-o", f"{folder}/r", "--"]
        by = {"events": record,
              "counters": record + ["sh", "-c", 'SOCKFIX_TRACE=$SOCKFIX_TRACE:counters exec "$@"',
                                    "-"],
              "strace": ["strace", "-f", "-c", "-o", "/dev/null"],
              "perf trace": ["perf", "trace", "-s", "-o", "/dev/null"]}.get(arm.name, [])
        got = stand.figures(by + command, arm, everywhere())
    return {metric: figure / calls for metric, figure in got.items()}


def record_rows(stand):
    arms = [stand.bare, stand.ruled("library", "coalesce=off"), Arm("counters"), Arm("events")]
    if may_trace():
        arms.append(Arm("strace", how="ptrace"))
    if shutil.which("perf") and subprocess.run(
            ["perf", "trace", "-s", "-o", "/dev/null", "true"], stderr=subprocess.DEVNULL,
            check=False).returncode == 0:
        arms.append(Arm("perf trace", how="ptrace"))
    else:
        bed.note("recording: no row of perf trace: perf is missing (linux-perf), or may not trace")
    for threads in THREADS:
        for row in RECORDED:
            def sample(arm, row=row, threads=threads):
                return record_sample(stand, arm, row, threads)
            with_kernel = [arm for arm in arms if arm.how != "ptrace" or row != "recv,unasked"]
            yield f"{row},{threads}", lambda sample=sample, arms=with_kernel: in_turns(
                arms, sample, stand.runs)


# ---- what a signal takes along ----

KILLS = 40


def loss_rows(stand):
    arms = [stand.bare, stand.always, stand.ruled("buffer", "coalesce=buffer", "accept_loss=true"),
            stand.ruled("buffer, 64 KB", *bed.BUFFER)]
    for pause, how in (0, "busy"), (20, "busy"), (1000, "busy"), (20, "asleep"), (1000, "asleep"):
        def sample(arm, pause=pause, how=how):
            return stand.figures([stand.program("loss"), "measure", str(pause), how, str(KILLS),
                                  *arm.variables], None, everywhere())
        yield f"{pause},{how}", lambda sample=sample: in_turns(arms, sample, 1)


WRITES = ["us", "cpu", "segments"]
ALL = [
    Topic("calls", "ns of processor time a call: bare, and what is added; the last number of a row"
          " is its threads", ["least"], calls_rows, True),
    Topic("blocks", "ns a call (processor time) or a write of a stream (time): bare, and what is added to"
          " it in the same process, in blocks by turns; again: by bare itself", ["ns"], blocks_rows,
          True),
    Topic("instructions", "of user space, a call: bare, and what is added", ["instructions"],
          instructions.rows, True),
    Topic("starting", "ms until a program has ended", ["ms"], start_rows),
    Topic("writes-loopback", "us a write (one way, until all has arrived) or a turn (the answer, in"
          " the end); a write's or turn's processor time, segments, system calls",
          WRITES + ["calls"], loopback_rows),
    Topic("writes-veth", "the same between two network namespaces, MTU 1500", WRITES, veth_rows),
    Topic("writes-relay", "the same through a relay that adds 20 ms each way", WRITES, relay_rows),
    Topic("connections", "us an answer of an epoll server that writes header and body apart",
          ["us", "median_us", "segments", "memory"], flows_rows),
    Topic("recording", "ns of processor time a noted call; of the run's time; the last number of a"
          " row is its threads", ["cpu", "least", "wall"], record_rows),
    Topic("loss", f"bytes lost by SIGTERM without a handler, the median of {KILLS} kills: writes of"
          " 50 bytes, so many us between them", ["lost", "p95", "most", "written"], loss_rows),
    Topic("reports", f"seconds of processor time, and MB resident, of sockfix report on a recording"
          f" of {reports.EVENTS} events; a row is connections and threads", ["cpu", "memory"],
          reports.rows),
    Topic("programs", "us of processor time, and segments, a message from publisher to subscriber"
          " (mosquitto, QoS 1), or an answer of one write (nginx, keep-alive)", ["cpu", "segments"],
          programs.rows),
    Topic("workloads", "the examples, shortened", ["seconds", *workloads.EXTRA], workloads.rows),
]
