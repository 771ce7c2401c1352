"""A row: how a starter is given its lines, and what people do instead of them. Who looks at what came
of it is starters.py."""
import shutil
import subprocess

import root
from root import LIBRARY, PLACE, PYTHON, SOCKFIX, USER

VARIABLES = f"LD_PRELOAD={LIBRARY} SOCKFIX_RULES=RULES"


def shell(text):
    with open(f"{PLACE}/shell.log", "a", encoding="utf-8") as log:
        return subprocess.Popen(["sh", "-c", text], stdin=subprocess.DEVNULL, stdout=log,
                                stderr=log)


class Row:
    """name: the word for `explain`. programs: without which it cannot be played. others: arms besides
    the lines: {arm: (state of starters.py, text)}. sentences: what `run -n -- WORDS` must say."""
    name, programs = "", ()
    others = {}
    states = {}  # of arms whose state is not their name
    sentences = ()

    def lacks(self):
        """Of what it needs, what is not there."""
        return [name for name in self.programs if not shutil.which(name, path=root.PATH)]

    def words(self, arm):
        return {"COMMAND": f"{PYTHON} {PLACE}/job.py 7000 {arm}", "USER": USER}

    def bare(self, text):
        return text.replace(f"{SOCKFIX} run -- ", "")

    def inert(self, text):
        return text.replace(f"{SOCKFIX} run --", f"/usr/bin/env LD_PRELOAD={LIBRARY}")

    def dropped(self, text, before):
        return text.replace(" run --", f" run -- {before}")

    def prepare(self):
        """Before anything is started."""

    def start(self, arms, place):
        """arms: {arm: text}, which are to run now."""
        for text in arms.values():
            shell(text)

    def library(self, job):
        """The file of the library that the job has, as it is reached from here."""
        return LIBRARY

    def after(self, place):
        """What else there is to look at."""
