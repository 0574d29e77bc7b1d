"""How soon an edit counts: from the writing of one weight into a file to the first answer that follows it."""

import http.client
import random
import statistics
import time

from .load import HOST, Failed
from .processes import Process, free_port
from .rows import ROWS
from .tools import PROJECT, say

PACE = 0.001  # seconds between the requests that look
PATIENCE = 10  # seconds for one edit
SHORTEST, LONGEST = 0.02, 0.15  # seconds between an effect and the next edit
HOSTS = {"edit": 1, "edit-10000": 1_000}  # ten rules each, one file each

RULES = """
  - {{match: [{{uri: {{prefix: /p{n}/}}}}], route: [{{destination: {{host: {service}}}}}]}}
  - {{match: [{{uri: {{regex: '/r{n}/[0-9]+'}}}}], route: [{{destination: {{host: {service}}}}}]}}
  - match: [{{headers: {{x-user: {{exact: u{n}}}}}, method: {{exact: GET}}}}]
    route: [{{destination: {{host: {service}}}}}]"""

APPLICATION = """apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {{name: app-{i}}}
spec:
  hosts: [app-{i}.test]
  http:{rules}
  - route:
    - destination: {{host: {service}, subset: v1}}
      weight: {first}
      headers: {{response: {{set: {{x-version: v1}}}}}}
    - destination: {{host: {service}, subset: v2}}
      weight: {second}
      headers: {{response: {{set: {{x-version: v2}}}}}}
---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {{name: backend-{i}}}
spec:
  hosts: [{service}]
  location: MESH_EXTERNAL
  resolution: STATIC
  ports: [{{number: 80, name: http, protocol: HTTP}}]
  endpoints:
  - {{address: 127.0.0.1, ports: {{http: {port}}}, labels: {{version: v1}}}}
  - {{address: 127.0.0.2, ports: {{http: {port}}}, labels: {{version: v2}}}}
"""

WARMED = f"""apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {{name: warmed}}
spec:
  hosts: [{HOST}]
  http:
  - route: [{{destination: {{host: backend-0.test}}}}]
"""  # what the requests that warm go by


def application(i, port, version):
    """One host: nine rules of several kinds, and a last one that sends everything to `version`."""
    service = f"backend-{i}.test"
    return APPLICATION.format(
        i=i, port=port, service=service, rules="".join(RULES.format(n=n, service=service) for n in range(3)),
        first=100 if version == "v1" else 0, second=0 if version == "v1" else 100)


class Edited:
    """A gateway whose configuration is a folder with a file for each host."""

    def __init__(self, setting, name):
        self.home = setting.home / name
        self.folder = self.home / "config"
        self.folder.mkdir(parents=True)
        self.backend = setting.backend.plain
        self.chosen = HOSTS[name] // 2
        self.port = free_port()
        for i in range(HOSTS[name]):
            self.file(i).write_text(application(i, self.backend, "v1"))
        (self.folder / "warmed.yaml").write_text(WARMED)
        command = [PROJECT / "weft", "gateway", "--config", f"dir:{self.folder}", "--threads", "1", "--access-log", "off",
                   "--admin", "127.0.0.1:0", "--state-dir", self.home / "state", "--listen", f"127.0.0.1:{self.port}"]
        environment = {"WEFT_BUILD": "never", "WEFT_PROFILE": "fast"}
        self.process = Process(f"weft-{name}", setting.proxy_core, command, setting.home, environment)
        self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)

    def file(self, i):
        return self.folder / f"app-{i}.yaml"

    def first_answer(self, seconds=60):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if not self.process.alive():
                raise Failed(f"{self.process.name} ended:\n{self.process.tail()}")
            try:
                self.version()
                return
            except (OSError, http.client.HTTPException):
                self.connection.close()
                time.sleep(0.02)
        raise Failed(f"{self.process.name}: no answer within {seconds} s:\n{self.process.tail()}")

    def version(self):
        self.connection.request("GET", "/find", headers={"host": f"app-{self.chosen}.test"})
        answer = self.connection.getresponse()
        answer.read()
        if answer.status != 200:
            raise Failed(f"{self.process.name}: {answer.status} during an edit (expected: 200)")
        return answer.getheader("x-version")

    def edit(self, version):
        """Writes the file in place; returns seconds until an answer came by it."""
        text = application(self.chosen, self.backend, version)
        began = time.monotonic()
        self.file(self.chosen).write_text(text)
        while self.version() != version:
            if time.monotonic() > began + PATIENCE:
                raise Failed(f"{self.process.name}: no effect within {PATIENCE} s:\n{self.process.tail()}")
            time.sleep(PACE)
        return time.monotonic() - began

    def rest(self, seconds):
        """Keeps asking, so that the proxy is never idle and a failure is seen."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            self.version()
            time.sleep(PACE)


def edits(setting, name, amounts):
    """One weight is turned over again and again, a request after the other all the while; requests are warm before."""
    edited, chance = Edited(setting, name), random.Random(7)
    took, rss = [], []
    try:
        edited.first_answer()
        setting.load.warm(ROWS["http1"], edited.port, amounts.warm)
        edited.rest(2)
        cpu = edited.process.cpu()
        for number in range(amounts.edits):
            took.append(1000 * edited.edit("v1" if number % 2 else "v2"))
            edited.rest(chance.uniform(SHORTEST, LONGEST))
            if number + 1 in (amounts.edits // 10, amounts.edits):
                rss.append(edited.process.rss())
        ordered = sorted(took)
        say(f"{name}: {len(took)} edits, median {statistics.median(took):.0f} ms")
        return {"title": f"edit of one weight, {10 * HOSTS[name]:,} rules, {HOSTS[name]:,} files", "edits": len(took),
                "first": took[0], "p50": statistics.median(took), "p99": ordered[len(ordered) * 99 // 100],
                "max": ordered[-1], "cpu": 1000 * (edited.process.cpu() - cpu) / len(took), "rss": rss, "millis": took}
    finally:
        edited.connection.close()
        edited.process.stop()
