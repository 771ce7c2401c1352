"""sink.py: reads connections, one after the other, to their end, acknowledges at once, and tells
the peer after each 500 bytes, by a datagram to the same port. Prints its port."""
import socket

server = socket.create_server(("127.0.0.1", 0))
tell = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
print(server.getsockname()[1], flush=True)
while True:
    peer, address = server.accept()
    total = 0
    while got := len(peer.recv(65536)):
        peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
        total += got
        if total % 500 == 0:
            tell.sendto(b"x", address)
    peer.close()
