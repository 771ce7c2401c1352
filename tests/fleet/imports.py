#!/usr/bin/env python3
"""imports.py PORT IMPORTS MAILS READY: the import of examples/imap, again and again in one process,
a connection each; then waits until its stdin ends.

Writes to READY, as JSON, what it knows of itself: of the connections that the rule holds on, and of
those that it does not hold on, how many there were, their seconds by its own clock, and their turns.
The rule sets SO_KEEPALIVE, too: the kernel's list has a keepalive timer for such a connection."""
import imaplib
import importlib.util
import json
import os
import sys
import time

spec = importlib.util.spec_from_file_location("the_import", "examples/imap/import.py")
the_import = importlib.util.module_from_spec(spec)
spec.loader.exec_module(the_import)


def is_mended(sock):
    """Whether the connection has a keepalive timer; while something is unacknowledged the list has
    another one."""
    me = ":%04X" % sock.getsockname()[1]
    while True:
        with open("/proc/net/tcp", encoding="ascii") as lines:
            timer = [line.split()[5][:2] for line in lines if line.split()[1].endswith(me)][0]
        if timer in ("00", "02"):
            return timer == "02"
        time.sleep(0.01)


def main():
    port, imports, mails, ready = int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
    arms = {name: {"connections": 0, "seconds": 0.0, "turns": 0} for name in ("bare", "mended")}
    for _ in range(imports):
        imap = imaplib.IMAP4("127.0.0.1", port)
        arm = arms["mended" if is_mended(imap.sock) else "bare"]
        arm["connections"] += 1
        imap.login("demo", "demo")
        began = time.monotonic()
        for number in range(mails):
            imap.append("INBOX", None, None, the_import.mail(number))
        arm["seconds"] += time.monotonic() - began
        # A mail is two turns: the command, and the mail.
        arm["turns"] += 2 * mails
        imap.logout()
    with open(ready + ".new", "w", encoding="ascii") as out:
        json.dump(arms, out)
    os.rename(ready + ".new", ready)
    sys.stdin.read()


if __name__ == "__main__":
    main()
