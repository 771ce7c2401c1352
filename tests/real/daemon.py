"""A row whose program is a daemon, started and stopped as Debian's unit does it: bare, and recorded.
Its clients must get the same; then the recording is held to what a relay between them counted, and
to how long the clients made it idle or busy, which only the recording's own clock is asked for."""
import collections
import contextlib
import dataclasses
import json
import os
import shutil
import subprocess
import time

from place import SOCKFIX, Failed
from relay import Relay
from row import Result, Row, difference
from stand import SECONDS, Stand, terminate

PARTS = ("wall", "program", "thinking", "stalled", "other")
TAIL = 0.8  # seconds in which nobody is connected, before it is stopped
MOVES = {"read": ("read", "recv", "pread"), "written": ("write", "send", "pwrite", "splice", "dprintf")}


def moved(connection, how):
    """Bytes of a connection's calls, timed or counted only."""
    only = {"read": "reads_only_counted", "written": "writes_only_counted"}[how]
    return connection[only]["bytes"] + sum(
        call["bytes"] or 0 for call in connection["calls"] if call["call"].startswith(MOVES[how]))


class Seen:
    """What a report says was read and written, connection by connection."""

    def __init__(self, report):
        spoke = [(one, moved(one, "read"), moved(one, "written")) for one in report["connections"]
                 if one["role"] != "listener"]
        self.silent = sum(not line[1] and not line[2] for line in spoke)
        spoke = [line for line in spoke if line[1] or line[2]]
        self.pairs = collections.Counter((read, written) for _, read, written in spoke)
        self.bytes = sum(read + written for _, read, written in spoke)
        self.vouched = sum(read + written for one, read, written in spoke if one["busy_ns"] is not None)
        self.processes = len({one["process"] for one, _, _ in spoke})


@dataclasses.dataclass
class Daemon(Row):
    """server makes the configuration and returns the words of the unit's ExecStart."""
    under: str = "server"
    compared: str = ""
    client: object = None
    stop: object = terminate
    env: object = lambda stand: {}  # what the unit's Environment= is for
    forks: bool = False  # the unit's Type=
    handed: bool = False  # who accepts a connection leaves it to another process
    idle: float = 0  # seconds in which its clients make it wait for them
    busy: float = 0  # seconds in which they make it sleep, which is its own time
    verdict: str = "IT IS NOT THE SOCKETS"
    findings: tuple = ()  # proven or likely; those of where the time is, A.., aside
    blind: str = ""  # why not all of it can be seen, as the report must say it
    not_recorded: int = 0  # processes
    not_watched: bool = False  # whether there are such; how many is the host's configuration's to say

    def play(self, arm, stack):
        stand = Stand(arm)
        stack.callback(stand.close)
        words = self.server(stand)
        stand.start(words, self.env(stand), self.forks)
        stand.front = Relay(stand.port, stand.inner)
        outcome = stand.run(self.client(stand), "bare", SECONDS)
        time.sleep(TAIL if arm == "record" else 0)
        stand.stop(self.stop)
        stand.relays_end()
        return stand, outcome

    def report(self, stand, *words):
        done = subprocess.run([SOCKFIX, "report", "--all", *words, stand.recording], check=False,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=SECONDS)
        if done.returncode:
            raise Failed(f"report: {done.stderr.decode(errors='replace')}")
        return done.stdout.decode()

    def leave(self, stand):
        """KEEP=DIR: the recordings stay there, to be looked at."""
        if os.environ.get("KEEP"):
            shutil.copytree(stand.recording, f"{os.environ['KEEP']}/{self.name.replace(' ', '-')}")

    def measure(self):
        result = Result(self)
        try:
            with contextlib.ExitStack() as stack:
                _, bare = self.play("bare", stack)
                if bare.status or not bare.out.strip():
                    raise Failed(f"bare ends with {bare.status}: {bare.err[-300:]!r}")
                stand, outcome = self.play("record", stack)
                self.leave(stand)
                report = json.loads(self.report(stand, "--format", "json", "--calls"))
                how = difference(self.compare(bare), self.compare(outcome))
                result.result = how and f"differs: {how}" or "; ".join(self.wrong(report, stand)) or "equal"
        except Failed as failure:
            result.result = f"failed: {' '.join(str(failure).split())}"
        return result

    def wrong(self, report, stand):
        """Whatever the recording says that is not so."""
        seen, split = Seen(report), report["split_ns"]
        true = collections.Counter((one.received, one.sent) for one in stand.carried())
        total = sum((one + other) * times for (one, other), times in true.items())
        parts = " ".join(f"{part} {split[part] / 1e9:.2f}" for part in PARTS)
        self.compared = (f"{seen.processes} processes, {true.total()} connections, {seen.bytes} of {total} "
                         f"bytes: {report['verdict']}, {parts}")
        yield from self.wrong_bytes(report, seen, true, total)
        if report["verdict"] != self.verdict:
            yield f"{report['verdict']} is not {self.verdict}"
        found = {one["code"] for one in report["findings"]
                 if one["sure"] != "possible" and one["code"][0] != "A"}
        if found != set(self.findings):
            yield f"findings {sorted(found)}, true are {sorted(self.findings)}"
        yield from self.wrong_split(split, seen)
        if " ".join(self.blind.split()) not in " ".join(self.report(stand).split()):
            yield f"it does not say {self.blind!r}"

    def wrong_bytes(self, report, seen, true, total):
        run = report["run"]
        if seen.bytes > total or (seen.bytes < total and not self.blind):
            yield f"{seen.bytes} bytes seen, {total} are true"
        elif not self.blind and seen.pairs != true:
            yield f"connections {seen.pairs}, true are {true}"
        if seen.silent and not self.handed:
            yield f"{seen.silent} connections on which nothing was said"
        share = seen.vouched / total if seen.bytes else None
        said = report["coverage"]
        if (said is None) != (share is None) or (share is not None and abs(said - share) > 1e-5):
            yield f"coverage {said}, {share} is true"
        if run["not_recorded"] != self.not_recorded or bool(run["not_watched"]) != self.not_watched:
            yield f"{run['not_recorded']} processes not recorded, {run['not_watched']} not watched"
        if run["bypass"]["connections"] or run["running"]:
            yield f"bypass {run['bypass']}, running {run['running']}"

    def wrong_split(self, split, seen):
        """Sleeps last as long as they say at least, by any clock, on a busy host, too."""
        for part, least in (("thinking", self.idle + TAIL), ("program", self.busy)):
            if seen.bytes and split[part] < least * 1e9:
                yield f"{part} {split[part] / 1e9:.3f} s of {split}, at least {least:.1f} s are true"
