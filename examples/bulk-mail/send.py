#!/usr/bin/env python3
"""send.py PORT KIND KILOBYTES RCPTS MEMBERS: one mail to all members of a list, as by Mailman 2.1.

Each member gets a copy of its own: the message object is copied deeply, gets the member's To and
footer, is written out by email's generator, and goes with an envelope sender that names the member
(VERP). Members come in chunks of RCPTS (Mailman's SMTP_MAX_RCPTS), each with a connection of its
own. KIND is text or multipart. Prints the seconds, and the seconds of
CPU in it, without the start of Python.
"""
import base64
import copy
import email
import email.mime.text
import smtplib
import sys
import time

LIST = "list@lists.example.org"
HEAD = ("From: author@example.org\nTo: " + LIST + "\nSubject: [list] News of the month\n"
        "Message-ID: <1@example.org>\nDate: Mon, 04 Nov 2019 10:00:00 +0000\nMIME-Version: 1.0\n"
        "List-Id: <list.lists.example.org>\nPrecedence: list\n")
LINE = "Lines as people write them, of some seventy characters, one by one.\n"


def text(size):
    return HEAD + "Content-Type: text/plain; charset=us-ascii\n\n" + LINE * (size // len(LINE))


def multipart(size):
    """A page of HTML, a tenth of the size, and three pictures."""
    page = ("--cut\nContent-Type: text/html; charset=us-ascii\n\n<html><body><pre>"
            + LINE * (size // 10 // len(LINE)) + "</pre></body></html>\n")
    coded = base64.encodebytes(bytes(range(256)) * (size * 9 // 10 // 3 * 3 // 4 // 256)).decode()
    picture = ("--cut\nContent-Type: image/png\nContent-Transfer-Encoding: base64\n"
               "Content-ID: <%d@example.org>\n\n" + coded.replace("%", "%%"))
    return (HEAD + 'Content-Type: multipart/related; boundary="cut"\n\n' + page
            + "".join(picture % number for number in range(3)) + "--cut--\n")


def personal(message, member):
    """The member's own copy, written out."""
    mine = copy.deepcopy(message)
    del mine["To"]
    mine["To"] = member
    footer = f"\n_______\nYou are on this list as {member}\nhttps://lists.example.org/{member}\n"
    if mine.is_multipart():
        mine.attach(email.mime.text.MIMEText(footer, "plain", "us-ascii"))
    else:
        mine.set_payload(mine.get_payload() + footer)
    return mine.as_string()


def main():
    port, kind, kilobytes, rcpts, members = sys.argv[1:]
    make = {"text": text, "multipart": multipart}[kind]
    message = email.message_from_string(make(int(kilobytes) * 1000))
    members = [f"member{number}@example.com" for number in range(int(members))]
    began, cpu = time.monotonic(), time.process_time()
    for first in range(0, len(members), int(rcpts)):
        with smtplib.SMTP("127.0.0.1", int(port), "lists.example.org") as smtp:
            for member in members[first:first + int(rcpts)]:
                sender = f"list-bounces+{member.replace('@', '=')}@lists.example.org"
                smtp.sendmail(sender, [member], personal(message, member))
    print(f"{time.monotonic() - began:.4f} {time.process_time() - cpu:.4f}")


if __name__ == "__main__":
    main()
