#!/usr/bin/python3
"""job.py PORT NAME: the COMMAND of the rows. Says its name, then turns of two small writes and a
read, as a client does that stalls; then waits until its peer ends the connection. PORT '-': the
connection is its descriptor 0, which xinetd made."""
import socket
import sys

TURNS = 5


def talk(sock, name):
    sock.sendall(name.encode() + b"\n")
    for turn in range(TURNS):
        sock.sendall(b"turn")
        sock.sendall(b" %d of it\n" % turn)
        if sock.recv(64) != b"ok\n":
            return 1
    while sock.recv(64):
        pass
    return 0


def job(port, name):
    with socket.socket(fileno=0) if port == "-" else socket.create_connection(
            ("127.0.0.1", int(port))) as sock:
        return talk(sock, name)


if __name__ == "__main__":
    sys.exit(job(*sys.argv[1:3]))
