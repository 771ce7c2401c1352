"""memcache.py PORT: asks memcached in its own protocol on two connections, with 0.4 s of quiet on the
first and 0.4 s between them, and prints the sum of the answers."""
import hashlib
import socket
import sys
import time

SUM = hashlib.sha256()


def ask(sock, file, request, last):
    sock.sendall(request)
    for line in file:
        SUM.update(line)
        if line == last:
            break


for number in range(2):
    with socket.create_connection(("127.0.0.1", int(sys.argv[1]))) as sock, sock.makefile("rb") as file:
        for n in range(200):
            value = b"%d" % n * n
            ask(sock, file, b"set key%d 0 0 %d\r\n%s\r\n" % (n, len(value), value), b"STORED\r\n")
        time.sleep(0.4 if number == 0 else 0)
        for n in range(200):
            ask(sock, file, b"get key%d\r\n" % n, b"END\r\n")
    time.sleep(0.4 if number == 0 else 0)
print(SUM.hexdigest())
