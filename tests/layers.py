#!/usr/bin/env python3
"""layers.py BUILD: holds the rooms of the code. Who calls whom is read off the object files by nm(1),
who includes whom off the sources: both go only where tests/rooms allows, and no file calls back to
one that calls it, however long the way. Prints what does not hold; exit 1 then."""
import os
import re
import subprocess
import sys
from collections import defaultdict

HERE = os.path.dirname(os.path.abspath(__file__))
os.chdir(os.path.dirname(HERE))

# What both sides of a recording or of the switch include, and the list of calls with what is made of it.
SHARED = {"shim/trace_format.h", "shim/env.h", "shim/control_page.h", "shim/older.h"}
LISTS = {"shim/calls.h", "shim/prototypes.h", "shim/export.h"}
LIBCONFIG = "rules/text/load.c"  # its only includer
VICTIM_RULES = ("rules/option.c", "rules/rule.c", "rules/wire.c")

complaints = []


def complain(text):
    complaints.append(text)


def read_rooms():
    rooms = {}
    for line in open(os.path.join(HERE, "rooms"), encoding="ascii"):
        line = line.split("#")[0].strip()
        if not line:
            continue
        room, _, may = line.partition(":")
        for other in may.split():
            if other not in rooms:
                complain(f"tests/rooms: {room} may call {other}, which stands behind it")
        rooms[room] = set(may.split())
    return rooms


ROOMS = read_rooms()


def stem(path):
    """A file and its header, or a .c and the .S that belongs to it, are one."""
    return os.path.splitext(path)[0]


def room_of(path):
    return next((room for room in (stem(path), os.path.dirname(path)) if room in ROOMS), None)


def sources():
    for top in ("shim", "rules", "tools"):
        for folder, _, names in os.walk(top):
            for name in sorted(names):
                if name.endswith((".c", ".h", ".S")):
                    yield os.path.join(folder, name)


def may_use(path, other):
    room, theirs = room_of(path), room_of(other)
    return room == theirs or theirs in ROOMS[room]


# ---- includes ----

def check_include(path, other):
    if other in SHARED or (other in LISTS and path.startswith("shim/")):
        return
    if other.startswith("presets/") or room_of(other) is None:
        complain(f"{path}: includes {other}, which is in no room")
    elif not may_use(path, other):
        complain(f"{path}: includes {other}: {room_of(path)} may not use {room_of(other)}")


def check_source(path):
    text = open(path, encoding="utf-8").read()
    if room_of(path) is None and path not in SHARED | LISTS:
        complain(f"{path}: is in no room of tests/rooms")
        return
    for other in re.findall(r'^#\s*include\s*"([^"]+)"', text, re.M):
        if path not in SHARED | LISTS:
            check_include(path, other if "/" in other else os.path.join(os.path.dirname(path), other))
    if "<libconfig" in text and path != LIBCONFIG:
        complain(f"{path}: only {LIBCONFIG} may know libconfig")
    if path.startswith("shim/pure/") and re.search(r"#include <(sys/|unistd)|\b(real|libc)\(\)", text):
        complain(f"{path}: no system call in shim/pure/")
    # What is collected goes by the tick: no write reads the time.
    if re.match(r"shim/(table|flow|settle)/(buffer|flush|collect|room)\.[ch]$", path) and re.search(
            r"clock\.h|clock_(now|gettime)|rdtsc", text):
        complain(f"{path}: must not read a clock")
    # What lives in the victim knows nothing but libc, and takes no memory.
    if path in VICTIM_RULES and re.search(r"\b(malloc|calloc|realloc|free|fopen|open|getenv)\(", text):
        complain(f"{path}: lives in the victim")


# ---- calls ----

def objects(build, side):
    for folder, _, names in os.walk(os.path.join(build, side)):
        for name in names:
            path = os.path.join(folder, name)
            source = os.path.relpath(path, os.path.join(build, side))[:-2]
            if name.endswith(".o") and os.path.isfile(source) and room_of(source):
                yield source, path


def read_calls(build, side):
    """{file: {file: names}}, by their sources."""
    defined, wanted = {}, defaultdict(set)
    for source, path in objects(build, side):
        listed = subprocess.run(["nm", path], check=True, text=True, stdout=subprocess.PIPE).stdout
        for line in listed.splitlines():
            words = line.split()
            if words[-2] in "Uw" and len(words) == 2:
                wanted[source].add(words[-1])
            elif words[-2].isupper() or words[-2] == "V":
                defined[words[-1]] = source
    calls = defaultdict(lambda: defaultdict(set))
    for source, names in wanted.items():
        for name in names:
            other = defined.get(name)
            if other and stem(other) != stem(source):
                calls[source][other].add(name)
    if not defined:
        complain(f"{build}/{side}: no object of ours; run make first")
    return calls


def check_calls(calls):
    for source, others in sorted(calls.items()):
        for other, names in sorted(others.items()):
            if not may_use(source, other):
                complain(f"{source}: calls {', '.join(sorted(names))} of {other}: "
                         f"{room_of(source)} may not call {room_of(other)}")


def find_ring(calls):
    """One way from a file back to itself, or None."""
    graph = defaultdict(set)
    for source, others in calls.items():
        graph[stem(source)] |= {stem(other) for other in others}
    done, way = set(), []

    def walk(at):
        if at in way:
            return way[way.index(at):] + [at]
        if at in done:
            return None
        way.append(at)
        for other in sorted(graph[at]):
            ring = walk(other)
            if ring:
                return ring
        done.add(way.pop())
        return None

    return next(filter(None, map(walk, sorted(graph))), None)


def main():
    build = sys.argv[1] if len(sys.argv) > 1 else "build"
    for path in sources():
        check_source(path)
    for side in ("shim", "tool"):
        calls = read_calls(build, side)
        check_calls(calls)
        ring = find_ring(calls)
        if ring:
            complain("a ring of calls: " + " -> ".join(ring))
    print("\n".join(complaints) or "layers: every call and every include goes down, in no ring")
    return 1 if complaints else 0


sys.exit(main())
