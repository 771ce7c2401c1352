"""http.py PORT SMALL LARGE: prints the sums of what it gets on three connections. It is idle, connected
and not, for 0.4 s each, reads the large file 0.4 s late, and sends its last request in two halves
0.3 s apart: 1.5 s in which a server waits."""
import hashlib
import socket
import sys
import time

PORT, SMALL, LARGE = int(sys.argv[1]), sys.argv[2], sys.argv[3]


def request(path, connection="keep-alive"):
    return f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: {connection}\r\n\r\n".encode()


def answer(file):
    """The status and the body; headers name times."""
    status, length = file.readline(), 0
    for line in iter(file.readline, b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
    body = file.read(length)
    assert len(body) == length
    return status + body


def say(data):
    print(len(data), hashlib.sha256(data).hexdigest())


def connect():
    return socket.create_connection(("127.0.0.1", PORT))


with connect() as sock, sock.makefile("rb") as got:
    for half in range(2):
        for _ in range(20):
            sock.sendall(request(SMALL))
            say(answer(got))
        time.sleep(0.4 if half == 0 else 0)
time.sleep(0.4)
with connect() as sock, sock.makefile("rb") as got:
    sock.sendall(request(LARGE, "close"))
    time.sleep(0.4)
    say(answer(got))
with connect() as sock, sock.makefile("rb") as got:
    whole = request(SMALL, "close")
    sock.sendall(whole[:20])
    time.sleep(0.3)
    sock.sendall(whole[20:])
    say(answer(got))
