"""Network namespaces for the benchmark, without a name: they vanish with the process that holds
them, and that one with us. Needs root."""
import os
import subprocess

from bed import Failed


def run(*command):
    done = subprocess.run(command, stderr=subprocess.PIPE, text=True, check=False)
    if done.returncode != 0:
        raise Failed(f"{' '.join(command)}: {done.stderr.strip()}")


class Namespace:
    """Its loopback is up."""

    def __init__(self):
        if os.geteuid() != 0:
            raise Failed("network namespaces need root")
        self.holder = subprocess.Popen(
            ["unshare", "--net", "sh", "-c", "ip link set lo up && echo up && exec cat"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        if self.holder.stdout.readline() != "up\n":
            self.close()
            raise Failed("no network namespace can be made here (unshare, ip)")

    def inside(self, *command):
        return ["nsenter", f"--net=/proc/{self.holder.pid}/ns/net", *command]

    def close(self):
        self.holder.stdin.close()
        self.holder.wait()
        self.holder.stdout.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class Pair:
    """Two of them with a veth pair between, MTU 1500. The far end has the address."""
    address = "10.203.0.2"

    def __init__(self):
        self.ends = [Namespace(), Namespace()]
        near, far = self.ends
        try:
            run(*near.inside("ip", "link", "add", "near", "mtu", "1500", "type", "veth", "peer",
                             "name", "far", "mtu", "1500", "netns", str(far.holder.pid)))
            for end, name, address in ((near, "near", "10.203.0.1"), (far, "far", self.address)):
                run(*end.inside("ip", "address", "add", f"{address}/24", "dev", name))
                run(*end.inside("ip", "link", "set", name, "up"))
        except Failed:
            self.__exit__()
            raise

    def near(self, *command):
        return self.ends[0].inside(*command)

    def far(self, *command):
        return self.ends[1].inside(*command)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for end in self.ends:
            end.close()
