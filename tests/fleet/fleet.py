#!/usr/bin/env python3
"""make test-fleet: a Prometheus scrapes two hosts, of which each runs the import of examples/imap
with a rule that leaves half its connections bare; what it then says that the rule wins must be what
the imports' own clocks say, to 10 %. One host has `sockfix metrics --listen`, the other keeps a file
for node_exporter.

A host is a namespace of processes, of the network and of mounts. All of it is in another one of
processes (see the Makefile), so that nothing stays whatever ends this. BUILD is the build folder."""
import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request

BUILD = os.environ.get("BUILD", "build")
SOCKFIX = os.path.abspath(f"{BUILD}/sockfix")
FLEET = "examples/fleet"
# 24 connections with 40 mails: of both hosts' 48 fewer than 8 of one arm come once in a million runs.
IMPORTS, MAILS = 24, 40
DEADLINE = 300  # seconds, for whatever is waited for
RULE = ("demo: { match: { role = \"client\"; }; holdout = 50;\n"
        "  set: { coalesce = \"auto\"; so_keepalive = true; }; };\n")
PROMETHEUS = """\
global: {scrape_interval: 1s, evaluation_interval: 5s}
rule_files: [%s]
scrape_configs:
  - job_name: listen
    static_configs: [{targets: ["10.90.1.2:9190"]}]
  - job_name: textfile
    static_configs: [{targets: ["10.90.2.2:9100"]}]
"""
# As README.md has it.
GAIN = ('sum by (rule) (sockfix_turn_seconds_sum{arm="bare"%s})'
        ' / sum by (rule) (sockfix_turn_seconds_count{arm="bare"%s})'
        ' - sum by (rule) (sockfix_turn_seconds_sum{arm="mended"%s})'
        ' / sum by (rule) (sockfix_turn_seconds_count{arm="mended"%s})')


def run(*words):
    subprocess.run(words, check=True)


def wait_for(what, ask):
    """The first answer that is one."""
    end = time.monotonic() + DEADLINE
    while time.monotonic() < end:
        answer = ask()
        if answer:
            return answer
        time.sleep(0.2)
    raise SystemExit(f"fleet.py: waited {DEADLINE} s for {what}")


def quiet(*words, **more):
    return subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **more)


class Host:
    """A namespace that is a host: what runs there sees its own processes and its own network."""

    def __init__(self, number, folder):
        self.folder, self.number = folder, number
        self.address = f"10.90.{number}.2"
        # Its first process ends when this script does, and all others there with it.
        self.first = subprocess.Popen(
            ["unshare", "-n", "-m", "-p", "-f", "--mount-proc", "--kill-child", "sh", "-c",
             "ip link set lo up; echo ready; exec sleep 86400"], stdout=subprocess.PIPE, text=True)
        self.first.stdout.readline()
        with open(f"/proc/{self.first.pid}/task/{self.first.pid}/children", encoding="ascii") as c:
            self.pid = c.read().split()[0]
        run("ip", "link", "add", f"to{number}", "type", "veth", "peer", "name", "eth0", "netns",
            self.pid)
        run("ip", "address", "add", f"10.90.{number}.1/24", "dev", f"to{number}")
        run("ip", "link", "set", f"to{number}", "up")
        run(*self.inside("ip", "address", "add", f"{self.address}/24", "dev", "eth0"))
        run(*self.inside("ip", "link", "set", "eth0", "up"))

    def inside(self, *words):
        return ["nsenter", "-t", self.pid, "-n", "-m", "-p", f"--wd={os.getcwd()}", "--",
                *words]

    def begin_imports(self):
        """The server, and the imports with half of them bare."""
        server = subprocess.Popen(self.inside(f"{BUILD}/imapd", "-e"), stdin=subprocess.PIPE,
                                  stdout=subprocess.PIPE, text=True)
        port = server.stdout.readline().strip()
        self.ready = f"{self.folder}/ready{self.number}"
        self.imports = subprocess.Popen(
            self.inside(SOCKFIX, "run", "-r", f"{self.folder}/half.conf", "--", sys.executable,
                        "tests/fleet/imports.py", port, str(IMPORTS), str(MAILS), self.ready),
            stdin=subprocess.PIPE)

    def own_figures(self):
        wait_for("the imports", lambda: os.path.exists(self.ready) or self.imports.poll())
        with open(self.ready, encoding="ascii") as figures:
            return json.load(figures)


def get(url):
    with urllib.request.urlopen(url, timeout=DEADLINE) as answer:
        return answer.read().decode()


def query(expression):
    """What Prometheus answers; an expression that it does not take is an error."""
    url = "http://127.0.0.1:9090/api/v1/query?" + urllib.parse.urlencode({"query": expression})
    return json.loads(get(url))["data"]["result"]


def value(expression):
    result = query(expression)
    return float(result[0]["value"][1]) if len(result) == 1 else None


def is_up():
    try:
        return value("count(up == 1)") == 2
    except OSError:
        return False


