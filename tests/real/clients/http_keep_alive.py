"""http_keep_alive.py PORT COUNT: http.client gets /file COUNT times on one connection, then reads
to the server's end. Prints how many bytes came."""
import http.client
import socket
import sys

client = http.client.HTTPConnection("127.0.0.1", int(sys.argv[1]))
total = 0
for _ in range(int(sys.argv[2])):
    client.request("GET", "/file")
    total += len(client.getresponse().read())
client.sock.shutdown(socket.SHUT_WR)
client.sock.recv(1)
print(total)
