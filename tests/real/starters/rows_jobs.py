"""Starters of one program: a job, a window, a server for a connection."""
import contextlib
import glob
import os
import socket
import subprocess
import threading

import root
from root import LIBRARY, PLACE, PYTHON, SOCKFIX, USER, start, write
from row import VARIABLES, Row, shell


class Env(Row):
    name, programs = "env", ("env",)
    others = {"in-front": ("bare", f"{SOCKFIX} run -- env -i COMMAND")}
    sentences = ((["env", "-i", "true"],
                  "env drops LD_PRELOAD there: write env [OPTION]... sockfix run -- COMMAND"),)


class Su(Row):
    name, programs = "su", ("su",)
    others = {"in-front": ("bare", f"{SOCKFIX} run -- su USER -c 'COMMAND'"),
              "login": ("bare", f"{VARIABLES} su - USER -c 'COMMAND'"),
              "kept": ("on", f"{VARIABLES} su USER -c 'COMMAND'")}
    sentences = ((["su", USER, "-c", "true"],
                  "su drops LD_PRELOAD: write su USER -c 'sockfix run -- COMMAND'"),)


class Sudo(Row):
    name, programs = "sudo", ("sudo",)
    others = {"in-front": ("bare", f"{SOCKFIX} run -- sudo -u USER COMMAND"),
              "kept": ("bare", f"{VARIABLES} sudo -u USER COMMAND"),
              "asked": ("dropped", f"{VARIABLES} sudo -E -u USER COMMAND")}
    sentences = ((["sudo", "-u", USER, "true"],
                  f"sudo drops LD_PRELOAD: write sudo -u {USER} sockfix run -- true"),)

    def prepare(self):
        write("/etc/sudoers.d/starters", f"{USER} ALL=(ALL) NOPASSWD: ALL\n", 0o440)


class Tmux(Row):
    """Another session first: its server is there when the others come."""
    name, programs = "tmux", ("tmux",)
    others = {"in-front": ("bare", f"{SOCKFIX} run -- tmux new-session -d COMMAND"),
              "variables": ("bare", f"{VARIABLES} tmux new-session -d COMMAND"),
              "its-server": ("on", f"{VARIABLES} tmux -L another new-session -d COMMAND")}
    sentences = ((["tmux", "new-session"],
                  "tmux has the work done by its server, which keeps its own environment: write "
                  "tmux new-session sockfix run -- COMMAND"),)

    def prepare(self):
        os.environ["TMUX_TMPDIR"] = PLACE
        subprocess.run(["tmux", "-f", "/dev/null", "new-session", "-d", "sleep", "600"], check=True)


class Cron(Row):
    """What a time would start is started as cron begins: nobody waits for a minute."""
    name, programs = "cron", ("cron",)
    others = {"top-inert": ("inert", f"LD_PRELOAD={LIBRARY}\n@reboot COMMAND"),
              "top": ("on", "SOCKFIX_RULES=RULES\n@reboot COMMAND")}
    sentences = ((["crontab", "-e"], "crontab only edits the table, cron does the work: write sockfix "
                  "run -- COMMAND into its line"),)

    def start(self, arms, place):
        table = (f"@reboot sockfix run -- true 2>{PLACE}/not-found\n"
                 f"@reboot {SOCKFIX} run -- echo one\\%two >{PLACE}/percent\n"
                 f"@reboot {SOCKFIX} run -- cat >{PLACE}/newline %three\n")
        table += "".join(f"{text.rstrip()} >>{PLACE}/job.log 2>&1\n" for text in arms.values())
        subprocess.run(["crontab", "-"], input=table.replace("17 3 * * *", "@reboot"), text=True,
                       check=True)
        start("cron", "-f")

    def after(self, place):
        place.file_has(f"{PLACE}/not-found", "sockfix: not found")
        place.file_has(f"{PLACE}/percent", "one%two")
        place.file_has(f"{PLACE}/newline", "three")


class At(Row):
    name, programs = "at", ("atd", "at")
    others = {"in-front": ("bare", f"echo 'COMMAND' | {SOCKFIX} run -- at now"),
              "variables": ("dropped", f"echo 'COMMAND' | {VARIABLES} at now")}
    sentences = ((["at", "now"], "at drops LD_PRELOAD: write sockfix run -- COMMAND into the job"),)

    def prepare(self):
        start("atd", "-f")
        root.wait_for(lambda: os.path.exists("/run/atd.pid"), "atd")

    def start(self, arms, place):
        for text in arms.values():
            shell(text).wait()


