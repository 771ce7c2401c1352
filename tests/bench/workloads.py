"""The five workloads of examples/, shortened, by the examples' own programs."""
import os
import shutil
import socket
import subprocess
import tempfile

import bed
from bed import PYTHON, Arm, Failed, Server, in_turns
from network import Namespace

EXTRA = ["cpu", "segments", "p50_ms", "max_ms", "over_900", "overflows"]
SINK = "/usr/sbin/smtp-sink"


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return str(listener.getsockname()[1])


# ---- imap ----

def imap_sample(stand, port, arm):
    words = stand.said([PYTHON, "examples/imap/import.py", "127.0.0.1", port, "--count", "25"],
                       arm).split()
    said = dict(word.split("=") for word in words)
    return {"seconds": float(said["seconds"]), "segments": float(said["data_segments"])}


def imap(stand):
    with Server(stand, [f"{stand.build}/imapd", "-e"]) as server:
        return in_turns(stand.rules, lambda arm: imap_sample(stand, server.first, arm), stand.runs)


# ---- bulk mail ----

class Sink:
    """Postfix's smtp-sink; as root it must be told who to be."""

    def __init__(self, stand):
        if not os.path.exists(SINK):
            raise Failed(f"{SINK} is missing (package postfix)")
        self.port = free_port()
        user = ["-u", "nobody"] if os.geteuid() == 0 else []
        self.process = subprocess.Popen([SINK, *user, f"127.0.0.1:{self.port}", "100"],
                                        preexec_fn=lambda: os.sched_setaffinity(0, stand.far))

    def __enter__(self):
        while self.process.poll() is None:
            try:
                socket.create_connection(("127.0.0.1", int(self.port))).close()
                return self
            except ConnectionRefusedError:
                continue
        raise Failed("smtp-sink does not answer")

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()


def mail_sample(stand, port, arm):
    words = stand.said([PYTHON, "examples/bulk-mail/send.py", port, "text", "10", "500", "200"],
                       arm).split()
    return {"seconds": float(words[0]), "cpu": float(words[1])}


def mail(stand):
    with Sink(stand) as sink:
        return in_turns(stand.rules, lambda arm: mail_sample(stand, sink.port, arm), stand.runs)


# ---- file copy ----

def copy(stand):
    arms = [stand.bare, stand.nodelay, stand.auto, stand.always,
            stand.ruled("buffer", "coalesce=buffer", "accept_loss=true", "coalesce_limit=256K"),
            Arm("floor", how="sendfile")]
    with tempfile.NamedTemporaryFile() as file, \
            Server(stand, [stand.program("reader"), "262144"]) as reader:
        for _ in range(64):
            file.write(os.urandom(1 << 20))
        file.flush()
        os.fsync(file.fileno())  # or it is written out while we measure
        return in_turns(
            arms, lambda arm: {"seconds": float(stand.said(
                [PYTHON, "examples/file-copy/send.py", "loop" if arm.how == "plain" else arm.how,
                 file.name, reader.first], arm))}, stand.runs)


# ---- write, write, read ----

def answers(stand, server, client, mend_server):
    def sample(arm):
        port = free_port()
        with Server(stand, [PYTHON, f"examples/write-write-read/{server[0]}", *server[1:], port],
                    arm if mend_server else None):
            return {"seconds": float(stand.said(
                [*client, port, "25"], None if mend_server else arm).split()[0])}
    return in_turns(stand.rules, sample, stand.runs)


def post(stand):
    return answers(stand, ["server.py", "http"],
                   ["perl", "examples/write-write-read/clients/post.pl"], False)


def get(stand):
    return answers(stand, ["clients/http_server.py"],
                   [PYTHON, "examples/write-write-read/clients/get.py"], True)


# ---- spikes ----

def overflows(stand, space):
    lines = stand.said(space.inside("cat", "/proc/net/netstat")).splitlines()
    names, values = [line.split() for line in lines if line.startswith("TcpExt:")]
    return int(values[names.index("ListenOverflows")])


def spikes_sample(stand, space, arm):
    before = overflows(stand, space)
    serve = arm.command([PYTHON, "examples/spikes/server.py",
                         "1024" if arm.name == "listen(1024)" else "1"])
    with Server(stand, space.inside(*serve)) as server:
        words = stand.said(space.inside(PYTHON, "examples/spikes/client.py", server.first, "4",
                                        "200")).split()
    p50, _, _, most, _, over_900, seconds = map(float, words)
    return {"seconds": seconds, "p50_ms": p50, "max_ms": most, "over_900": over_900,
            "overflows": overflows(stand, space) - before}


def spikes(stand):
    arms = [stand.bare, stand.ruled("burst-server", preset="burst-server"), Arm("listen(1024)")]
    with Namespace() as space:
        return in_turns(arms, lambda arm: spikes_sample(stand, space, arm), stand.runs)


def rows(stand):
    for name, measure in (("imap", imap), ("bulk-mail", mail), ("file-copy", copy), ("post", post),
                          ("http.server", get), ("spikes", spikes)):
        if name == "post" and not shutil.which("perl"):
            bed.note("workloads post: left out: perl is missing")
            continue
        yield name, lambda measure=measure: measure(stand)
