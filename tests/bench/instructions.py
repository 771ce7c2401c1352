"""User-space instructions of a call, counted by callgrind: the same number on every run, where times
swing by a third. instructions.c says what is counted, and how time is kept out of it. Rows are those
of calls_rows.c. PROFILE=FOLDER keeps what callgrind found, for callgrind_annotate(1):

    PROFILE=/tmp/profile make bench TOPIC=instructions
    callgrind_annotate --threshold=100 /tmp/profile/turn,flow-auto-01
"""
import os
import struct
import tempfile

from bed import BUFFER, Arm, Failed, in_turns

ROWS = ["write,file", "write,pipe", "read,file", "poll,1", "epoll_wait,1", "nanosleep",
        "recv,flow", "recv,flow,nothing", "send,flow,stream", "turn,flow", "turn,flow,poll",
        "turn-of-2,flow", "turn-of-10,flow"]
LATE = "coalesce_delay=100ms"  # the deadline's thread leaves all alone meanwhile
BUDGET = struct.pack("=8sq", b"SOCKFIXB", 1 << 30)  # struct trace_budget; `ticks` stays 0


def arms_of(stand, folder):
    """The recorder is not told that the kernel's clock is the TSC: nobody can make a false TSC."""
    with open(f"{folder}/budget", "wb") as file:
        file.write(BUDGET)
        file.truncate(4096)
    preload = [word for word in stand.auto.variables if not word.startswith("SOCKFIX_RULES=")]
    return [stand.bare, stand.ruled("off", "coalesce=off"), stand.auto,
            stand.ruled("always", "coalesce=always", LATE),
            stand.ruled("buffer", *BUFFER, LATE),
            Arm("record", [*preload, f"SOCKFIX_TRACE={folder}"])]


def sample(stand, folder, row, arm):
    profile = f"{folder}/{row}-{arm.name}"
    said = stand.figures(
        ["valgrind", "-q", "--tool=callgrind", "--toggle-collect=counted_calls*",
         "--separate-threads=yes", f"--callgrind-out-file={profile}", stand.program("instructions"), row], arm)
    if row.startswith("turn-of-") and arm.name == "auto" and not said["asked"]:
        raise Failed("instructions.c is not the library's clock any more")
    with open(f"{profile}-01", encoding="ascii", errors="replace") as file:  # the first thread's
        total = next(line.split()[1] for line in file if line.startswith("summary:"))
    return {"instructions": int(total) / said["count"]}


def rows(stand):
    with tempfile.TemporaryDirectory() as temporary:
        folder = os.path.abspath(os.environ.get("PROFILE") or temporary)
        os.makedirs(folder, mode=0o700, exist_ok=True)
        arms = arms_of(stand, folder)
        for row in ROWS:
            yield row, lambda row=row: in_turns(
                arms, lambda arm: sample(stand, folder, row, arm), 1)
