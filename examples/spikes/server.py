#!/usr/bin/env python3
"""server.py BACKLOG: answers one transaction a connection, one after the other.

It takes a free port, prints it, and ends when its standard input does. A transaction is four
messages of 3,000 bytes, two each way. It never sets an option but the reported SO_LINGER.
"""
import os
import socket
import struct
import sys
import threading

SIZE = 3000
MESSAGE = b"a" * SIZE


def end_with_stdin():
    sys.stdin.buffer.read()
    os._exit(0)


def serve(peer):
    for _ in range(2):
        left = SIZE
        while left:
            got = peer.recv(left)
            if not got:
                return
            left -= len(got)
        peer.sendall(MESSAGE)
    peer.recv(1)


def main():
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", 0))
    listener.listen(int(sys.argv[1]))
    threading.Thread(target=end_with_stdin, daemon=True).start()
    print(listener.getsockname()[1], flush=True)
    while True:
        peer, _ = listener.accept()
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        with peer:
            try:
                serve(peer)
            except ConnectionResetError:
                pass


if __name__ == "__main__":
    main()
