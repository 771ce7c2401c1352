#!/usr/bin/env python3
"""client.py PORT CLIENTS TRANSACTIONS: so many processes, each with so many transactions.

Each transaction is a connection of its own: connect, four messages of 3,000 bytes, two each way,
close with SO_LINGER 0. Prints p50, p99, p99.9 and the maximum in milliseconds, how many took over
100 and over 900, and the seconds until the last client was done.
"""
import array
import os
import socket
import struct
import sys
import time

SIZE = 3000
MESSAGE = b"q" * SIZE
LINGER_0 = struct.pack("ii", 1, 0)


def transaction(port):
    with socket.socket() as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_0)
        sock.connect(("127.0.0.1", port))
        for _ in range(2):
            sock.sendall(MESSAGE)
            left = SIZE
            while left:
                got = sock.recv(left)
                if not got:
                    raise SystemExit("client.py: the server ended a transaction")
                left -= len(got)


def client(port, count, out):
    """Writes the time of each transaction to out, in microseconds."""
    times = array.array("I")
    for _ in range(count):
        began = time.monotonic()
        transaction(port)
        times.append(round((time.monotonic() - began) * 1e6))
    with os.fdopen(out, "wb") as file:
        times.tofile(file)


def start(port, count):
    """A client in a process of its own; the read end of its results."""
    reader, writer = os.pipe()
    if os.fork() == 0:
        os.close(reader)
        client(port, count, writer)
        os._exit(0)
    os.close(writer)
    return reader


def main():
    port, clients, count = map(int, sys.argv[1:])
    times = array.array("I")
    began = time.monotonic()
    for reader in [start(port, count) for _ in range(clients)]:
        with os.fdopen(reader, "rb") as file:
            times.frombytes(file.read())
    seconds = time.monotonic() - began
    if len(times) != clients * count:
        raise SystemExit(f"client.py: {len(times)} transactions of {clients * count} ended")
    times = sorted(times)
    for share in (0.5, 0.99, 0.999, 1):
        print(f"{times[min(int(len(times) * share), len(times) - 1)] / 1000:.2f}", end=" ")
    print(sum(t > 100_000 for t in times), sum(t > 900_000 for t in times),
          f"{seconds:.1f}")


if __name__ == "__main__":
    main()
