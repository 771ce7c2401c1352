"""Where a daemon runs, bare or recorded: its configuration, copied from the package's; how it is started
and stopped; and the relays that count what it says. It judges nothing."""
import contextlib
import os
import re
import shutil
import signal
import subprocess
import time

import place as places
from place import Failed, Place
from relay import Relay

SECONDS = 30  # a net against hangs
ENVIRONMENT = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin", "LANG": "C.UTF-8"}
GOES_ON = re.compile(r"the recording goes on in (\S+?),? ")


def processes():
    """All of the namespace: it is the table's own, and rows run one after the other."""
    return {int(name) for name in os.listdir("/proc") if name.isdigit()}


def until(what, true):
    end = time.monotonic() + SECONDS
    while not true():
        if time.monotonic() > end:
            raise Failed(f"{what}: not after {SECONDS} s")
        time.sleep(0.01)


class Stand(Place):
    """Where a daemon of a row runs once; clients ask the relay at .port, which asks .inner."""

    def __init__(self, arm):
        super().__init__(arm)
        self.inner = self.free_port()
        self.front = self.back = None
        self.others, self.process, self.recording = set(), None, f"{self.folder}/recording"
        self.environment["PORT"] = str(self.port)

    def copy(self, source, name, *changes):
        """Debian's file, with other words in it: (pattern, replacement), each found."""
        with open(source, encoding="utf-8") as file:
            text = file.read()
        for pattern, replacement in changes:
            text, times = re.subn(pattern, replacement, text, flags=re.MULTILINE)
            if not times:
                raise Failed(f"{source}: no {pattern}")
        return self.write(name, text)

    def start(self, argv, env, forks):
        """As a service manager: one that forks is started when its COMMAND has ended well."""
        self.others, self.env = processes(), {**ENVIRONMENT, **env}
        under = ([places.SOCKFIX, "record", "-q", "-o", self.recording, "--"]
                 if self.server_arm == "record" else [])
        with open(f"{self.folder}/server-0.log", "wb") as log:
            self.process = subprocess.Popen(
                [*under, *argv], stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/",
                env=self.env, start_new_session=True)
        self.servers.append(self.process)

        def serves():
            if self.process.poll():
                raise Failed(f"{argv[0]} ended with {self.process.poll()}: {self.log(0)}")
            return places.listens(self.inner) and not (forks and self.process.poll() is None)
        until(f"{argv[0]} serves, {self.log(0)}", serves)

    def behind(self, words):
        """What the daemon asks itself, bare, and a relay before it; returns the relay's port."""
        port, target = self.free_port(), self.free_port()
        self.serve(*words(self, target), port=target, under=False)
        self.back = Relay(port, target, daemon_calls=True)
        return port

    def relays_end(self):
        for relay in filter(None, (self.front, self.back)):
            relay.close()

    def carried(self):
        return [one for relay in (self.front, self.back) if relay for one in relay.carried]

    def all_gone(self):
        self.process.poll()
        return processes() <= self.others

    def stop(self, how):
        """Of a daemon that leaves its COMMAND, the recording stays where it is made."""
        found = GOES_ON.search(self.log(0))
        if found:
            self.recording = found[1]
        how(self)
        until("the daemon ends", self.all_gone)

    def close(self):
        self.relays_end()
        super().close()
        for pid in processes() - self.others if self.others else ():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        shutil.rmtree(self.recording, ignore_errors=True)


def terminate(stand):
    """systemd's own way, where a unit has no ExecStop."""
    stand.process.terminate()


def by_pid_file(name, number):
    def stop(stand):
        with open(f"{stand.folder}/{name}", encoding="ascii") as file:
            os.kill(int(file.read().split()[0]), number)
    return stop


def by_words(*words):
    """A unit's ExecStop, in the environment of its ExecStart."""
    def stop(stand):
        done = subprocess.run(words, env=stand.env, check=False, timeout=SECONDS, cwd="/",
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        if done.returncode:
            raise Failed(f"{words}: {done.stdout.decode(errors='replace')}")
    return stop
