"""What every topic of the benchmark stands on: ways to start programs, samples taken in turns, and
rows: medians, quartiles, and ratios to bare. It knows no topic and prints nothing."""
import os
import statistics
import subprocess

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PYTHON = "/usr/bin/python3"
BUFFER = ["coalesce=buffer", "accept_loss=true", "coalesce_limit=64K"]
SECONDS = 120  # a net against hangs
NOTES = []  # what could not be measured, and why


def note(text):
    if text not in NOTES:
        NOTES.append(text)


class Failed(Exception):
    """A program of the benchmark did: its row is left out, and that is said."""


class Arm:
    """A way to run the program: variables for it, and words that tell the program itself how."""

    def __init__(self, name, variables=(), how="plain"):
        self.name, self.variables, self.how = name, list(variables), how

    def command(self, command):
        return ["env", *self.variables, *command] if self.variables else list(command)


class Bed:
    def __init__(self, build, runs):
        self.build, self.runs = os.path.abspath(build), runs
        self.sockfix = f"{self.build}/sockfix"
        self.bare = Arm("bare")
        self.nodelay = self.ruled("NODELAY", "coalesce=off", "tcp_nodelay=true")
        self.auto = self.ruled("auto")
        self.always = self.ruled("always", "coalesce=always")
        self.buffer = self.ruled("buffer", *BUFFER)
        self.rules = [self.bare, self.nodelay, self.auto, self.always, self.buffer]
        self.hands = [Arm(how, how=how) for how in ("cork", "writev", "floor")]
        cores = sorted(os.sched_getaffinity(0))
        self.near, self.far = {cores[-1]}, {cores[0]}

    def ruled(self, name, *settings, preset=None):
        """The variables that `sockfix run` would set, so that it need not run each time."""
        words = [word for setting in settings for word in ("-s", setting)]
        words += ["-P", preset] if preset else []
        done = subprocess.run([self.sockfix, "run", "-n", *words, "--", "true"], check=True,
                              stdout=subprocess.PIPE, text=True)
        return Arm(name, done.stdout.split())

    def program(self, name):
        return f"{self.build}/bench/{name}"

    def said(self, command, arm=None, cores=None):
        """What the command printed, on the near core, or on those."""
        command = (arm or self.bare).command(command)
        done = subprocess.run(
            command, stdout=subprocess.PIPE, text=True, check=False, stdin=subprocess.DEVNULL,
            timeout=SECONDS, cwd=ROOT, preexec_fn=lambda: os.sched_setaffinity(0, cores or self.near))
        if done.returncode != 0:
            raise Failed(f"{' '.join(command)}: exit {done.returncode}")
        return done.stdout

    def figures(self, command, arm=None, cores=None):
        """The same, of lines 'NAME FIGURE'."""
        lines = [line.split() for line in self.said(command, arm, cores).splitlines()]
        return {line[0]: float(line[1]) for line in lines}


class Server:
    """A program that serves on the far core until its standard input ends. Its first line says that
    it does, and mostly the port."""

    def __init__(self, bed, command, arm=None):
        command = (arm or bed.bare).command(command)
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT,
            preexec_fn=lambda: os.sched_setaffinity(0, bed.far))
        self.first = self.process.stdout.readline().strip()
        self.last = ""
        if not self.first:
            raise Failed(f"{' '.join(command)}: does not serve")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.last = self.process.stdout.read()
        self.process.wait()
        self.process.stdout.close()


def in_turns(arms, sample, runs):
    """{arm: [what sample(arm) gave, a dictionary of figures]}: A B C A B C ..."""
    got = {arm.name: [] for arm in arms}
    for _ in range(runs):
        for arm in arms:
            got[arm.name].append(sample(arm))
    return got


def quartiles(values):
    return statistics.quantiles(values, n=4, method="inclusive") if len(values) > 1 else values * 3


def width(values):
    """Of the middle half."""
    parts = quartiles(values)
    return parts[2] - parts[0]


def row_of(name, arm, metric, values, base):
    """A row of bench.json. Ratio and difference are taken between neighbours in time, so that what
    slows the machine down for a while slows both; spread is of the differences."""
    parts = quartiles(values)
    pairs = [(value, bare) for value, bare in zip(values, base or []) if bare]
    added = [value - bare for value, bare in pairs]
    return {
        "row": name, "arm": arm, "metric": metric, "median": statistics.median(values),
        "p25": parts[0], "p75": parts[2], "least": min(values), "n": len(values),
        "ratio": statistics.median(value / bare for value, bare in pairs) if pairs else None,
        "added": statistics.median(added) if pairs else None,
        "spread": width(added) if pairs else None,
    }


def rows_of(name, got, base="bare"):
    """All rows of one name: every arm, every metric."""
    rows = []
    for arm, samples in got.items():
        for metric in samples[0]:
            bare = [sample[metric] for sample in got[base] if metric in sample] if base in got \
                else None
            rows.append(row_of(name, arm, metric, [sample[metric] for sample in samples], bare))
    return rows
