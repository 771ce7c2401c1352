#!/usr/bin/env python3
"""threads.py PORT COUNT: one thread writes and never reads, another reads and never writes.

The writer sends each request in two writes and takes the next one when the reader says so: neither
does write-write-read, and yet both together do."""
import queue
import socket
import sys
import threading
import time

port, count = map(int, sys.argv[1:])
server = socket.create_connection(("127.0.0.1", port))
answers = queue.SimpleQueue()


def read():
    for line in server.makefile("rb"):
        answers.put(line)


threading.Thread(target=read, daemon=True).start()
began = time.monotonic()
for turn in range(count):
    server.send(b"the first half ")
    server.send(b"of turn %d\n" % turn)
    answers.get()
print(f"{time.monotonic() - began:.4f}")