def gain_of(figures):
    mean = {arm: sum(f[arm]["seconds"] for f in figures) / sum(f[arm]["turns"] for f in figures)
            for arm in ("bare", "mended")}
    return mean["bare"] - mean["mended"]


def compare(what, figures, only):
    """The gain that Prometheus has, against the imports' own. Logins and greetings are turns, too:
    few, and of either arm."""
    truth, said = gain_of(figures), value(GAIN % (only, only, only, only))
    off = said / truth - 1
    print(f"{what:34} own clock {truth * 1000:7.3f} ms   Prometheus {said * 1000:7.3f} ms"
          f"   {off * 100:+.1f} %", flush=True)
    if not truth > 0.001 or not abs(off) <= 0.1:
        raise SystemExit(f"fleet.py: {what}: the gain is not within 10 % of its truth")


def check_connections(figures):
    for arm in ("bare", "mended"):
        own = sum(f[arm]["connections"] for f in figures)
        said = value(f'sum(sockfix_holdout_connections_total{{arm="{arm}"}})')
        print(f"connections, {arm:21} own count {own:7}      Prometheus {said:7.0f}", flush=True)
        if own != said:
            raise SystemExit(f"fleet.py: {arm} connections are not as the imports counted them")


def check_files(folder):
    run("promtool", "check", "rules", f"{FLEET}/rules.yml")
    run("promtool", "test", "rules", f"{FLEET}/rules_test.yml")
    for name in ("listen", "textfile"):
        with open(f"{folder}/{name}.prom", encoding="utf-8") as text:
            subprocess.run(["promtool", "check", "metrics"], stdin=text, check=True)
    with open(f"{FLEET}/dashboard.json", encoding="utf-8") as text:
        panels = json.load(text)["panels"]
    asked = [target["expr"] for panel in panels for target in panel["targets"]]
    for expression in asked:
        query(expression.replace("$__rate_interval", "1m"))
    print(f"{len(asked)} expressions of the dashboard, {len(query('ALERTS'))} alerts", flush=True)


def begin_prometheus(folder):
    with open(f"{folder}/prometheus.yml", "w", encoding="ascii") as config:
        config.write(PROMETHEUS % os.path.abspath(f"{FLEET}/rules.yml"))
    os.mkdir(f"{folder}/data")
    quiet("prometheus", f"--config.file={folder}/prometheus.yml",
          f"--storage.tsdb.path={folder}/data", "--web.listen-address=127.0.0.1:9090")


def main():
    if os.getpid() != 1:
        raise SystemExit("fleet.py: make test-fleet runs it, in namespaces of its own")
    run("ip", "link", "set", "lo", "up")
    with tempfile.TemporaryDirectory() as folder:
        with open(f"{folder}/half.conf", "w", encoding="ascii") as rules:
            rules.write(RULE)
        hosts = [Host(1, folder), Host(2, folder)]
        quiet(*hosts[0].inside(SOCKFIX, "metrics", "--listen", f"{hosts[0].address}:9190"))
        os.mkdir(f"{folder}/collect")
        quiet(*hosts[1].inside(SOCKFIX, "metrics", "--textfile", f"{folder}/collect/sockfix.prom",
                               "--every", "1"))
        quiet(*hosts[1].inside("prometheus-node-exporter", "--collector.disable-defaults",
                               "--collector.textfile",
                               f"--collector.textfile.directory={folder}/collect",
                               f"--web.listen-address={hosts[1].address}:9100"))
        begin_prometheus(folder)
        wait_for("Prometheus to see both hosts", is_up)
        for host in hosts:
            host.begin_imports()
        figures = [host.own_figures() for host in hosts]
        whole = sum(f[arm]["connections"] for f in figures for arm in f)
        wait_for("the last scrape", lambda: value("sum(sockfix_holdout_connections_total)") == whole)
        wait_for("the last turns", lambda: value(
            'min(sum by (instance) (sockfix_turn_seconds_count))') >= IMPORTS * MAILS * 2)
        time.sleep(4)  # two scrapes and two looks more: all of it is there
        compare("host 1, --listen", figures[:1], ',job="listen"')
        compare("host 2, --textfile", figures[1:], ',job="textfile"')
        compare("both", figures, "")
        check_connections(figures)
        with open(f"{folder}/listen.prom", "w", encoding="utf-8") as text:
            text.write(get(f"http://{hosts[0].address}:9190/metrics"))
        run("cp", f"{folder}/collect/sockfix.prom", f"{folder}/textfile.prom")
        check_files(folder)
        # What has ended is remembered by who goes on.
        for host in hosts:
            host.imports.stdin.close()
            host.imports.wait()
        wait_for("the imports to be gone",
                 lambda: value("sum(sockfix_processes) or vector(0)") == 0)
        check_connections(figures)
        compare("both, when they have ended", figures, "")
    print("fleet: passed", flush=True)


if __name__ == "__main__":
    main()
