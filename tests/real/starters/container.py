"""Images for podman, made of files of this machine: a small root with python3, one with musl's loader
alone, and one of ours. They lie in storage of the row's own."""
import glob
import os
import re
import shutil
import subprocess

from root import BUILD, LIBRARY, PLACE, ROOT, SOCKFIX, run, write

IMAGE, OURS, MUSL = "localhost/machine", "localhost/sockfix", "localhost/musl"
# The host's network, where the peer is; no cgroup, for there may be none to be had.
SOME = "--network=host --cgroups=disabled"
RUN = f"podman run --rm {SOME}"
PROGRAMS = ("/usr/bin/python3", "/bin/sh", "/usr/bin/env")


def libraries(path):
    said = subprocess.run(["ldd", path], capture_output=True, text=True, check=False).stdout
    return re.findall(r"(/\S+) \(0x", said)


def is_static():
    return not libraries(f"{BUILD}/sockfix")


def copy(source, tree):
    target = f"{tree}{source}"
    os.makedirs(os.path.dirname(target), exist_ok=True)
    if not os.path.exists(target):
        shutil.copy(source, target)


def import_tree(tree, name, change=""):
    run("sh", "-c", f"tar -C {tree} -c . | podman import {change} - {name}", capture_output=True)


def cover_cgroups():
    """crun takes no mixture of both versions: here it sees the second one alone."""
    kind = subprocess.run(["stat", "-fc", "%T", "/sys/fs/cgroup"], capture_output=True, text=True,
                          check=True).stdout.strip()
    if kind != "cgroup2fs":
        run("mount", "-t", "cgroup2", "cgroup2", "/sys/fs/cgroup")


def make_image():
    cover_cgroups()
    tree = f"{PLACE}/tree"
    modules = os.path.dirname(os.__file__)
    os.makedirs(tree)
    for name in ("usr/bin", "usr/lib", "usr/lib64", "tmp", "etc", "proc", "sys", "dev", "run"):
        os.makedirs(f"{tree}/{name}", exist_ok=True)
    for name in ("bin", "lib", "lib64"):
        os.symlink(f"usr/{name}", f"{tree}/{name}")
    shutil.copytree(modules, f"{tree}{modules}", ignore=shutil.ignore_patterns(
        "test", "__pycache__", "dist-packages", "ensurepip", "idlelib", "lib2to3", "pydoc_data"))
    for path in (*PROGRAMS, *glob.glob(f"{modules}/lib-dynload/_socket*.so")):
        for part in (path, *libraries(path)):
            copy(part, tree)
    import_tree(tree, IMAGE)


def make_ours():
    """What tools/packaging/Containerfile makes, without the builder."""
    tree = f"{PLACE}/ours"
    for name, source in (("sockfix/sockfix", SOCKFIX), ("sockfix/libsockfix.so", LIBRARY),
                         ("bin/busybox", "/bin/busybox"), ("bin/copy.sh", f"{ROOT}/tools/packaging/copy.sh")):
        os.makedirs(os.path.dirname(f"{tree}/{name}"), exist_ok=True)
        shutil.copy(source, f"{tree}/{name}")
    import_tree(tree, OURS, """--change 'CMD ["/bin/copy.sh", "/target"]'""")


def make_musl():
    """The program is a file outside of the image."""
    run("musl-gcc", "-o", f"{PLACE}/job", f"{PLACE}/job.c")
    tree = f"{PLACE}/musl"
    for path in glob.glob("/lib/ld-musl-*"):
        copy(path, tree)
    import_tree(tree, MUSL)


def volume(name):
    """Its folder."""
    return run("podman", "volume", "inspect", "-f", "{{.Mountpoint}}", name, capture_output=True,
               text=True).stdout.strip()


def build(name, lines):
    """An image: ours, with these lines."""
    folder = f"{PLACE}/build-{name}"
    write(f"{folder}/Containerfile", f"FROM {IMAGE}\n{lines}")
    shutil.copy(f"{PLACE}/libsockfix.so", folder)
    run("podman", "build", "--isolation=chroot", "--network=host", "-t", name, folder,
        capture_output=True)
