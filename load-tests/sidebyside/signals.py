"""What signals cost: Weft beside itself, the same gateway with more and more of them."""

import statistics
from dataclasses import dataclass, field

from .rows import ROWS, Measured, first_answer, in_turn, one_peak, stop
from .tools import say
from .weft import Weft

TRACES = """---
apiVersion: telemetry.istio.io/v1
kind: Telemetry
metadata: {{name: mesh, namespace: istio-system}}
spec: {{tracing: [{{providers: [{{name: told}}], randomSamplingPercentage: {percent}}}]}}
---
apiVersion: weft.dev/v1
kind: ProxySettings
metadata: {{name: default}}
spec:
  extensionProviders:
  - {{name: told, opentelemetry: {{service: collector.test, port: 80, http: {{path: /v1/traces}}}}}}
---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {{name: collector}}
spec:
  hosts: [collector.test]
  location: MESH_EXTERNAL
  resolution: STATIC
  ports: [{{number: 80, name: http, protocol: HTTP}}]
  endpoints: [{{address: 127.0.0.1, ports: {{http: {port}}}}}]
"""

# name, whether it writes an access log, percent of the requests that are told to a collector
WANTED = (("metrics", False, None), ("and the access log", True, None), ("and 0 % of traces", True, 0),
          ("and 1 % of traces", True, 1), ("and all traces", True, 100))
# what threads are for, and how their names begin
THREADS = (("loop", "vert.x-event"), ("garbage", "VM Thread"), ("compiler", ("C1 Comp", "C2 Comp")), ("log", "weft-access-log"),
           ("spans", "vert.x-worker"))
SIGNALS = {"signals": "metrics alone, which are always there, and more"}


@dataclass
class Told(Measured):
    """And which threads it was, as shares of all."""

    shares: list = field(default_factory=list)


class Telling(Weft):
    """A gateway that tells so much."""

    def __init__(self, setting, shape, number):
        self.name, logs, percent = WANTED[number]
        if logs:
            self.access_log = str(setting.home / f"access-{number}.log")
        if percent is not None:
            self.more = TRACES.format(percent=percent, port=setting.backend.plain)
        super().__init__(setting, shape, f"signals-{number}")


def shares(before, after):
    """Of the CPU between two moments, by what threads are for."""
    spent = {name: seconds - before.get(name, 0) for name, seconds in after.items()}
    whole = sum(spent.values())
    return {kind: sum(seconds for name, seconds in spent.items() if name.startswith(begin)) / whole for kind, begin in THREADS}


def signals(setting, name, amounts):
    """All variants live all the while, and one of them works; the collector is the application's nginx."""
    shape = ROWS["http1"]
    variants = [Telling(setting, shape, number) for number in range(len(WANTED))]
    try:
        measured = {variant.name: Told() for variant in variants}
        for variant in variants:
            first_answer(setting, shape, variant)
            say(f"{name}: warming {variant.name}")
            setting.load.warm(shape, variant.port, amounts.warm)
        for number in range(amounts.rounds):
            for variant in in_turn(variants, number):
                into, process = measured[variant.name], variant.processes[0]
                before = process.cpu_by_thread()
                one_peak(setting, shape, variant, amounts.seconds, into)
                into.shares.append(shares(before, process.cpu_by_thread()))
                say(f"{name}: round {number + 1}: {variant.name} {into.cpu_micros[-1]:.1f} us of CPU each")
        return {"title": SIGNALS[name], "told": {variant: vars(result) for variant, result in measured.items()}}
    finally:
        stop(variants)


def lines(result):
    """Each beside the first, round by round: what the machine does to all of them falls out."""
    first, out = next(iter(result["told"].values())), [result["title"]]
    for name, side in result["told"].items():
        cpu = [mine / its for mine, its in zip(side["cpu_micros"], first["cpu_micros"])]
        rate = [mine / its for mine, its in zip(side["requests_per_second"], first["requests_per_second"])]
        out.append(f"  {name:<20} CPU/request {statistics.median(cpu):.3f} ({min(cpu):.3f} to {max(cpu):.3f}), "
                   f"req/s {statistics.median(rate):.3f}; {statistics.median(side['cpu_micros']):.1f} us CPU: {threads(side)}")
    return out


def threads(side):
    """Microseconds of a request that each kind of thread takes."""
    told = []
    for kind, _ in THREADS:
        micros = statistics.median(mine * all_of[kind] for mine, all_of in zip(side["cpu_micros"], side["shares"]))
        told.append(f"{kind} {micros:.1f}")
    return ", ".join(told)
