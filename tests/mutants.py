#!/usr/bin/env python3
"""mutants.py [--count N] [--seed S] [--area NAME] [--only GLOB] [--tests unit|all] [--list]: whether the tests see
a change of one token.

Draws changes from a seed, a third of them in each of AREAS; for each builds the changed tree in a
copy of its own, runs the unit tests and, where those see nothing, the behaviour tests, the quick
ones first, until one fails or hangs. A test counts only where it passes on the unchanged tree.
tests/mutants.equal lists changes that make an equal program; they are not drawn. Ends with 1 below
90 % killed."""
import argparse
import fnmatch
import glob
import hashlib
import json
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import mutants_source

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
TREE = os.path.join(ROOT, "build", "mutants")
BUILD = os.path.join(TREE, "build", "mutants")
FLOOR = 90
# What decides; what hooks, records or talks to the kernel is for the behaviour tests alone.
AREAS = {
    "shim": ["shim/" + name for name in (
        "turn.c", "acks.[ch]", "account.[ch]", "learners.c", "ticks.[ch]", "buffer.c", "address.c",
        "subject.c", "pool.c", "decisions.c", "deadline.c", "sockopt.c", "wait_time.h", "flow*.c",
        "pure/*.c", "flow/*.c")],
    "rules": ["rules/*.c", "rules/text/*.c"],
    "tools": ["tools/find/*.c", "tools/read/*.c", "tools/fold/*.c"],
}
# Behaviour tests of the command see nothing of what the library does to a program, and the others
# nothing of what a report says.
SEES = {"shim": lambda test: not test.startswith("test_cli_") or test == "test_cli_ours",
        "rules": lambda test: True,
        "tools": lambda test: test.startswith(("test_cli_", "test_habits", "test_trace"))}
NO_MUTANT = "does not build, or the compiler makes the same code of it"
# It plays a signal at every instruction of thread.c, which is not drawn.
BLIND = {"test_thread"}
SLOWEST = 120  # seconds until a test of unknown length counts as hung


def copy_tree():
    """The working tree as it is now; what is equal there keeps its time, so make builds little."""
    names = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, check=True,
                           stdout=subprocess.PIPE, text=True).stdout.split("\n")
    for name in filter(None, names):
        here, there = os.path.join(ROOT, name), os.path.join(TREE, name)
        if not os.path.exists(here):
            continue
        os.makedirs(os.path.dirname(there), exist_ok=True)
        if not os.path.exists(there) or read(here) != read(there):
            shutil.copy(here, there)
            os.utime(there)


def read(path, mode="rb"):
    with open(path, mode) as file:
        return file.read()


def write(path, text):
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def make(*goals):
    """Whether it builds. What was built is remade by the times of files alone."""
    command = ["make", "-j2", "VARIANT=mutants", "OPT=-O1", *goals]
    return subprocess.run(command, cwd=TREE, stdout=subprocess.DEVNULL,
                          stderr=subprocess.PIPE, text=True)


def must_make(*goals):
    done = make(*goals)
    if done.returncode:
        sys.exit("the unchanged tree does not build:\n" + done.stderr)


def bounded():
    """A mutant that never stops to allocate or to write must not take the machine with it."""
    resource.setrlimit(resource.RLIMIT_DATA, (4 << 30, 4 << 30))
    resource.setrlimit(resource.RLIMIT_FSIZE, (4 << 30, 4 << 30))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


