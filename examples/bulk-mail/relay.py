#!/usr/bin/env python3
"""relay.py PORT MILLISECONDS: passes connections on to that port, so much later each way.

It takes a free port, prints it, and ends when its standard input does. A relay ends the TCP
connection: acknowledgements come from here at once, only bytes take their time. So it shows what
round trips cost a dialogue, and nothing about TCP's own doings on a long line.
"""
import os
import queue
import socket
import sys
import threading
import time

PORT = int(sys.argv[1])
DELAY = float(sys.argv[2]) / 1000


def take(source, line):
    """Puts what comes from source into the line, with the time when it is due; b"" is the end."""
    while True:
        try:
            data = source.recv(65536)
        except OSError:
            data = b""
        line.put((time.monotonic() + DELAY, data))
        if not data:
            return


def give(line, sink):
    """Hands on what is in the line when it is due."""
    try:
        while True:
            due, data = line.get()
            time.sleep(max(0, due - time.monotonic()))
            if not data:
                sink.shutdown(socket.SHUT_WR)
                return
            sink.sendall(data)
    except OSError:
        pass


def serve(near):
    with near, socket.create_connection(("127.0.0.1", PORT)) as far:
        threads = []
        for source, sink in ((near, far), (far, near)):
            sink.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            line = queue.SimpleQueue()
            threads.append(threading.Thread(target=take, args=(source, line), daemon=True))
            threads.append(threading.Thread(target=give, args=(line, sink), daemon=True))
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()


def end_with_stdin():
    sys.stdin.buffer.read()
    os._exit(0)


def main():
    listener = socket.create_server(("127.0.0.1", 0))
    threading.Thread(target=end_with_stdin, daemon=True).start()
    print(listener.getsockname()[1], flush=True)
    while True:
        near, _ = listener.accept()
        threading.Thread(target=serve, args=(near,), daemon=True).start()


if __name__ == "__main__":
    main()
