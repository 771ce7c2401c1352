"""The examples of README.md and of each verb's help (the man pages are made of the same text), run
one by one for test_cli_examples.c.

examples.py SOCKFIX README prints those that end otherwise than they should, and how many there
were. It runs in namespaces of its own for processes, mounts and the network: some of them switch
the whole host. What stands in an example for something of the reader's (4711, FILE, DIR, nginx) is
put in; all else is run as it is printed."""

import os
import re
import shutil
import struct
import subprocess
import sys
import tempfile

SOCKFIX, README = sys.argv[1:3]

IMPORT = """
import socket, sys, threading, time
listener = socket.create_server(("127.0.0.1", 0))
port = listener.getsockname()[1]
def serve():
    peer = listener.accept()[0]
    while data := peer.recv(100):
        if data.endswith(b"."):
            peer.sendall(b"+")
if "--serve" in sys.argv:
    print(port, flush=True)
    serve()
    sys.exit()
if "--to" in sys.argv:
    port = int(sys.argv[-1])
threading.Thread(target=serve, daemon=True).start()
s = socket.create_connection(("127.0.0.1", port))
for i in range(10):
    s.sendall(b"a"); s.sendall(b"."); s.recv(1)
while "--stay" in sys.argv:
    s.sendall(b"a"); s.sendall(b"."); s.recv(1); time.sleep(0.002)
"""
SITE = """
imap-upload: { match: { script = "import.py"; port = "143,993"; };
               set:   { coalesce = "auto"; }; };
web:         { match: { role = "server"; port = 8080; }; set: { tcp_nodelay = true; }; };
"""
EVERY = 'every: { match: { role = "any"; }; set: { tcp_nodelay = true; }; };\n'
CASES = """
python3 import.py, 192.0.2.7:143, coalesce=auto
httpd, listen 8080, tcp_nodelay=true
"""
LOG = """\
1795899007.000001 socket(AF_INET, SOCK_STREAM, IPPROTO_TCP) = 3 <0.000010>
1795899007.000100 connect(3, {sa_family=AF_INET, sin_port=htons(80), sin_addr=inet_addr("192.0.2.7")}, 16) = 0 <0.000100>
1795899007.000300 write(3, "abc", 3) = 3 <0.000010>
1795899007.000400 read(3, "abc", 100) = 3 <0.000200>
1795899007.000700 close(3) = 0 <0.000010>
"""


def frame(way, flags, seq, ack, data=b""):
    ports = (40000, 80) if way else (80, 40000)
    ends = (b"\x0a\0\0\1", b"\x0a\0\0\2") if way else (b"\x0a\0\0\2", b"\x0a\0\0\1")
    tcp = struct.pack(">HHIIBBHHH", *ports, seq, ack, 0x50, flags, 65535, 0, 0) + data
    ip = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(tcp), 0, 0, 64, 6, 0, *ends)
    return b"\0" * 12 + b"\x08\0" + ip + tcp


def capture():
    packets = [frame(1, 2, 0, 0), frame(0, 0x12, 0, 1), frame(1, 0x10, 1, 1),
               frame(1, 0x18, 1, 1, b"abc"), frame(0, 0x18, 1, 4, b"def"), frame(1, 0x10, 4, 4)]
    out = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1)
    for i, packet in enumerate(packets):
        out += struct.pack("<IIII", 1795899007, 1000 * i, len(packet), len(packet)) + packet
    return out


def files():
    os.makedirs("/etc/sockfix/rules.d")
    for name, text in (("import.py", IMPORT), ("site.conf", SITE), ("my.conf", SITE),
                       ("cases.txt", CASES), ("job.log", LOG), ("LOG", LOG), ("FILE.log", LOG),
                       ("/etc/sockfix/rules.d/50-site.conf", SITE + EVERY), ("sync", "#!/bin/sh\n")):
        with open(name, "w") as file:
            file.write(text)
    with open("job.pcap", "wb") as file:
        file.write(capture())
    os.chmod("sync", 0o755)


def run(line):
    return subprocess.run(["bash", "-c", line], capture_output=True, text=True, timeout=60,
                          stdin=subprocess.DEVNULL)


