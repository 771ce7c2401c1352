"""server.py PORT [fork]: answers each line in two small writes. fork: goes to the background."""
import os
import socket
import sys

listener = socket.create_server(("127.0.0.1", int(sys.argv[1])))
if sys.argv[2:] == ["fork"] and os.fork():
    os._exit(0)
while True:
    peer, _ = listener.accept()
    while line := peer.recv(4096):
        peer.send(b"a")
        peer.send(b"\n")
