"""threads.py PORT: 16 threads ask 30 questions on each of 64 connections, four a thread."""
import socket
import sys
import threading


def ask(peers):
    for number in range(30):
        for peer in peers:
            peer.sendall(b"question %d\n" % number)
            answer = b""
            while not answer.endswith(b"\n"):
                answer += peer.recv(100)


peers = [socket.create_connection(("127.0.0.1", int(sys.argv[1]))) for _ in range(64)]
threads = [threading.Thread(target=ask, args=(peers[at::16],)) for at in range(16)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
for peer in peers:
    peer.close()
