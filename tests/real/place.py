"""Where a row of the table runs: an arm, a folder, ports that nobody has, servers and clients. It
knows no program, and it judges nothing."""
import contextlib
import hashlib
import os
import re
import resource
import shutil
import signal
import socket
import subprocess
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.path.abspath(os.environ.get("BUILD", f"{ROOT}/build"))
SOCKFIX = f"{BUILD}/sockfix"
PYTHON = "/usr/bin/python3"
SCRIPTS = f"{ROOT}/tests/real/clients"
SECONDS = 120  # a net against hangs
TICK = os.sysconf("SC_CLK_TCK")


class Failed(Exception):
    """A program of the row did, in a way that leaves nothing to compare."""


def wrapped(arm, argv, records):
    """The words a user would write. A recording goes to a folder of its own below records."""
    if arm == "record":
        folder = tempfile.mkdtemp(prefix="recording-", dir=records)
        return [SOCKFIX, "record", "-q", "-o", folder, "--", *argv]
    words = {"bare": [], "auto": [SOCKFIX, "run", "--"],
             "always": [SOCKFIX, "run", "-s", "coalesce=always", "--"]}
    return [*words[arm], *argv]


def listens(port):
    """Asked of the kernel: a connection made to try would be the only one that some servers take."""
    for name in ("/proc/net/tcp", "/proc/net/tcp6"):
        with open(name, encoding="ascii") as file:
            for line in file.readlines()[1:]:
                _, local, _, state, *_ = line.split()
                if state == "0A" and int(local.rsplit(":", 1)[1], 16) == port:
                    return True
    return False


def processes_of(top):
    """[(pid, seconds of CPU time)] of a process, its session and its children, theirs too; what
    ended and was waited for counts in its parent. php-fpm makes itself a session of its own."""
    parents, sessions, seconds = {}, {}, {}
    for pid in map(int, filter(str.isdigit, os.listdir("/proc"))):
        with contextlib.suppress(OSError):
            with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
                fields = file.read().rsplit(")", 1)[1].split()
            parents[pid], sessions[pid] = int(fields[1]), int(fields[3])
            seconds[pid] = sum(map(int, fields[11:15])) / TICK
    found, more = set(), {pid for pid in sessions if top in (pid, sessions[pid])}
    while more:
        found |= more
        more = {pid for pid, parent in parents.items() if parent in more} - found
    return [(pid, seconds[pid]) for pid in found]


def has_library(pid):
    with contextlib.suppress(OSError):
        with open(f"/proc/{pid}/maps", encoding="utf-8", errors="replace") as file:
            return "libsockfix.so" in file.read()
    return False


def digest(folder):
    """A line a file: its checksum and name, its mode where that is a program's."""
    lines = []
    for where, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            path = os.path.join(where, name)
            if not os.path.isfile(path):
                continue
            with open(path, "rb") as file:
                sum_ = hashlib.sha256(file.read()).hexdigest()
            lines.append(f"{sum_} {os.path.relpath(path, folder)}")
    return "\n".join(lines)


class Outcome:
    """What one run of a client gave; what of it is compared is the row's to say."""

    def __init__(self, status, out, err, files, seconds, cpu):
        self.status, self.out, self.err, self.files = status, out, err, files
        self.seconds, self.cpu = seconds, cpu


