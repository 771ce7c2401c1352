"""statsd.py PORT COUNT: COUNT times ten values of 50 bytes over TCP to sink.py, a send each. It
begins with the next ten when the last are acknowledged, as one does that sends them every second."""
import socket
import sys

with socket.create_connection(("127.0.0.1", int(sys.argv[1]))) as sock, \
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as told:
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    told.bind(sock.getsockname())
    for number in range(int(sys.argv[2])):
        for _ in range(10):
            sock.send(b"some.service.of.ours.requests:%017d|c\n" % number)
        told.recv(1)
    sock.shutdown(socket.SHUT_WR)
    sock.recv(1)
