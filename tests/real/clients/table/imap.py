"""Appends mails to a new folder, lists, fetches, searches and removes them; prints a sum of all."""
import hashlib
import imaplib
import sys

answers = hashlib.sha256()


def take(answer):
    status, data = answer
    answers.update(status.encode() + repr(data).encode())


connection = imaplib.IMAP4("127.0.0.1", int(sys.argv[1]))
connection.login("user", "secret")
connection.create("work")
for number in range(int(sys.argv[2])):
    mail = f"Subject: mail {number}\r\nFrom: a@test\r\n\r\n" + "a line of text\r\n" * (number * 3)
    status, _ = connection.append("work", "", '"01-Jan-2024 12:00:00 +0000"', mail.encode())
    answers.update(status.encode())
take(connection.select("work"))
take(connection.search(None, "SUBJECT", '"mail 1"'))
for number in range(int(sys.argv[2])):
    take(connection.fetch(str(number + 1), "(RFC822.SIZE BODY.PEEK[])"))
connection.close()
answers.update(connection.delete("work")[0].encode())  # its words tell the time it took
connection.logout()
print(answers.hexdigest())
