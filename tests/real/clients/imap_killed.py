"""imap_killed.py PORT COUNT [parent]: COUNT APPENDs with imaplib, and SIGKILL in the midst of the
next one; first for the process that started it, if told so."""
import imaplib
import os
import signal
import sys

imap = imaplib.IMAP4("127.0.0.1", int(sys.argv[1]))
imap.login("user", "password")
for number in range(int(sys.argv[2])):
    imap.append("INBOX", None, None, b"Subject: %d\r\n\r\ntext\r\n" % number)
imap.send(b"XXXX APPEND INBOX {100}\r\n")
if len(sys.argv) > 3:
    os.kill(os.getppid(), signal.SIGKILL)
os.kill(os.getpid(), signal.SIGKILL)
