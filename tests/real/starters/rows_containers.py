"""Containers, run and built."""
import container
import root
from root import LIBRARY, PLACE, SOCKFIX
from row import Row, shell


class Podman(Row):
    """Images are made of this machine's own files: none is pulled. What is added to the line: the
    host's network, where the peer is, and no cgroup, for which this machine may have no room."""
    name, programs = "podman", ("podman", "crun")
    others = {"in-front": ("bare", f"{SOCKFIX} run -- podman run IMAGE COMMAND"),
              "no-volume": ("gone", f"podman run -e LD_PRELOAD={LIBRARY} -e SOCKFIX_RULES=RULES IMAGE "
                            "COMMAND")}
    sentences = ((["podman", "run", "x"],
                  "podman starts the work in a container, where LD_PRELOAD does not follow: put "
                  "sockfix into the image and write podman run IMAGE sockfix run -- COMMAND"),)

    def words(self, arm):
        return {"podman run": f"{container.RUN} -v {PLACE}:{PLACE}", "IMAGE": container.IMAGE,
                **super().words(arm)}

    def bare(self, text):
        return "podman run IMAGE COMMAND\n"

    def inert(self, text):
        return text.replace("-e SOCKFIX_RULES=1:default", "")

    def dropped(self, text, before):
        return text.replace("IMAGE ", f"IMAGE {before} ")

    def prepare(self):
        container.make_image()


class PodmanBuild(Podman):
    """The lines are those of a Containerfile; each arm is an image of its own."""
    name, sentences = "podman-build", ()
    others = {"build-argument": ("bare", f"ARG LD_PRELOAD={LIBRARY}\nARG SOCKFIX_RULES=RULES\n")}

    def library(self, job):
        return f"/proc/{job.pid}/root{LIBRARY}"

    def bare(self, text):
        return ""

    def inert(self, text):
        return text.replace(" SOCKFIX_RULES=1:default", "")

    def dropped(self, text, before):
        return text

    def start(self, arms, place):
        for arm, text in arms.items():
            container.build(arm, text)
            before = f"{root.DROPPED} " if arm == "dropped" else ""
            shell(root.filled_in(f"podman run IMAGE {before}COMMAND",
                                 {**self.words(arm), "IMAGE": arm}))


class InitContainer(Podman):
    """The first line once, the second for each arm."""
    name, programs, sentences = "init-container", ("podman", "crun", "busybox", "musl-gcc"), ()
    others = {"musl": ("on", f"podman run -v sockfix:/sockfix:ro MUSL /sockfix/sockfix run -- "
                       f"{PLACE}/job 7000 musl")}

    def words(self, arm):
        # The container has rules of its own, or none: they come from outside.
        return {"SOCKFIX_IMAGE": container.OURS, "MUSL": container.MUSL,
                "sockfix:/sockfix": "sockfix:/sockfix",
                "podman run -v": f"{container.RUN} -v {PLACE}:{PLACE} -v /etc/sockfix:/etc/sockfix:ro "
                "-v", "podman run --rm": container.RUN, **super().words(arm)}

    def bare(self, text):
        return text.replace("/sockfix/sockfix run -- ", "")

    def inert(self, text):
        return text.replace("/sockfix/sockfix run --", "/usr/bin/env "
                            "LD_PRELOAD=/sockfix/libsockfix.so")

    def dropped(self, text, before):
        return text.replace(" run -- COMMAND", f" run -- {before} COMMAND")

    def lacks(self):
        return super().lacks() + ([] if container.is_static() else ["static build of sockfix"])

    def library(self, job):
        return f"{container.volume('sockfix')}/libsockfix.so"

    def prepare(self):
        container.make_image()
        container.make_ours()
        container.make_musl()

    def start(self, arms, place):
        first = arms["on"].splitlines()[0]
        shell(first).wait()
        for text in arms.values():
            shell(text.splitlines()[-1])


ROWS = (Podman(), PodmanBuild(), InitContainer())
