#!/usr/bin/env python3
"""Imports mails into an IMAP server with Python's own imaplib, one APPEND each, and times it.

Every run sends the same mails: 200 to 1,200 bytes, no random sizes. --nodelay sets TCP_NODELAY on
the socket and changes nothing else; it is the remedy that one finds first, for comparison.
"""
import argparse
import imaplib
import socket
import struct
import time

# tcpi_data_segs_out of struct tcp_info (linux/tcp.h), a u32: segments with data that left this end.
DATA_SEGS_OUT = 156


def mail(number):
    """The mail of that number: 200 to 1,200 bytes, all lines ended by CRLF."""
    size = 200 + number * 389 % 1001
    head = ("From: someone@example.org\r\nTo: archive@example.org\r\n"
            f"Subject: mail {number}\r\nMessage-ID: <{number}@example.org>\r\n\r\n")
    lines = ("The quick brown fox jumps over the lazy dog, and once more.\r\n" * 25)
    return (head + lines)[:size - 2].rstrip("\r\n").ljust(size - 2, ".").encode() + b"\r\n"


def data_segments_out(sock):
    info = sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, DATA_SEGS_OUT + 4)
    return struct.unpack_from("I", info, DATA_SEGS_OUT)[0] if len(info) == DATA_SEGS_OUT + 4 else -1


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("host")
    parser.add_argument("port", type=int)
    parser.add_argument("--count", type=int, default=300, help="mails (default: 300)")
    parser.add_argument("--user", default="demo")
    parser.add_argument("--password", default="demo")
    parser.add_argument("--folder", default="INBOX", help="made if need be (default: INBOX)")
    parser.add_argument("--nodelay", action="store_true", help="set TCP_NODELAY, nothing else")
    asked = parser.parse_args()

    imap = imaplib.IMAP4(asked.host, asked.port)
    if asked.nodelay:
        imap.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    imap.login(asked.user, asked.password)
    if asked.folder != "INBOX":
        imap.create(asked.folder)
    began = time.monotonic()
    for number in range(asked.count):
        status, answer = imap.append(asked.folder, None, None, mail(number))
        if status != "OK":
            raise SystemExit(f"import.py: mail {number}: {status} {answer}")
    seconds = time.monotonic() - began
    segments = data_segments_out(imap.sock)
    imap.logout()
    print(f"mails={asked.count} seconds={seconds:.4f} rate={asked.count / seconds:.1f}"
          f" data_segments={segments}")


if __name__ == "__main__":
    main()
