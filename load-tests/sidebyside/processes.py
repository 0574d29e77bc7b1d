"""Starts processes pinned to a core, reads what they cost, and ends each by its own pid."""

import ctypes
import os
import random
import signal
import socket
import subprocess
import time
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")
DIES_WITH_PARENT = 1  # PR_SET_PDEATHSIG
LIBC = ctypes.CDLL(None)


def cores():
    """The core of the proxies, and the one of generator and backend; the same where there is but one."""
    allowed = sorted(os.sched_getaffinity(0))
    return allowed[0], allowed[1 if len(allowed) > 1 else 0]


def free_port():
    """Below those that the kernel gives to clients (from 32768 on), so that none of them takes it meanwhile."""
    for port in random.sample(range(10_000, 30_000), 1000):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue  # somebody has it
    raise OSError("no free port from 10000 to 29999")


class Process:
    """One process on one core; its output goes to a file beside the other logs of the run."""

    running = []

    def __init__(self, name, core, command, log_folder, environment=None):
        self.name = name
        self.log = Path(log_folder) / f"{name}.log"
        self.began = time.monotonic()
        with open(self.log, "ab") as log:
            self.child = subprocess.Popen(
                ["taskset", "-c", str(core), *map(str, command)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=log_folder,
                env=dict(os.environ, **(environment or {})),
                start_new_session=True,
                preexec_fn=lambda: LIBC.prctl(DIES_WITH_PARENT, signal.SIGTERM),
            )
        Process.running.append(self)

    @property
    def pid(self):
        return self.child.pid

    def alive(self):
        return self.child.poll() is None

    def cpu(self):
        """Seconds of CPU so far, of the process and of children that ended (a launcher's)."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return sum(int(fields[i]) for i in (11, 12, 13, 14)) / TICKS

    def cpu_by_thread(self):
        """Seconds of CPU so far of each name of threads that live; names have 15 characters (Linux)."""
        found = {}
        for task in Path(f"/proc/{self.pid}/task").iterdir():
            try:
                name = (task / "comm").read_text().strip()
                found[name] = found.get(name, 0) + int((task / "schedstat").read_text().split()[0]) / 1e9
            except OSError:
                continue  # it ended meanwhile
        return found

    def rss(self):
        """MiB resident."""
        for line in Path(f"/proc/{self.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) / 1024
        return 0.0

    def tail(self):
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-15:])

    def stop(self):
        """Asks, waits five seconds, then kills; by pid, and only what this run started."""
        if self.alive():
            self.child.terminate()
            try:
                self.child.wait(5)
            except subprocess.TimeoutExpired:
                self.child.kill()
                self.child.wait(5)
        if self in Process.running:
            Process.running.remove(self)


def stop_all():
    for process in list(reversed(Process.running)):
        process.stop()
