"""For gunicorn and uwsgi: a request for /NAME is the job of that name."""
import sys

sys.path.insert(0, "/run/starters")
import job


def application(environ, start_response):
    job.job("7000", environ["PATH_INFO"].strip("/"))
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"done\n"]