class Supervisord(Row):
    name, programs = "supervisord", ("supervisord",)
    others = {"inert-there": ("inert", f'[program:NAME]\nenvironment=SHARE="100%%",LD_PRELOAD='
                              f'"{LIBRARY}"\ncommand=COMMAND\n'),
              "there": ("on", f'[program:NAME]\nenvironment=SHARE="100%%",LD_PRELOAD="{LIBRARY}",'
                        'SOCKFIX_RULES="RULES"\ncommand=COMMAND\n')}

    sentences = ((["supervisorctl", "start", "x"],
                  "supervisorctl has the work done by supervisord, which has its own environment: "
                  f"write command={SOCKFIX} run -- COMMAND in the program's section"),)

    def words(self, arm):
        return {"NAME": arm, **super().words(arm)}

    def start(self, arms, place):
        for arm, text in arms.items():
            write(f"/etc/supervisor/conf.d/{arm}.conf", text)
        start("supervisord", "-n", "-c", "/etc/supervisor/supervisord.conf")


class Xinetd(Row):
    """Who is served is the peer, at a port for each arm."""
    name, programs = "xinetd", ("xinetd",)
    others = {"there-inert": ("inert", f"server = {PYTHON}\nserver_args = {PLACE}/job.py - ARM\n"
                              f"env += LD_PRELOAD={LIBRARY}\n"),
              "there": ("on", f"server = {PYTHON}\nserver_args = {PLACE}/job.py - ARM\n"
                        f"env += {VARIABLES}\n")}

    def words(self, arm):
        return {"COMMAND": f"{PYTHON} {PLACE}/job.py - {arm}", "ARM": arm}

    def bare(self, text):
        return text.replace(SOCKFIX, "/usr/bin/env").replace("run -- ", "")

    def inert(self, text):
        return text.replace(SOCKFIX, "/usr/bin/env").replace("run --", f"LD_PRELOAD={LIBRARY}")

    def prepare(self):
        """What run says must not be said to the client: it goes to syslog, which is read here."""
        root.copy_over("/dev")
        with contextlib.suppress(FileNotFoundError):
            os.unlink("/dev/log")
        sock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        sock.bind("/dev/log")
        threading.Thread(target=self.read, args=(sock,), daemon=True).start()

    @staticmethod
    def read(sock):
        with open(f"{PLACE}/syslog.log", "w", encoding="utf-8", errors="replace") as file:
            while True:
                print(sock.recv(4096).decode(errors="replace"), file=file, flush=True)

    def after(self, place):
        place.file_has(f"{PLACE}/syslog.log", "dropped.sh:3 drops LD_PRELOAD, and what it starts")

    def start(self, arms, place):
        ports = {arm: 7100 + number for number, arm in enumerate(arms)}
        for arm, text in arms.items():
            write(f"/etc/xinetd.d/{arm}", f"service {arm}\n{{\ntype = UNLISTED\nprotocol = tcp\n"
                  f"socket_type = stream\nwait = no\nuser = root\nport = {ports[arm]}\n{text}}}\n")
        start("xinetd", "-dontfork")
        for port in ports.values():
            root.wait_for_listener(port)
            place.call(port)


class Java(Row):
    name, programs = "java", ("java", "javac")
    others = {"in-front": ("overwritten", f"{SOCKFIX} run -- {PLACE}/start-bare.sh in-front")}

    def words(self, arm):
        return {"COMMAND": f"java -cp {PLACE} Job 7000 ${{1:-{arm}}}"}

    def prepare(self):
        subprocess.run(["javac", f"{PLACE}/Job.java"], check=True)
        self.malloc = glob.glob("/usr/lib/*/libjemalloc.so.2")[0]

    def start(self, arms, place):
        for arm, text in arms.items():
            script = f"{PLACE}/start-{arm}.sh"
            write(script, f"#!/bin/sh\nexport LD_PRELOAD={self.malloc}\n{text}", 0o755)
            shell(f"exec {text if arm in self.others else script}")

    def after(self, place):
        place.says_in_front([f"{PLACE}/start-bare.sh"], f"{PLACE}/start-bare.sh:2 sets LD_PRELOAD "
                            "anew, and what it starts then runs without the library: append "
                            '":$LD_PRELOAD" to the value there', mended=True)


ROWS = (Env(), Su(), Sudo(), Tmux(), Cron(), At(), Supervisord(), Xinetd(), Java())
