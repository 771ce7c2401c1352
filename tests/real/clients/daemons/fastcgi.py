"""fastcgi.py PORT SCRIPT QUERY...: asks a FastCGI server for a script, a connection for each query, as
nginx does, and prints what comes back."""
import hashlib
import socket
import struct
import sys

PORT, SCRIPT = int(sys.argv[1]), sys.argv[2]
BEGIN, END, PARAMS, STDIN, STDOUT = 1, 3, 4, 5, 6


def record(kind, data):
    return struct.pack("!BBHHBB", 1, kind, 1, len(data), 0, 0) + data


def parameters(query):
    pairs = {"GATEWAY_INTERFACE": "CGI/1.1", "REQUEST_METHOD": "GET", "SCRIPT_FILENAME": SCRIPT,
             "SCRIPT_NAME": "/index.php", "QUERY_STRING": query, "SERVER_PROTOCOL": "HTTP/1.1"}
    return b"".join(struct.pack("!BB", len(name), len(value)) + (name + value).encode()
                    for name, value in pairs.items())


for query in sys.argv[3:]:
    with socket.create_connection(("127.0.0.1", PORT)) as sock, sock.makefile("rb") as file:
        sock.sendall(record(BEGIN, struct.pack("!HB5x", 1, 0)) + record(PARAMS, parameters(query))
                     + record(PARAMS, b"") + record(STDIN, b""))
        said, kind = b"", None
        while kind != END:
            _, kind, _, length, padding, _ = struct.unpack("!BBHHBB", file.read(8))
            data = file.read(length + padding)[:length]
            said += data if kind == STDOUT else b""
        print(query, len(said), hashlib.sha256(said).hexdigest())
