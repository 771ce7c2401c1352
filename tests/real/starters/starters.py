#!/usr/bin/python3
"""starters.py [NAME]...: each program that starts others, the real one, with the lines that
`sockfix explain NAME` prints. Four arms a row: bare (the lines without sockfix), on (as they stand),
inert (the library without rules), dropped (LD_PRELOAD lost behind the lines); and what people do
instead. In each the bytes are the same, the socket is looked at from outside, and `sockfix status`
must name what there is; of the one that is on also when the library's file is replaced. Prints a line
a row. Exit status: 1 where one fails, 77 where nothing that was asked for can be had here.

A row runs in namespaces with a copy of /etc of its own (root.py): what it does ends with it."""
import os
import socket
import subprocess
import sys

sys.dont_write_bytecode = True  # the tree stays as it is
import peer
import root
import rows_containers
import rows_jobs
import rows_servers

PLAIN, MENDED = (0, 0, 0), (1, 1, 47000)
# Options, exit status and words of `sockfix status PID`.
STATES = {
    "bare": (PLAIN, 1, "has not the library: it was not started by sockfix"),
    "on": (MENDED, 0, "state    on: its rules hold", "rules    starter"),
    "inert": (PLAIN, 0, "state    inert: SOCKFIX_RULES is not set"),
    "dropped": (PLAIN, 1, "should have it and has not: LD_PRELOAD was lost on the way"),
    "untold": (PLAIN, 1, "has not the library: whether it should cannot be told, for it has written "
               "over its environment"),
    "gone": (PLAIN, 1, "should have it and has not: LD_PRELOAD names ", ", which is not there"),
    "overwritten": (PLAIN, 1, "should have it and has not: LD_PRELOAD was overwritten: it is "),
}
ROWS = (*rows_jobs.ROWS, *rows_servers.ROWS, *rows_containers.ROWS)
LINES = ("bare", "on", "inert", "dropped")


def expect(what, seen, wanted):
    if seen != wanted:
        raise peer.Failed(f"{what}: {seen!r} where {wanted!r} should be")


def expect_in(what, text, part):
    if part not in text:
        raise peer.Failed(f"{what}: no '{part}' in:\n{text}")


class Place:
    """What a row may ask."""
    def __init__(self, there):
        self.call, self.requests = there.call, {}

    def request(self, arm, port):
        self.requests[arm] = socket.create_connection(("127.0.0.1", port))
        return self.requests[arm]

    @staticmethod
    def says_in_front(words, sentence, mended=False):
        """`run -n -- WORDS` says that the library will not get there, or not on from there."""
        what = f"run -n -- {' '.join(words)}"
        status, out, fault = root.sockfix("run", "-n", "--", *words)
        expect(what, (status, out != ""), (0, mended))
        expect_in(what, fault, f"sockfix: {sentence}\n")

    @staticmethod
    def file_has(path, part):
        root.wait_for(lambda: os.path.exists(path) and os.path.getsize(path), path)
        with open(path, encoding="utf-8") as file:
            expect_in(path, file.read(), part)


def texts_of(row):
    """{arm: text}, ready to run."""
    lines = root.lines(row.name)
    texts = {"bare": row.bare(lines), "on": lines, "inert": row.inert(lines),
             "dropped": row.dropped(lines, root.DROPPED)}
    texts |= {arm: text for arm, (_, text) in row.others.items()}
    rules = {stands: f"SOCKFIX_RULES={quote}{root.rules()}{quote}"
             for stands, quote in (("SOCKFIX_RULES=RULES", ""), ('SOCKFIX_RULES="RULES"', '"'),
                                   ("SOCKFIX_RULES=1:default", ""))}
    return {arm: root.filled_in(text, {**row.words(arm), **rules}) for arm, text in texts.items()}


def look(arm, state, job):
    options, status, *parts = STATES[state]
    code, out, fault = root.sockfix("status", str(job.pid))
    expect(f"{arm}: options", job.options(), options)
    for part in parts:
        expect_in(f"{arm}: sockfix status", out + fault, part)
    expect(f"{arm}: exit status of sockfix status", code, status)


def look_accepted(arm, state, sock):
    """Servers set TCP_NODELAY themselves."""
    seen = peer.of_socket(sock)[1:]
    expect(f"{arm}: options of what it accepted", seen, STATES[state][0][1:])


def look_deleted(job, library):
    """As an upgrade does it."""
    root.install(f"{root.PLACE}/libsockfix.so", library)
    code, out, _ = root.sockfix("status", str(job.pid))
    expect_in("deleted: sockfix status", out, " (deleted)\n")
    expect_in("deleted: sockfix status", out, "state    on: its rules hold")
    expect("deleted: exit status of sockfix status", code, 0)


def play(row):
    there = peer.Peer()
    place = Place(there)
    row.prepare()
    texts = texts_of(row)
    state = {arm: row.others[arm][0] if arm in row.others else row.states.get(arm, arm)
             for arm in texts}
    row.start(texts, place)
    jobs = {arm: there.wait(arm) for arm in texts}
    for arm, job in jobs.items():
        look(arm, state[arm], job)
        expect(f"{arm}: the bytes", job.said, jobs["bare"].said)
    for arm, sock in place.requests.items():
        look_accepted(arm, state[arm], sock)
    look_deleted(jobs["on"], row.library(jobs["on"]))
    for words, sentence in row.sentences:
        place.says_in_front(words, sentence)
    row.after(place)
    for job in jobs.values():
        job.end()


def inside(name):
    row = next(row for row in ROWS if row.name == name)
    root.make()
    try:
        play(row)
    except (peer.Failed, TimeoutError, OSError, subprocess.CalledProcessError) as fault:
        print(f"{type(fault).__name__}: {fault}\n{root.logs()}", flush=True)
        return 1
    return 0


def main():
    if os.environ.get(root.INSIDE):
        status = inside(sys.argv[1])
        sys.stdout.flush()
        os._exit(status)  # threads that wait do not keep it
    wanted = [row for row in ROWS if not sys.argv[1:] or row.name in sys.argv[1:]]
    if not wanted:
        sys.exit(f"no row is called {' '.join(sys.argv[1:])}")
    bad, without = 0, 0
    for row in wanted:
        if row.lacks():
            print(f"{row.name:16}not to be had: no {', '.join(row.lacks())}", flush=True)
            without += 1
            continue
        child = subprocess.run([root.PYTHON, os.path.abspath(__file__), row.name], check=False,
                               capture_output=True, text=True,
                               env={**os.environ, "STARTERS_ROW": "1"})
        word = "FAILED" if child.returncode else "as it must be"
        print(f"{row.name:16}{word}: {', '.join((*LINES, 'deleted', *row.others))}", flush=True)
        if child.returncode:
            print(child.stdout + child.stderr, flush=True)
            bad += 1
    print(f"{len(wanted)} rows, {bad} failed, {without} not to be had")
    return 1 if bad else 77 if without == len(wanted) else 0


if __name__ == "__main__":
    if os.environ.pop("STARTERS_ROW", None):
        root.enter()
    sys.exit(main())
