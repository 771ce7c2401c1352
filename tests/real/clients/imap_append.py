"""imap_append.py PORT COUNT: COUNT APPENDs with imaplib. Prints each answer, then how many threads
it has and what its descriptors lead to. For strace, the appends stand between two marks."""
import imaplib
import os
import random
import sys


def kinds():
    """What each open descriptor leads to; files by name, the rest by kind."""
    names = []
    for fd in os.listdir("/proc/self/fd"):
        try:
            names.append(os.readlink(f"/proc/self/fd/{fd}").split(":[")[0])
        except FileNotFoundError:
            pass  # the descriptor of listdir itself
    return sorted(name for name in names if not name.endswith("/fd"))


random.seed(1)  # imaplib draws the prefix of its tags
imap = imaplib.IMAP4("127.0.0.1", int(sys.argv[1]))
imap.login("user", "password")
os.path.exists("/mark-begin")
for number in range(int(sys.argv[2])):
    mail = f"Subject: {number}\r\n\r\n" + "text\r\n" * (40 + number % 100)
    print(imap.append("INBOX", None, None, mail.encode()))
os.path.exists("/mark-end")
print(len(os.listdir("/proc/self/task")), kinds())
print(imap.logout())