class Place:
    def __init__(self, server="bare"):
        self.server_arm = server
        self.folder = tempfile.mkdtemp(prefix="sockfix-real-")
        os.chmod(self.folder, 0o755)
        os.mkdir(f"{self.folder}/run", 0o700)
        self.port = self.free_port()
        self.servers = []
        self.environment = {**os.environ, "XDG_RUNTIME_DIR": f"{self.folder}/run", "LC_ALL": "C.UTF-8",
                            "HOME": self.folder, "PYTHONDONTWRITEBYTECODE": "1"}

    def free_port(self):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            return probe.getsockname()[1]

    def write(self, name, data, mode=0o644):
        path = f"{self.folder}/{name}"
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(data if isinstance(data, bytes) else data.encode())
        os.chmod(path, mode)
        return path

    def lines(self, name, count, form):
        """A file of count lines, each the form of its number."""
        return self.write(name, "".join(form % number + "\n" for number in range(count)))

    def noise(self, name, size):
        """A file that no one can squeeze, and the same in every place."""
        return self.write(name, hashlib.shake_128(name.encode()).digest(size))

    def folder_of(self, name, owner=None):
        path = f"{self.folder}/{name}"
        os.makedirs(path, exist_ok=True)
        if owner:
            shutil.chown(path, owner)
        return path

    def serve(self, *argv, port=None, under=True, **others):
        """Starts a server, in the row's arm or bare, and waits until the kernel says it listens."""
        log = open(f"{self.folder}/server-{len(self.servers)}.log", "wb")
        arm = self.server_arm if under else "bare"
        process = subprocess.Popen(
            wrapped(arm, list(argv), self.folder), stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            cwd=self.folder, env=self.environment, start_new_session=True, **others)
        log.close()
        self.servers.append(process)
        end = time.monotonic() + SECONDS
        while not listens(port or self.port):
            if process.poll() is not None or time.monotonic() > end:
                raise Failed(f"{argv[0]} does not serve: {self.log(len(self.servers) - 1)}")
            time.sleep(0.01)
        if arm != "bare" and not any(has_library(pid) for pid, _ in processes_of(process.pid)):
            raise Failed(f"{argv[0]} serves without the library")

    def log(self, number):
        with open(f"{self.folder}/server-{number}.log", "rb") as file:
            return file.read().decode(errors="replace").strip()[-400:]

    def prepare(self, *argv, **others):
        """What must have been done before a server can start."""
        done = subprocess.run(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, check=False,
                              stderr=subprocess.STDOUT, cwd=self.folder, env=self.environment,
                              timeout=SECONDS, **others)
        if done.returncode:
            raise Failed(f"{argv[0]}: {done.stdout.decode(errors='replace').strip()[-400:]}")

    def cpu_of_servers(self):
        return sum(seconds for server in self.servers for _, seconds in processes_of(server.pid))

    def run(self, argv, arm, seconds=SECONDS):
        """Runs a client to its end. What it leaves in the folder $OUT is part of the outcome."""
        out = tempfile.mkdtemp(prefix="out-", dir=self.folder)
        before = self.cpu_of_servers(), resource.getrusage(resource.RUSAGE_CHILDREN)
        begin = time.monotonic()
        try:
            done = subprocess.run(
                wrapped(arm, argv, self.folder), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                stderr=subprocess.PIPE, cwd=self.folder, env={**self.environment, "OUT": out},
                timeout=seconds, check=False)
        except subprocess.TimeoutExpired as expired:
            raise Failed(f"{argv[0]} hangs, {arm}: {(expired.stderr or b'')[-200:]!r}") from expired
        took = time.monotonic() - begin
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu = (after.ru_utime + after.ru_stime - before[1].ru_utime - before[1].ru_stime
               + self.cpu_of_servers() - before[0])
        files = digest(out)
        shutil.rmtree(out)
        plain = [re.sub(rb"\b%d\b" % self.port, b"PORT", text.replace(out.encode(), b"OUT")
                        .replace(self.folder.encode(), b"FOLDER")) for text in (done.stdout, done.stderr)]
        return Outcome(done.returncode, *plain, files, took, cpu)

    def close(self):
        """The servers end as they were started, one by one, and with them what they left behind."""
        for server in reversed(self.servers):
            family = processes_of(server.pid)
            server.terminate()
            try:
                server.wait(10)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()
            for pid, _ in family:  # the numbers are this namespace's own and not used again so soon
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
        shutil.rmtree(self.folder, ignore_errors=True)
