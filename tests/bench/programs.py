"""Real programs whose habits sockfix was once slower with: a message a round of an event loop, at
full speed, and answers of one write each."""
import os
import shutil
import socket
import subprocess
import tempfile

import bed
from bed import Failed, in_turns
from network import Namespace

MESSAGES = 20000
REQUESTS = 20000


class Process:
    """One that is started in an arm, and tells by lines on its standard output how far it is."""

    def __init__(self, stand, command, arm, cores, before=()):
        self.name = command[0]
        self.process = subprocess.Popen(
            [*before, *arm.command(command)], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, cwd=bed.ROOT,
            preexec_fn=lambda: os.sched_setaffinity(0, cores))

    def until(self, word):
        for line in self.process.stdout:
            if word in line:
                return
        raise Failed(f"{self.name} did not say {word}")

    def ended(self):
        """Its processor time in seconds, once it has ended by itself."""
        with self.process.stdout:
            self.process.stdout.read()
        _, self.process.returncode, usage = os.wait4(self.process.pid, 0)
        return usage.ru_utime + usage.ru_stime

    def end(self):
        self.process.terminate()
        return self.ended()


# ---- mosquitto ----

def segments(stand, space):
    lines = stand.said(space.inside("cat", "/proc/net/snmp")).splitlines()
    names, values = [line.split() for line in lines if line.startswith("Tcp:")]
    return int(values[names.index("OutSegs")])


def mosquitto_sample(stand, space, folder, arm):
    def start(*command):
        return Process(stand, command, arm, stand.near | stand.far, space.inside())

    broker = start("mosquitto", "-c", f"{folder}/conf")
    broker.until("running")
    before = segments(stand, space)
    subscriber = start("mosquitto_sub", "-q", "1", "-t", "x/#", "-C", str(MESSAGES), "-W", "60")
    broker.until("x/#")
    publisher = start("sh", "-c", f"exec mosquitto_pub -q 1 -t x/y -l <{folder}/messages")
    cpu = subscriber.ended() + publisher.ended()
    sent = segments(stand, space) - before
    cpu += broker.end()
    if subscriber.process.returncode:
        raise Failed("mosquitto_sub did not get all messages")
    return {"cpu": cpu / MESSAGES * 1e6, "segments": sent / MESSAGES}


def mosquitto(stand):
    arms = [stand.bare, stand.nodelay, stand.auto, stand.always]
    with tempfile.TemporaryDirectory() as folder, Namespace() as space:
        with open(f"{folder}/conf", "w", encoding="ascii") as file:
            file.write("listener 1883 127.0.0.1\nallow_anonymous true\nmax_queued_messages 0\n"
                       "log_dest stderr\nlog_type information\nlog_type subscribe\n")
        with open(f"{folder}/messages", "w", encoding="ascii") as file:
            file.writelines(f"{number}\n" for number in range(MESSAGES))
        return in_turns(arms, lambda arm: mosquitto_sample(stand, space, folder, arm), stand.runs)


# ---- nginx ----

NGINX = """daemon off; master_process off; pid {0}/pid; error_log {0}/errors;
events {{ }}
http {{
  access_log off; keepalive_requests 1000000000;
  client_body_temp_path {0}; proxy_temp_path {0}; fastcgi_temp_path {0}; uwsgi_temp_path {0};
  scgi_temp_path {0};
  server {{ listen 127.0.0.1:{1}; return 200 "answer"; }}
}}
"""


def connected(port):
    for _ in range(100000):
        try:
            return socket.create_connection(("127.0.0.1", port))
        except ConnectionRefusedError:
            continue
    raise Failed(f"nobody listens at port {port}")


def nginx_sample(stand, folder, port, arm):
    server = Process(stand, ["nginx", "-c", f"{folder}/conf", "-e", f"{folder}/errors"], arm,
                     stand.far)
    with connected(port) as client:
        for _ in range(REQUESTS):
            client.sendall(b"GET / HTTP/1.1\r\nHost: here\r\n\r\n")
            if not client.recv(4096).endswith(b"answer"):
                raise Failed("nginx answered something else")
    return {"cpu": server.end() / REQUESTS * 1e6}


def nginx(stand):
    arms = [stand.bare, stand.auto, stand.always]
    with tempfile.TemporaryDirectory() as folder, socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
        free.close()
        with open(f"{folder}/conf", "w", encoding="ascii") as file:
            file.write(NGINX.format(folder, port))
        return in_turns(arms, lambda arm: nginx_sample(stand, folder, port, arm), stand.runs)


def rows(stand):
    for name, measure in (("mosquitto", mosquitto), ("nginx", nginx)):
        if not shutil.which(name):
            bed.note(f"programs {name}: left out: {name} is missing")
            continue
        yield name, lambda measure=measure: measure(stand)
