#!/usr/bin/env python3
"""get.py PORT COUNT: GETs on one kept connection with http.client, which never stalls itself."""
import http.client
import sys
import time

port, count = map(int, sys.argv[1:])
server = http.client.HTTPConnection("127.0.0.1", port)
began = time.monotonic()
for turn in range(count):
    server.request("GET", f"/{turn}")
    if server.getresponse().read() != b"a page\n" * 20:
        raise SystemExit("get.py: not the page")
print(f"{time.monotonic() - began:.4f}")
