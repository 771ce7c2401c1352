"""Requests one after the other on a connection that is kept; prints the sum of the answers."""
import hashlib
import http.client
import sys

answers, codes = hashlib.sha256(), 0
connection = http.client.HTTPConnection("127.0.0.1", int(sys.argv[1]))
for number in range(int(sys.argv[2])):
    if number % 3:
        connection.request("GET", f"/page{number % 200}")
    else:
        connection.request("POST", "/sum", body=b"x" * (number * 7))
    answer = connection.getresponse()
    codes += answer.status
    answers.update(answer.read())
print(codes, answers.hexdigest())
