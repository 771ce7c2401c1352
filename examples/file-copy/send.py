#!/usr/bin/env python3
"""send.py loop|sendfile FILE PORT: sends a file, and prints the seconds until the reader has it.

loop reads and sends 8 KB at a time, as the reported server did; sendfile is socket.sendfile, which
leaves the copying to the kernel.
"""
import os
import socket
import sys
import time

PIECE = 8192


def main():
    how, path, port = sys.argv[1], sys.argv[2], int(sys.argv[3])
    with open(path, "rb", buffering=0) as file, \
            socket.create_connection(("127.0.0.1", port)) as sock:
        began = time.monotonic()
        if how == "sendfile":
            sock.sendfile(file)
        else:
            while piece := file.read(PIECE):
                sock.sendall(piece)
        sock.shutdown(socket.SHUT_WR)
        got = int(sock.makefile().readline())
        seconds = time.monotonic() - began
    if got != os.path.getsize(path):
        raise SystemExit(f"send.py: {got} bytes of {os.path.getsize(path)} arrived")
    print(f"{seconds:.4f}")


if __name__ == "__main__":
    main()
