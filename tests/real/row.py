"""A row of the table: a program, what serves it, what asks it, and what must be the same in every
arm. One that is asked of a program other than by a client and a server has measure() of its own."""
import contextlib
import dataclasses
import os
import re
import statistics
import subprocess

from place import Failed, Place

FLOOR = 0.95  # bare's time, or work, by that under sockfix
MOST = 3  # times the pairs, where the first ones look slower
PAIRS = int(os.environ.get("PAIRS") or 0)  # for all rows, where it is given


def shell(text):
    """A client of several words: where one of them fails it fails, in a pipe, too."""
    return ["bash", "-e", "-o", "pipefail", "-c", text]


@dataclasses.dataclass
class Result:
    row: object
    result: str = "equal"
    ratio: float = None
    cpu: float = None
    spread: tuple = ()
    pairs: int = 0

    @property
    def slow(self):
        return self.ratio is not None and self.ratio < FLOOR

    @property
    def good(self):
        return self.result == "equal" and (not self.slow or bool(self.row.explained))


def nothing(_place):
    """Serves a row whose client brings its own server."""


@dataclasses.dataclass
class Row:
    name: str
    package: str  # whose version the table prints
    under: str  # who runs under sockfix: client, server or both
    compared: str
    client: object  # a function of a place: the words of the client
    server: object = nothing  # a function of a place: starts what it needs
    pairs: int = 7
    arms: tuple = ("always", "record")  # besides bare and auto, once each
    rate: bytes = b""  # finds the client's own figure, more is better; else its seconds count
    keep: bytes = b""  # only such lines of its words are compared
    complains: bool = False  # it uses its standard error where nothing is wrong
    normal: tuple = ()  # (pattern, replacement) of what may differ in its words
    explained: str = ""  # why a ratio below the floor is right

    def version(self):
        done = subprocess.run(["dpkg-query", "-W", "-f", "${Version}", self.package], check=False,
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        return done.stdout if done.returncode == 0 and done.stdout else "missing"

    def compare(self, outcome):
        """What of an outcome must be equal."""
        said = []
        for text in (outcome.out, outcome.err):
            if self.keep:
                text = b"\n".join(line for line in text.splitlines() if re.search(self.keep, line))
            for pattern, replacement in self.normal:
                text = re.sub(pattern, replacement, text, flags=re.MULTILINE)
            said.append(text.decode(errors="replace"))
        return {"status": str(outcome.status), "out": said[0], "err": said[1],
                "files": outcome.files}

    def work(self, outcome):
        """How fast it was, as a number that grows with speed."""
        if not self.rate:
            return 1 / outcome.seconds
        found = re.findall(self.rate, outcome.out + outcome.err)
        if not found:
            raise Failed(f"{self.name}: says no figure: {outcome.out[-200:]!r}")
        return sum(float(figure) for figure in found)

    def measure(self):
        result = Result(self)
        try:
            with contextlib.ExitStack() as stack:
                Measurement(self, stack).take(result)
        except Failed as failure:
            result.result = f"failed: {' '.join(str(failure).split())}"
        return result


def difference(bare, other):
    """Where two outcomes part, in a few words; nothing where they do not."""
    for name, text in bare.items():
        if text == other[name]:
            continue
        lines = text.splitlines(), other[name].splitlines()
        for one, two in zip(*lines):
            if one != two:
                return f"{name}: {one[:100]!r} became {two[:100]!r}"
        longer = max(lines, key=len)[min(map(len, lines)):]
        return f"{name}: {len(lines[0])} lines became {len(lines[1])}: {' '.join(longer)[:200]!r}"
    return ""


class Measurement:
    """The runs of one row. Where the server is what is tried, each arm has one of its own."""

    def __init__(self, row, stack):
        self.row, self.stack = row, stack
        self.places, self.first, self.differs = {}, None, []

    def place_of(self, arm):
        server = "bare" if self.row.under == "client" else arm
        if server not in self.places:
            place = self.places[server] = Place(server)
            self.stack.callback(place.close)
            self.row.server(place)
        return self.places[server]

    def run(self, arm):
        place = self.place_of(arm)
        outcome = place.run(self.row.client(place), "bare" if self.row.under == "server" else arm)
        compared = self.row.compare(outcome)
        if not self.first:
            self.first = compared
            wrong = outcome.status or (compared["err"].strip() and not self.row.complains)
            if wrong or not (compared["out"] + compared["err"] + compared["files"]).strip():
                raise Failed(f"bare ends with {outcome.status}: {outcome.err[-300:]!r} "
                             f"{outcome.out[-300:]!r}")
        how = difference(self.first, compared)
        if how:
            self.differs.append(f"{arm}: {how}")
        return outcome

    def take_pairs(self, count):
        """[(bare, auto)]: which of the two is first changes from pair to pair."""
        for number in range(count):
            pair = {arm: self.run(arm) for arm in ("bare", "auto")[::-1 if number % 2 else 1]}
            yield pair["bare"], pair["auto"]

    def take(self, result):
        self.run("bare")  # the first one of all finds cold caches, and is what others are held to
        self.run("auto")
        ratios, cpus = [], []
        count = PAIRS or self.row.pairs
        while True:
            for bare, auto in self.take_pairs(count):
                ratios.append(self.row.work(auto) / self.row.work(bare))
                cpus.append((bare.cpu + 0.01) / (auto.cpu + 0.01))  # a server's come in ticks of 10 ms
            result.ratio, result.pairs = statistics.median(ratios), len(ratios)
            if result.ratio >= FLOOR + 0.01 or len(ratios) >= (PAIRS or MOST * count):
                break
        result.cpu = statistics.median(cpus)
        quarters = statistics.quantiles(ratios if len(ratios) > 1 else ratios * 2, n=4, method="inclusive")
        result.spread = quarters[0], quarters[2]
        for arm in self.row.arms:
            self.run(arm)
        if self.differs:
            result.result = f"differs: {self.differs[0]}" + (
                f" (and {len(self.differs) - 1} more)" if len(self.differs) > 1 else "")