class Tests:
    """The test programs, how long each took, and whether it passes on the unchanged tree."""

    def __init__(self):
        self.kept = os.path.join(BUILD, "seconds.json")
        self.seconds = json.loads(read(self.kept)) if os.path.exists(self.kept) else {}
        self.clean = {}
        self.kills = {}

    def names(self, kind):
        found = glob.glob(os.path.join(TREE, "tests", kind, "test_*.c"))
        return [os.path.basename(name)[:-2] for name in found]

    def ordered(self, kind, sees):
        """The quick ones first, and those that see much."""
        return sorted(filter(sees, self.names(kind)), key=lambda name:
                      self.seconds.get(name, 5) / (1 + self.kills.get(name, 0)))

    def run(self, name):
        """None where it passes; else what failed."""
        limit = max(30, 10 * self.seconds[name]) if name in self.seconds else SLOWEST
        begin = time.monotonic()
        # a file, not a pipe: what a test leaves running must not keep us waiting
        with open(os.path.join(BUILD, "output"), "w+b") as out:
            child = subprocess.Popen([os.path.join(BUILD, "tests", name)], cwd=TREE, stdout=out,
                                     stderr=subprocess.STDOUT, env=dict(os.environ, BUILD=BUILD),
                                     stdin=subprocess.DEVNULL, start_new_session=True,
                                     preexec_fn=bounded)
            try:
                status = child.wait(limit)
            except subprocess.TimeoutExpired:
                status = None
            try:
                os.killpg(child.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
            child.wait()
            out.seek(0)
            text = out.read().decode(errors="replace")
        if status == 0:
            self.seconds[name] = round(time.monotonic() - begin, 2)
            return None
        if status is None:
            return f"{name} (no end after {limit:.0f} s)"
        failed = [line.split("]", 1)[1].strip() for line in text.split("\n")
                  if line.startswith("[  FAILED  ]") and "listed below" not in line]
        return f"{name}: {failed[0] if failed else f'ended with {status}'}"

    def save(self):
        write(self.kept, json.dumps(self.seconds))


def killer(tests, kinds, area, restore, change):
    """The first test that sees the change that is built now; None where all pass."""
    for kind in kinds:
        sees = SEES[area] if kind == "behave" else lambda test: test not in BLIND
        for name in tests.ordered(kind, sees):
            if tests.clean.get(name) is False:
                continue
            failed = tests.run(name)
            if not failed:
                continue
            if name not in tests.clean:  # is it the change, or is it the test?
                restore()
                tests.clean[name] = tests.run(name) is None
                if not tests.clean[name]:
                    print(f"  ({failed} on the unchanged tree as well: left out)", flush=True)
                change()
                if not tests.clean[name]:
                    continue
            tests.kills[name] = tests.kills.get(name, 0) + 1
            return failed
    return None


def built(goals):
    return [hashlib.sha1(read(os.path.join(TREE, goal))).digest() for goal in goals]


def is_seen(mutant, tests, kinds, base, unchanged):
    """NO_MUTANT, the test that killed it, or None; the tree is as before."""
    goals = goals_of(mutant.file, base)
    path = os.path.join(TREE, mutant.file)
    before = read(path, "r")

    def change():
        write(path, mutant.apply(before))
        return make(*goals).returncode == 0

    def restore():
        write(path, before)
        must_make(*goals)

    try:
        if not change() or (goals == base and built(base) == unchanged):
            return NO_MUTANT
        return killer(tests, kinds, mutant.area, restore, change)
    finally:
        write(path, before)


def goals_of(file, goals):
    """What is to be made anew: the unit tests, too, that have a header's functions in them."""
    if not file.endswith(".h"):
        return goals
    notes = glob.glob(os.path.join(BUILD, "tests", "test_*.d"))
    return goals + [os.path.relpath(note[:-2], TREE) for note in notes if file in read(note, "r")]


def load_equal():
    """FILE :: LINE :: LINE AS CHANGED :: REASON; what is not in its file any more is a mistake."""
    equal = set()
    for line in read(os.path.join(ROOT, "tests", "mutants.equal"), "r").split("\n"):
        if not line or line.startswith("#"):
            continue
        file, old, new, _ = (part.strip() for part in line.split(" :: ", 3))
        path = os.path.join(ROOT, file)
        lines = read(path, "r").split("\n") if os.path.exists(path) else []
        if old not in (text.strip() for text in lines):
            sys.exit(f"tests/mutants.equal: {file} has no line '{old}' any more")
        equal.add((file, old, new))
    return equal


def draw(seed, only_area, only):
    """Changes without an end: a third in each area; in each, every kind of change as often."""
    chance = random.Random(seed)
    sites = {}
    for area, patterns in AREAS.items():
        if only_area not in (None, area):
            continue
        names = sorted({name for pattern in patterns
                        for name in glob.glob(pattern, root_dir=ROOT)})
        for name in names:
            if only and not fnmatch.fnmatch(name, only):
                continue
            for mutant in mutants_source.find(area, name, read(os.path.join(ROOT, name), "r")):
                sites.setdefault(area, {}).setdefault(mutant.kind, []).append(mutant)
    while any(sites.values()):
        for area in list(sites):
            kinds = sites[area]
            if not kinds:
                continue
            kind = chance.choice(sorted(kinds))
            yield kinds[kind].pop(chance.randrange(len(kinds[kind])))
            if not kinds[kind]:
                del kinds[kind]


def main():
    ask = argparse.ArgumentParser()
    ask.add_argument("--count", type=int, default=60)
    ask.add_argument("--seed", type=int, default=random.randrange(1 << 31))
    ask.add_argument("--area", choices=AREAS)
    ask.add_argument("--only", help="files, as a glob")
    ask.add_argument("--tests", choices=("unit", "all"), default="all")
    ask.add_argument("--list", action="store_true", help="draw, and show what was drawn")
    word = ask.parse_args()
    print(f"seed {word.seed}", flush=True)
    equal = load_equal()
    drawn = (mutant for mutant in draw(word.seed, word.area, word.only) if mutant.key() not in equal)
    if word.list:
        for mutant, _ in zip(drawn, range(word.count)):
            print(mutant)
        return 0
    copy_tree()
    goals = [os.path.relpath(os.path.join(BUILD, name), TREE)
             for name in ("unit.a", "sockfix", "libsockfix.so")]
    must_make("mutants-base")
    must_make(*goals)
    unchanged = built(goals)
    tests = Tests()
    kinds = ("unit",) if word.tests == "unit" else ("unit", "behave")
    killed = survived = 0
    for mutant in drawn:
        if killed + survived == word.count:
            break
        begin = time.monotonic()
        seen = is_seen(mutant, tests, kinds, goals, unchanged)
        tests.save()
        if seen == NO_MUTANT:
            continue
        killed, survived = killed + bool(seen), survived + (not seen)
        print(f"{killed + survived:3} {mutant}\n      " + (f"killed by {seen}" if seen else "SURVIVED") +
              f", {time.monotonic() - begin:.0f} s", flush=True)
    count = killed + survived
    print(f"seed {word.seed}: {killed} of {count} killed ({100 * killed / max(count, 1):.0f} %)")
    return 0 if count and killed * 100 >= FLOOR * count else 1


if __name__ == "__main__":
    sys.exit(main())
