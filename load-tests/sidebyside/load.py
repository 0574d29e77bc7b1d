"""The load: closed loops by wrk and h2load for throughput, an open loop of our own for latency."""

import json
import re
import sys
from pathlib import Path

from .tools import run

HOST = "app.test"
CONNECTIONS = 64  # HTTP/1.1; HTTP/2 has CONNECTIONS_H2 times STREAMS
CONNECTIONS_H2 = 4
STREAMS = 16

# wrk: one request after the other through every rule of the table, in an order that has no pattern
LUA = """
local kind, count, host, only = "{kind}", {count}, "{host}", "{path}"
local requests, at = {{}}, 1
init = function()
  for i = 0, math.max(count, 1) - 1 do
    local path = kind == "prefix" and "/service-" .. i .. "/find" or only
    local headers = {{["Host"] = host}} -- written so, or wrk adds a second one
    if kind == "header" then headers["x-route"] = "r" .. i end
    requests[i + 1] = wrk.format("GET", path, headers)
  end
  math.randomseed(7)
  for i = #requests, 2, -1 do
    local j = math.random(i)
    requests[i], requests[j] = requests[j], requests[i]
  end
end
request = function()
  at = at % #requests + 1
  return requests[at]
end
"""


class Failed(Exception):
    """The work was not done as asked: answers other than 2xx, or none."""


class Load:
    """Sends a shape's requests to a port; everything runs on the generator's core."""

    def __init__(self, tools, core, home, ca):
        self.tools = tools
        self.core = core
        self.home = Path(home)
        self.ca = ca

    def peak(self, shape, port, seconds):
        """As many as go, closed loop. Returns requests done and requests per second."""
        if shape.client in ("http1", "tcp"):
            return self._wrk(shape, port, seconds)
        return self._h2load(shape, port, ["-D", str(seconds)])

    def warm(self, shape, port, requests):
        done = 0
        while done < requests:
            done += self.peak(shape, port, 3)[0]
        return done

    def fixed(self, shape, port, rate, seconds):
        """An open loop; returns the generator's summary, latencies in microseconds."""
        command = ["taskset", "-c", str(self.core), sys.executable, "-m", "sidebyside.openloop",
                   "--port", str(port), "--protocol", "http1" if shape.client == "tcp" else shape.client, "--path", shape.path, "--host", HOST, "--ca", str(self.ca),
                   "--kind", shape.routes[0], "--count", str(shape.routes[1]), "--rate", str(rate),
                   "--seconds", str(seconds)]
        return json.loads(run(command))

    def _wrk(self, shape, port, seconds):
        kind, count = shape.routes
        script = self.home / f"{kind}-{count}{shape.path.replace('/', '-')}.lua"
        script.write_text(LUA.format(kind=kind, count=count, host=HOST, path=shape.path))
        text = run(["taskset", "-c", str(self.core), self.tools.wrk, "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s",
                    "--timeout", "10s",  # two cold proxies on one core keep the first handshakes waiting
                    "-s", script, f"http://127.0.0.1:{port}/"])
        done = int(re.search(r"(\d+) requests in", text)[1])
        bad = re.search(r"(Non-2xx.*|Socket errors.*)", text)
        if bad or not done:
            raise Failed(f"wrk: {bad[1] if bad else text}")
        return done, float(re.search(r"Requests/sec:\s+([\d.]+)", text)[1])

    def _h2load(self, shape, port, amount):
        scheme = "https" if shape.client.startswith("tls") else "http"
        if shape.client in ("tls1", "http1"):
            how = ["--h1", "-c", str(CONNECTIONS)]
        else:
            how = ["-c", str(CONNECTIONS_H2), "-m", str(STREAMS)]
        text = run(["taskset", "-c", str(self.core), self.tools.h2load, "-t1", *how, *amount,
                    "--connect-to", f"127.0.0.1:{port}", f"{scheme}://{HOST}/find"])
        rate = float(re.search(r"finished in [\d.]+m?s, ([\d.]+) req/s", text)[1])
        counts = {name: int(n) for n, name in re.findall(r"(\d+) (succeeded|failed|errored|timeout)", text)}
        if counts.get("failed") or counts.get("errored") or not counts.get("succeeded"):
            raise Failed(f"h2load: {text}")
        return counts["succeeded"], rate

