"""The machine that a row plays on: this one, with /etc, /run, spools and what is installed below the
prefix as copies of its own, in namespaces that end with the row. Nothing here knows a starter."""
import glob
import os
import re
import shutil
import subprocess
import sys
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
BUILD = os.path.abspath(os.environ.get("BUILD", f"{ROOT}/build"))
PLACE = "/run/starters"  # in the copy: what the rows write
PREFIX = "/usr/local"
DROPPED = f"/bin/sh {PLACE}/dropped.sh"
SOCKFIX = f"{PREFIX}/bin/sockfix"
LIBRARY = f"{PREFIX}/lib/sockfix/libsockfix.so"
PYTHON = "/usr/bin/python3"
USER = "somebody"
INSIDE = "STARTERS_INSIDE"
PATH = "/usr/sbin:/usr/bin:/sbin:/bin"
COPIED = ("/etc", "/var/spool", "/var/log")
EMPTY = ("/run", PREFIX, "/root", "/var/lib/containers", "/var/tmp")
RULES = """starter:
  { match: { role = "any"; };
    set: { tcp_nodelay = true; so_keepalive = true; tcp_user_timeout = "47s"; }; };
"""


def enter():
    """Begins anew where mounts, network and process numbers are its own; all of it ends with that."""
    if os.environ.get(INSIDE):
        return
    if os.geteuid() != 0:
        sys.exit("the starters need root: for namespaces, and for servers that change their user")
    environment = {"BUILD": BUILD, "PATH": PATH, INSIDE: "1", "HOME": "/root", "LC_ALL": "C.UTF-8",
                   "PYTHONDONTWRITEBYTECODE": "1"}
    os.execvpe("unshare", ["unshare", "--mount", "--net", "--pid", "--ipc", "--fork", "--kill-child",
                           "--mount-proc", PYTHON, *sys.argv], environment)


def run(*words, **more):
    return subprocess.run(words, check=True, **more)


def cover(path, mode):
    run("mount", "-t", "tmpfs", "-o", f"mode={mode}", "starters", path)


def copy_over(path):
    """A tmpfs with the same files in the place of a folder."""
    run("mount", "-t", "tmpfs", "-o", "mode=755", "starters", "/mnt")
    run("cp", "-a", f"{path}/.", "/mnt")
    run("mount", "--move", "/mnt", path)


def install(source, target):
    os.makedirs(os.path.dirname(target), exist_ok=True)
    shutil.copy(source, f"{target}.new")
    os.chmod(f"{target}.new", 0o755)
    os.rename(f"{target}.new", target)


def write(path, text, mode=0o644):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    os.chmod(path, mode)
    return path


def make():
    """Covers what belongs to the machine; BUILD may lie below none of what is covered."""
    run("ip", "link", "set", "lo", "up")
    files = {name: open(f"{BUILD}/{name}", "rb").read() for name in ("sockfix", "libsockfix.so")}
    scripts = {name: open(f"{ROOT}/tests/real/starters/{name}", "rb").read()
               for name in os.listdir(f"{ROOT}/tests/real/starters")
               if os.path.isfile(f"{ROOT}/tests/real/starters/{name}")}
    for path in COPIED:
        copy_over(path)
    for path in filter(os.path.isdir, EMPTY):
        cover(path, "1777" if path == "/var/tmp" else "755")
    os.makedirs(PLACE)
    for name, data in {**files, **scripts}.items():
        with open(f"{PLACE}/{name}", "wb") as file:
            file.write(data)
    install(f"{PLACE}/sockfix", SOCKFIX)
    install(f"{PLACE}/libsockfix.so", LIBRARY)
    write("/etc/sockfix/rules.d/starter.conf", RULES)
    run("useradd", "--no-create-home", "--home-dir", "/", "--shell", "/bin/sh", USER)
    os.chdir(PLACE)


def sockfix(*words):
    """(status, stdout, stderr) of the command."""
    done = subprocess.run([SOCKFIX, *words], capture_output=True, text=True, check=False)
    return done.returncode, done.stdout, done.stderr


def php_fpm():
    """Its name has its version."""
    return os.path.basename(([*sorted(glob.glob("/usr/sbin/php-fpm*"))] or ["php-fpm"])[-1])


def rules():
    """What SOCKFIX_RULES would be."""
    return re.search(r"^SOCKFIX_RULES=(.*)$", sockfix("run", "-n")[1], re.M)[1]


def filled_in(text, words):
    """Each word of words, where it stands, replaced by its text, which is not looked at again."""
    longest = sorted(words, key=len, reverse=True)
    return re.sub("|".join(map(re.escape, longest)), lambda found: words[found[0]], text)


def lines(name):
    """The lines that `sockfix explain NAME` prints: what is indented, behind the first paragraph."""
    status, text, fault = sockfix("explain", name)
    if status:
        sys.exit(f"sockfix explain {name}: {fault}")
    block = text.split("\n\n")[1].splitlines()
    found = "".join(f"{line[2:]}\n" for line in block if line.startswith("  "))
    return re.sub(r"/\S*?(/(?:bin|lib)/sockfix)", rf"{PREFIX}\1", found)


started = []


def start(*words):
    """A daemon that stays in the foreground; what it says goes to a file beside the others."""
    with open(f"{PLACE}/{os.path.basename(words[0])}.log", "a", encoding="utf-8") as log:
        started.append(subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=log, stderr=log))


def wait_for(there, what, seconds=60):
    end = time.monotonic() + seconds
    while not there():
        if time.monotonic() > end:
            raise TimeoutError(f"{what}: not there after {seconds} s")
        time.sleep(0.02)


def listens(port):
    """Asked of the kernel: a connection made to try would be one more for the server."""
    found = []
    for name in ("/proc/net/tcp", "/proc/net/tcp6"):
        with open(name, encoding="ascii") as file:
            found += [line.split() for line in file.readlines()[1:]]
    return any(line[1].endswith(f":{port:04X}") and line[3] == "0A" for line in found)


def wait_for_listener(port):
    wait_for(lambda: listens(port), f"who listens at {port}")


def logs():
    """What all of them said, for a fault, and which have ended."""
    said = [f"{' '.join(process.args)} has ended with {process.returncode}" for process in started
            if process.poll() is not None]
    for name in sorted(os.listdir(PLACE)):
        if name.endswith(".log"):
            with open(f"{PLACE}/{name}", encoding="utf-8", errors="replace") as file:
                text = file.read().strip()
            if text:
                said.append(f"{name}: {text[-2000:]}")
    return "\n".join(said)