def recordings():
    for folder in ("DIR", "bare", "mended"):
        run(f"sockfix record -q -o {folder} -- python3 import.py")
    server = subprocess.Popen("sockfix record -q -o B -- python3 import.py --serve".split(),
                              stdout=subprocess.PIPE, text=True)
    run(f"sockfix record -q -o A -- python3 import.py --to {server.stdout.readline()}")
    server.wait()


def command_of(line):
    """The example without its prompt and without what is said of it behind two blanks."""
    match = re.match(r"(?:\$ )?(?:build/)?(sockfix .*)", line.strip())
    return re.split(r"\s{2,}", match.group(1))[0] if match else None


def from_help():
    verbs = re.findall(r"^  ([a-z]+)  ", run("sockfix --help").stdout, re.M)
    for verb in verbs:
        for line in run(f"sockfix {verb} --help").stdout.splitlines():
            if line.startswith("  sockfix "):
                yield verb, command_of(line)


def from_readme():
    with open(README) as file:
        for line in file:
            if line.startswith("    ") and command_of(line):
                yield "README", command_of(line)


# What stands for something of the reader's.
STAND_INS = ((r"\b4711\b|\bPID\b", "{pid}"), (r"-t \d+", "-t 1"), (r"\bCOMMAND\b", "python3 import.py"),
             (r"--undo FILE", "--undo {undo}"), (r"--from FILE", "--from FILE.log"),
             (r"-r FILE", "-r site.conf"), (r"import\.py \.\.\.", "import.py"))

# Where there is no systemd and no such cgroup; each says so.
ELSEWHERE = {"nginx": (0, 1, 2), "/system.slice/": (1, 2)}
# Answers, by the beginning of the example: what was found, or another than that.
ANSWERS = {"sockfix diff": (0, 1, 2), "sockfix prove": (0, 1, 2), "sockfix compare": (0, 1, 2),
           "sockfix suggest": (0, 1), "sockfix unit --list": (0, 1), "sockfix mend -p": (0, 1, 130)}
# What goes on until it is told to stop is told so, as by Ctrl-C.
GOES_ON = r"sockfix (look|mend) -p \d+$|sockfix metrics .*--(listen|every)"


def allowed(line):
    for part, codes in ELSEWHERE.items():
        if part in line:
            return codes
    for start, codes in ANSWERS.items():
        if line.startswith(start):
            return codes
    return (0, 130) if re.search(GOES_ON, line) else (0,)


def undo_file(pid):
    text = run(f"sockfix mend -p {pid} -s so_keepalive=true --once")
    match = re.search(r"--undo (\S+)", text.stdout + text.stderr)
    return match.group(1) if match else "nowhere"


def main():
    home = tempfile.mkdtemp(prefix="sockfix-examples.")
    os.chdir(home)
    os.environ.update(HOME=home, PATH=os.path.dirname(SOCKFIX) + ":" + os.environ["PATH"])
    os.environ.pop("XDG_STATE_HOME", None)
    files()
    recordings()
    victim = subprocess.Popen(["sockfix", "run", "python3", "import.py", "--stay"])
    bare = subprocess.Popen(["python3", "import.py", "--stay"])
    count = 0
    try:
        for source, example in [*from_help(), *from_readme()]:
            line = example
            for pattern, stand_in in STAND_INS:
                line = re.sub(pattern, stand_in, line)
            pid = bare.pid if re.search(r"sockfix (look|mend)\b", line) else victim.pid
            line = line.format(pid=pid, undo=undo_file(bare.pid) if "{undo}" in line else "")
            if "my.conf" in line:  # an example before this one may have written it
                shutil.copy("site.conf", "my.conf")
            done = run(f"timeout --preserve-status -s INT 4 {line}"
                       if re.search(GOES_ON, line) else line)
            count += 1
            if done.returncode not in allowed(line) or "--help" in done.stderr:
                print(f"{source}: {example}: status {done.returncode}: {done.stderr.strip()} {done.stdout.strip()}")
        print(f"{count} examples")
    finally:
        for process in (victim, bare):
            process.kill()
            process.wait()
        os.chdir("/")
        shutil.rmtree(home)


main()
