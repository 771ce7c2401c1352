#!/usr/bin/env python3
"""server.py http|smtp|imap|lines|sink PORT: a small server that reads plainly.

A thread a connection, a read when it wants something, one write for each answer, and no socket
option at all: so its kernel delays acknowledgements by 40 ms, as kernels do. It says "ready", and
ends with its standard input.
"""
import os
import re
import socket
import sys
import threading


def http(lines, answer):
    """Answers each request once its body is there."""
    while head := lines.readline():
        size = 0
        while (line := lines.readline()) not in (b"\r\n", b""):
            if line.lower().startswith(b"content-length:"):
                size = int(line.split(b":")[1])
        if head.split()[0] == b"POST" and len(lines.read(size)) < size:
            return
        answer(b"HTTP/1.1 200 OK\r\nConnection: keep-alive\r\nContent-Length: 3\r\n\r\nok\n")


def smtp(lines, answer):
    answer(b"220 server.test ESMTP\r\n")
    while line := lines.readline():
        verb = line.strip().upper()
        if verb == b"DATA":
            answer(b"354 go ahead\r\n")
            while lines.readline() not in (b".\r\n", b""):
                pass
        answer(b"221 bye\r\n" if verb == b"QUIT" else b"250 ok\r\n")


def imap(lines, answer):
    answer(b"* OK [CAPABILITY IMAP4rev1] ready\r\n")
    while line := lines.readline():
        tag, verb = line.split()[:2]
        while literal := re.search(rb"\{(\d+)\}\r\n$", line):
            answer(b"+ go ahead\r\n")
            lines.read(int(literal[1]))
            line = lines.readline()
        answer(tag + b" OK " + verb + b" done\r\n")


def answer_lines(lines, answer):
    while lines.readline():
        answer(b"ok\n")


def sink(lines, _):
    while lines.read1(65536):
        pass


KINDS = {"http": http, "smtp": smtp, "imap": imap, "lines": answer_lines, "sink": sink}


def serve(kind, peer):
    try:
        with peer, peer.makefile("rb") as lines:
            KINDS[kind](lines, peer.sendall)
    except ConnectionError:
        pass


def end_with_stdin():
    sys.stdin.buffer.read()
    os._exit(0)


def main():
    listener = socket.create_server(("127.0.0.1", int(sys.argv[2])))
    threading.Thread(target=end_with_stdin, daemon=True).start()
    print("ready", flush=True)
    while True:
        peer, _ = listener.accept()
        threading.Thread(target=serve, args=(sys.argv[1], peer), daemon=True).start()


if __name__ == "__main__":
    main()
