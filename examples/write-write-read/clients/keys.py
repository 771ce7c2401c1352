#!/usr/bin/env python3
"""keys.py PORT COUNT KEY [SOCKFIX...]: keystrokes in an ssh session, on a terminal of its own.

Each is typed when the last one was echoed. Ssh is started by the command SOCKFIX, if there is one.
Prints the seconds of all, and p50 and the longest in milliseconds.
"""
import os
import pty
import sys
import time

port, count, key = sys.argv[1], int(sys.argv[2]), sys.argv[3]
ssh = sys.argv[4:] + [
    "ssh", "-tt", "-q", "-F", "none", "-i", key, "-p", port, "-o", "StrictHostKeyChecking=no",
    "-o", "UserKnownHostsFile=/dev/null", "-o", "BatchMode=yes", "127.0.0.1",
    "echo ready; exec cat >/dev/null"]


def read_until(screen, text):
    seen = b""
    while text not in seen:
        try:
            got = os.read(screen, 4096)
        except OSError:
            got = b""
        if not got:
            raise SystemExit(f"keys.py: the session ended: {seen!r}")
        seen += got


child, screen = pty.fork()
if child == 0:
    os.execvp(ssh[0], ssh)
read_until(screen, b"ready")
times = []
for turn in range(count):
    letter = b"abcdefghij"[turn % 10:turn % 10 + 1]
    began = time.monotonic()
    os.write(screen, letter)
    read_until(screen, letter)
    times.append(time.monotonic() - began)
    if turn % 60 == 59:  # the terminal's line has an end, too
        os.write(screen, b"\n")
        read_until(screen, b"\n")
os.write(screen, b"\n\x04")
os.waitpid(child, 0)
times.sort()
print(f"{sum(times):.4f} {times[count // 2] * 1000:.2f} {times[-1] * 1000:.2f}")
