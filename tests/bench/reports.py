"""What `sockfix report` takes for a recording of 20 million events, of several shapes."""
import os
import subprocess
import tempfile

from bed import Arm, in_turns

EVENTS = 20000000
SHAPES = [(1, 1), (4000, 1), (64, 64)]  # connections, threads


def rows(stand):
    for flows, threads in SHAPES:
        def sample(_, flows=flows, threads=threads):
            with tempfile.TemporaryDirectory(dir=stand.build) as folder:
                subprocess.run([stand.program("recording"), folder, str(EVENTS), str(flows),
                                str(threads)], check=True)
                with open(os.devnull, "w", encoding="ascii") as out:
                    report = subprocess.Popen([stand.sockfix, "report", folder], stdout=out)
                    _, status, usage = os.wait4(report.pid, 0)
                report.returncode = os.waitstatus_to_exitcode(status)
                assert report.returncode == 0
                return {"cpu": usage.ru_utime + usage.ru_stime, "memory": usage.ru_maxrss / 1024}
        yield f"{flows},{threads}", lambda sample=sample: in_turns([Arm("report")], sample, 1)
