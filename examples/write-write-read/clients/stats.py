#!/usr/bin/env python3
"""stats.py PORT COUNT: every 5 ms ten values of 50 bytes for a statsd over TCP, a write each."""
import socket
import sys
import time

port, count = map(int, sys.argv[1:])
statsd = socket.create_connection(("127.0.0.1", port))
began = time.monotonic()
for turn in range(count):
    for value in range(10):
        statsd.send(f"site.hosts.web{value:02}.requests.{turn:06}:1|c".ljust(49).encode() + b"\n")
    time.sleep(0.005)
print(f"{time.monotonic() - began:.4f}")
