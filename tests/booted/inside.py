"""Played by a systemd that has booted (run.sh). Each row is a unit: sockfix unit says what it says, the
service starts, talks over lo, sockfix status names its state, the kernel says whether TCP_NODELAY is
set on its connection; --remove and a restart make it bare again. Prints a line a row, and at the end
'all N rows hold'."""
import ctypes
import os
import re
import socket
import subprocess
import sys
import time

LIBRARY = "/usr/local/lib/sockfix/libsockfix.so"
SERVER = "/usr/bin/python3 /srv/server.py "
UNITS = "/etc/systemd/system/"
libc = ctypes.CDLL(None, use_errno=True)
failed, played, port = [], 0, 7000


class Wrong(Exception):
    pass


def call(*words, user=None, status=None):
    environment = dict(os.environ, PATH="/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", COLUMNS="200")
    if user:
        environment.update(HOME=f"/home/{user}", XDG_RUNTIME_DIR="/run/user/1000", USER=user,
                           DBUS_SESSION_BUS_ADDRESS="unix:path=/run/user/1000/bus")
        words = ("setpriv", "--reuid=1000", "--regid=1000", "--clear-groups", *words)
    done = subprocess.run(words, env=environment, text=True, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if status is not None and done.returncode != status:
        raise Wrong(f"{' '.join(words)}: {done.returncode}, not {status}: {done.stdout}")
    return done.stdout


def has(text, part):
    if part not in text:
        raise Wrong(f"no '{part}' in: {text}")


def write(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


class Service:
    def __init__(self, name, text, user=None, start=None):
        global port
        port += 1
        self.port, self.user = port, user
        self.name = name
        self.file = name.replace("@1.", "@.")
        self.systemctl = ("systemctl", "--user") if user else ("systemctl",)
        place = f"/home/{user}/.config/systemd/user/" if user else UNITS
        start = start or SERVER + str(port)
        write(place + self.file, f"[Service]\nExecStart={start}\n{text}")
        if user:
            call("chown", "-R", user, f"/home/{user}", status=0)
        call(*self.systemctl, "daemon-reload", user=user, status=0)

    def do(self, verb):
        return call(*self.systemctl, verb, self.name, user=self.user, status=0)

    def sockfix(self, *words, status=0):
        who = ("--user",) if self.user else ()
        return call("sockfix", "unit", *who, *words, user=self.user, status=status)

    def pid(self):
        text = call(*self.systemctl, "show", "-p", "MainPID", "--value", self.name, user=self.user)
        return int(text)

    def talk(self, tries=1000):
        """A connection with one turn made; its end is the caller's."""
        for _ in range(tries):
            try:
                peer = socket.create_connection(("127.0.0.1", self.port))
                break
            except ConnectionRefusedError:
                time.sleep(0.02)
        else:
            raise Wrong(f"{self.name} does not listen: {call(*self.systemctl, 'status', self.name)}")
        for _ in range(20):
            peer.send(b"x\n")
            answer = b""
            while not answer.endswith(b"\n"):
                answer += peer.recv(100) or b"\n"
        return peer

    def nodelay(self, peer):
        """Of the service's own end, as its kernel says."""
        process = os.pidfd_open(self.pid())
        try:
            for name in os.listdir(f"/proc/{self.pid()}/fd"):
                fd = libc.syscall(438, process, int(name), 0)
                if fd < 0:
                    raise Wrong(f"pidfd_getfd: {os.strerror(ctypes.get_errno())}")
                try:
                    end = socket.socket(fileno=os.dup(fd))
                except OSError:
                    continue
                finally:
                    os.close(fd)
                with end:
                    try:
                        if end.getpeername() == peer.getsockname():
                            return end.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
                    except OSError:
                        continue
        finally:
            os.close(process)
        raise Wrong(f"{self.name} has no end of that connection")

    def state(self):
        """What status says of its process: a state and the whole."""
        pid, text = self.pid(), call("sockfix", "status", self.name)
        for line in text.splitlines():
            words = line.split()
            if words[:1] == [str(pid)]:
                return words[1], text
            if line.startswith(f"dropped: process {pid} "):
                return "dropped", text
        return "none", text

    def is_in(self, state, nodelay):
        with self.talk() as peer:
            found, text = self.state()
            if found != state:
                raise Wrong(f"status: {found}, not {state}: {text}")
            if self.nodelay(peer) != nodelay:
                raise Wrong(f"TCP_NODELAY is not {nodelay}")
        return text

    def variable(self, name):
        with open(f"/proc/{self.pid()}/environ", encoding="utf-8") as file:
            for word in file.read().split("\0"):
                if word.startswith(name + "="):
                    return word[len(name) + 1:]
        return None


def row(function):
    """Plays it, once."""
    global played
    played += 1
    began = time.monotonic()
    try:
        function()
        print(f"holds  {function.__name__} {time.monotonic() - began:.1f} s")
    except Exception as error:  # the others are still to be played
        failed.append(function.__name__)
        print("FAILED", function.__name__, type(error).__name__, error)


def switched(name, text="", preload=LIBRARY, said=(), user=None, start=None, unit=None, words=()):
    """The whole way of a unit that the library works in."""
    service = Service(name, text, user, start)
    service.do("start")
    service.is_in("none", 0)
    out = service.sockfix(unit or name, *words, "--restart")
    for part in said:
        has(out, part)
    service.is_in("on", 1)
    if service.variable("LD_PRELOAD") != preload:
        raise Wrong(f"LD_PRELOAD={service.variable('LD_PRELOAD')}, not {preload}")
    before = preload[:-len(LIBRARY)].rstrip(":")
    service.sockfix("--remove", unit or name, "--restart")
    service.is_in("none", 0)
    if (service.variable("LD_PRELOAD") or "") != before:
        raise Wrong(f"then LD_PRELOAD={service.variable('LD_PRELOAD')}, not {before}")
    service.do("stop")


def refused(name, text, said, start=None):
    """Of a unit that it would do nothing in; what is written is nothing."""
    service = Service(name, text, start=start)
    has(service.sockfix(name, status=1), said)
    if os.path.exists(f"{UNITS}{name}.d"):
        raise Wrong("something is written")
    return service


HARDENED = ("User=nobody\nProtectSystem=strict\nProtectHome=yes\nPrivateTmp=yes\nPrivateDevices=yes\n"
            "MemoryDenyWriteExecute=yes\nSystemCallFilter=@system-service\nSystemCallFilter=~@privileged\n"
            "RestrictAddressFamilies=AF_INET\nNoNewPrivileges=yes\nCapabilityBoundingSet=\n"
            "ProtectKernelTunables=yes\nProtectControlGroups=yes\nLockPersonality=yes\n"
            "RestrictNamespaces=yes\nProtectProc=invisible\n")
JEMALLOC = "/usr/lib/x86_64-linux-gnu/libjemalloc.so.2"
EATMYDATA = "/usr/lib/x86_64-linux-gnu/libeatmydata.so"


@row
def plain():
    switched("plain.service")


@row
def one_option():
    switched("option.service", unit="option", words=("-s", "tcp_nodelay=true"))


@row
def own_preload():
    switched("own.service", f"Environment=LD_PRELOAD={JEMALLOC}\n", f"{JEMALLOC}:{LIBRARY}",
             (f"keeps    LD_PRELOAD={JEMALLOC}",))


@row
def own_preload_by_override():
    write(UNITS + "over.service.d/override.conf", f"[Service]\nEnvironment=\"LD_PRELOAD={JEMALLOC} {EATMYDATA}\"\n")
    service = Service("over.service", "")
    service.sockfix("over", "--restart")
    service.is_in("on", 1)
    if service.variable("LD_PRELOAD") != f"{JEMALLOC}:{EATMYDATA}:{LIBRARY}":
        raise Wrong(service.variable("LD_PRELOAD"))
    service.do("stop")


@row
def percent_sign():
    os.symlink(JEMALLOC, "/srv/100%.so")
    switched("percent.service", "Environment=LD_PRELOAD=/srv/100%%.so\n", f"/srv/100%.so:{LIBRARY}")


@row
def environment_file():
    write("/etc/default/file", f"# no\nLD_PRELOAD=\"{EATMYDATA}\"\n")
    switched("file.service", "EnvironmentFile=-/etc/default/%p\n", f"{EATMYDATA}:{LIBRARY}",
             (f"keeps    LD_PRELOAD={EATMYDATA} (/etc/default/file:2)",))


@row
def long_rules():
    write("/srv/many.conf", "".join(
        f"r{i}: {{ match: {{ port = {7000 + i}; }}; set: {{ tcp_nodelay = true; }}; }};\n" for i in range(200)))
    switched("many.service", words=("-r", "/srv/many.conf"))


@row
def dynamic_user():
    switched("dynamic.service", "DynamicUser=yes\n", said=("checked  DynamicUser= of the unit is no limit",))


@row
def hardened():
    switched("hardened.service", HARDENED, said=("MemoryDenyWriteExecute=", "SystemCallFilter="))


@row
def forking():
    global port
    switched("forking.service", "Type=forking\n", start=f"{SERVER}{port + 1} fork")


@row
def template():
    switched("multi@1.service", unit="multi@", said=("is a template: this holds for all its instances",))


@row
def instance():
    switched("single@1.service")


@row
def root_with_the_library():
    os.makedirs("/srv/jail")
    switched("jailed.service", "RootDirectory=/srv/jail\nMountAPIVFS=yes\n"
             "BindReadOnlyPaths=/usr /lib /lib64 /bin /etc /srv/server.py\n")


@row
def unit_of_a_user():
    call("useradd", "-m", "-u", "1000", "tester", status=0)
    call("systemctl", "start", "user@1000.service", status=0)
    switched("mine.service", user="tester")


@row
def root_without_the_library():
    os.makedirs("/srv/bare", exist_ok=True)
    service = refused("bare.service", "RootDirectory=/srv/bare\nMountAPIVFS=yes\n"
                      "BindReadOnlyPaths=/usr/bin /usr/lib /lib /lib64 /bin /etc /srv/server.py\n",
                      f"RootDirectory=/srv/bare has no {LIBRARY}")
    service.sockfix("bare", "--force", "--restart")
    has(service.is_in("dropped", 0), "which is not there")
    service.do("stop")


@row
def static_program():
    service = refused("static.service", "", "/bin/busybox is statically linked", "/bin/busybox sleep 1000")
    service.sockfix("static", "--force", "--restart")
    time.sleep(3)  # what has just begun is not judged
    state, text = service.state()
    if state != "dropped":
        raise Wrong(text)
    has(text, "it is statically linked")
    service.do("stop")


@row
def setuid_program():
    subprocess.run(["cp", "/usr/bin/python3.11", "/srv/python"], check=True)
    os.chmod("/srv/python", 0o4755)
    global port
    service = refused("setuid.service", "User=nobody\n", "/srv/python is setuid or setgid for it",
                      f"/srv/python /srv/server.py {port + 1}")
    service.sockfix("setuid", "--force", "--restart")
    service.talk().close()
    time.sleep(3)
    has(service.is_in("dropped", 0), "the loader ignored LD_PRELOAD")
    # and with what the sentence names it works
    write(UNITS + "setuid.service.d/no.conf", "[Service]\nNoNewPrivileges=yes\n")
    service.sockfix("setuid", "--restart")
    service.is_in("on", 1)
    service.do("stop")


@row
def filtered():
    service = refused("filtered.service", "SystemCallFilter=@system-service\nSystemCallFilter=~setsockopt sendto\n",
                      "does not let setsockopt through")
    service.do("start")
    # the sentence is true: the library's call ends it. The server itself sets an option at its start.
    service.do("stop")
    service = refused("killed.service", "SystemCallFilter=@system-service\nSystemCallFilter=~getsockopt\n",
                      "does not let getsockopt through")
    service.do("start")
    service.talk().close()
    service.sockfix("killed", "--force", "--restart")
    try:
        service.talk(1).close()
    except (OSError, Wrong):
        pass
    for _ in range(1000):
        result = call("systemctl", "show", "-p", "Result", "-p", "ExecMainStatus", "killed.service")
        if "ExecMainStatus=31" in result:
            return
        time.sleep(0.02)
    raise Wrong(f"it is not ended by SIGSYS: {result}")


@row
def taken_away_again():
    refused("unset.service", "UnsetEnvironment=LD_PRELOAD\n", "UnsetEnvironment= takes LD_PRELOAD away again")


@row
def masked_and_missing():
    Service("masked.service", "")
    os.rename(UNITS + "masked.service", "/usr/lib/systemd/system/masked.service")
    call("systemctl", "mask", "masked.service", status=0)
    has(call("sockfix", "unit", "masked", status=2), "is masked by /etc/systemd/system/masked.service")
    has(call("sockfix", "unit", "nosuch", status=2), "there is no unit nosuch.service")


@row
def by_hand_and_inert():
    service = Service("hand.service", f"Environment=LD_PRELOAD={LIBRARY}\n")
    service.do("start")
    has(service.is_in("inert", 0), "(SOCKFIX_RULES is not set)")
    service.sockfix("hand", "--restart")
    service.is_in("on", 1)
    service.do("stop")


@row
def recorded():
    for name, text in ("seen.service", ""), ("seen-hard.service", HARDENED), ("seen-dynamic.service", "DynamicUser=yes\n"):
        service = Service(name, text)
        out = service.sockfix(name, "--record", "--restart")
        folder = re.search(r"^records  into (\S+):", out, re.M).group(1)
        service.is_in("on", 0)
        service.do("stop")
        report = call("sockfix", "report", folder, status=0)
        has(report, "1 connection ")
        has(report, "N02")  # two small writes an answer
        has(service.sockfix("--remove", name), "removed")


@row
def replaced_and_gone():
    service = Service("old.service", "")
    service.sockfix("old", "--restart")
    service.is_in("on", 1)
    subprocess.run(["cp", LIBRARY, LIBRARY + ".new"], check=True)
    os.rename(LIBRARY + ".new", LIBRARY)
    has(service.is_in("on", 1), "(library deleted, another is in its place: the older one stays until it is restarted)")
    os.rename(LIBRARY, LIBRARY + ".away")
    has(service.is_in("on", 1), "(library deleted: what it starts goes without)")
    has(call("sockfix", "unit", "--list"), f"gone   {UNITS}old.service.d/zz-sockfix.conf:4  {LIBRARY}")
    os.rename(LIBRARY + ".away", LIBRARY)
    has(call("sockfix", "unit", "--list", status=0), f"there  {UNITS}old.service.d/zz-sockfix.conf:4  {LIBRARY}")
    service.do("stop")


@row
def as_systemd_reads_it():
    """What we read out of files is what systemd makes of them."""
    write(UNITS + "read-me-.service.d/a.conf", "[Service]\nEnvironment=LD_PRELOAD=/prefix.so\n")
    write("/run/systemd/system/service.d/b.conf", "[Service]\nEnvironment=OTHER=1\n")
    write("/usr/lib/systemd/system/read-me-now.service.d/a.conf", "[Service]\nEnvironment=LD_PRELOAD=/masking.so\n")
    service = Service("read-me-now.service", "Environment='X=a b' \\\n  LD_PRELOAD=/unit.so\n")
    shown = call("systemctl", "show", "-p", "Environment", "--value", service.name)
    theirs = re.search(r"LD_PRELOAD=(\S+)", shown).group(1)
    has(service.sockfix("read-me-now", "--print"), f"Environment=LD_PRELOAD={theirs}:{LIBRARY}\n")
    os.remove("/run/systemd/system/service.d/b.conf")


if failed:
    print(len(failed), "of", played, "rows do not hold:", *failed)
    sys.exit(1)
print("all", played, "rows hold")
