"""What is measured: each row's shape, and how it is run in interleaved rounds."""

import http.client
import ssl
import statistics
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace

from .certificates import spiffe
from .envoy import Envoy
from .load import HOST, Failed
from .tools import say
from .weft import Weft

VARIANTS = (Weft, Envoy)


@dataclass(frozen=True)
class Shape:
    """A way of being asked: `client` is what the proxy is spoken to in, `upstream` what it speaks onwards."""

    title: str
    client: str  # http1, http2 (h2c), tls1, tls2; tcp: HTTP/1.1 that is not looked at; mtls: the sidecar alone
    upstream: str = "plain"  # plain, mtls (nginx asks for a certificate), sidecar (a second proxy of the same kind)
    routes: tuple = ("none", 0)  # none, prefix, header, and how many; the last rule takes everything
    profile: str = "fast"  # how Weft's JVM is started
    path: str = "/find"
    together: bool = True  # requests of HTTP/1.1 between two proxies over HTTP/2, where upstream is one
    warm_up: str = ""  # requests that Weft sends through itself before it is ready; its own default


ROWS = {
    "http1": Shape("HTTP/1.1", "http1"),
    "http2": Shape("HTTP/2 (h2c) to HTTP/1.1", "http2"),
    "tls-http1": Shape("TLS at the edge, HTTP/1.1", "tls1"),
    "tls-http2": Shape("TLS at the edge, HTTP/2 to HTTP/1.1", "tls2"),
    "mtls-upstream": Shape("mTLS upstream", "http1", upstream="mtls"),
    "two-hop": Shape("two hops, mTLS between (both proxies)", "http1", upstream="sidecar"),
    "two-hop-apart": Shape("two hops, a connection of HTTP/1.1 for each request under way", "http1",
                           upstream="sidecar", together=False),
    "tcp": Shape("TCP, small requests", "tcp"),
    "tcp-mib": Shape("TCP, answers of 1 MiB", "tcp", path="/mib"),
    **{f"{kind}-{count}": Shape(f"{count:,} {kind} routes", "http1", routes=(kind, count))
       for kind in ("prefix", "header") for count in (10, 1_000, 10_000)},
}
STARTS = {
    "start-gateway": Shape("start, gateway, HTTP/1.1 (fast)", "http1", warm_up="0"),
    "start-sidecar": Shape("start, sidecar, mTLS (small)", "mtls", profile="small", warm_up="0"),
    "start-sidecar-warm": Shape("start, sidecar, mTLS (small), warmed up", "mtls", profile="small"),
}
ADDED = {"added-latency": Shape("two hops, mTLS between", "http1", upstream="sidecar")}
ADDED_RATE = 500  # per second: nothing waits for its turn
SETTLED = 10  # seconds
MEMORY = {"memory": Shape("sidecar, mTLS (small)", "mtls", profile="small")}


@dataclass
class Setting:
    """Where a run happens."""

    tools: object
    home: Path
    proxy_core: int
    load_core: int
    backend: object
    load: object
    edge: Path
    gateway_identity: Path
    app_identity: Path


@dataclass
class Amounts:
    """How long and how often."""

    warm: int
    rounds: int
    seconds: int
    latency_rounds: int
    latency_seconds: int
    starts: int
    memory_requests: int
    memory_connections: int
    edits: int


@dataclass
class Measured:
    """What the rounds of one variant gave, in their order."""

    requests_per_second: list = field(default_factory=list)
    cpu_micros: list = field(default_factory=list)  # per request, all proxies of the variant
    busy: list = field(default_factory=list)  # share of its core that the variant used
    latency: list = field(default_factory=list)  # summaries of the open loop
    rss: list = field(default_factory=list)  # MiB, after everything


def first_answer(setting, shape, variant, seconds=60):
    """Waits for the first 200 through the proxy; a process that ends says why."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        for process in variant.processes:
            if not process.alive():
                raise Failed(f"{process.name} ended:\n{process.tail()}")
        try:
            if ask(setting, shape, variant.port) == 200:
                return
        except OSError:
            pass
        except http.client.HTTPException:
            pass
        time.sleep(0.005)
    raise Failed(f"{variant.name}: no 200 within {seconds} s:\n{variant.processes[-1].tail()}")


def secured(setting, shape, sock):
    """TLS over a connection: the other side must be of the run's root, and the host or the workload that was meant."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(setting.edge / "ca.crt")
    if shape.client != "mtls":
        return context.wrap_socket(sock, server_hostname=HOST)
    home = setting.gateway_identity
    context.load_cert_chain(home / "tls.crt", home / "tls.key")
    context.check_hostname = False  # a workload's certificate names no host; its URI is held below
    wrapped = context.wrap_socket(sock, server_hostname=HOST)
    names = wrapped.getpeercert().get("subjectAltName", ())
    if ("URI", spiffe("app")) not in names:
        wrapped.close()
        raise Failed(f"the sidecar shows {names} (expected: URI {spiffe('app')})")
    return wrapped


def ask(setting, shape, port):
    if shape.client == "http2":
        done = subprocess.run([setting.tools.h2load, "-n1", "-c1", "--connect-to",
                               f"127.0.0.1:{port}", f"http://{HOST}/find"], capture_output=True, text=True)
        return 200 if " 1 2xx" in done.stdout else 0
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        if shape.client in ("tls1", "tls2", "mtls"):
            connection.connect()
            connection.sock = secured(setting, shape, connection.sock)
        connection.request("GET", "/find", headers={"host": HOST})
        return connection.getresponse().status
    finally:
        connection.close()


def stop(variants):
    for variant in variants:
        for process in variant.processes:
            process.stop()


def in_turn(variants, number):
    """ABBA: what drifts over the run falls on both."""
    return variants if number % 2 == 0 else list(reversed(variants))


def one_peak(setting, shape, variant, seconds, into):
    before, began = sum(p.cpu() for p in variant.processes), time.monotonic()
    done, rate = setting.load.peak(shape, variant.port, seconds)
    cpu, took = sum(p.cpu() for p in variant.processes) - before, time.monotonic() - began
    into.requests_per_second.append(rate)
    into.cpu_micros.append(1e6 * cpu / done)
    into.busy.append(cpu / took)


def row(setting, name, amounts):
    """One row of the table; both variants live all the while, and one of them works."""
    shape = ROWS[name]
    variants = [kind(setting, shape, name) for kind in VARIANTS]
    try:
        measured = {variant.name: Measured() for variant in variants}
        for variant in variants:
            first_answer(setting, shape, variant)
            say(f"{name}: warming {variant.name}")
            setting.load.warm(shape, variant.port, amounts.warm)
        for number in range(amounts.rounds):
            for variant in in_turn(variants, number):
                into = measured[variant.name]
                one_peak(setting, shape, variant, amounts.seconds, into)
                say(f"{name}: round {number + 1}: {variant.name} {into.requests_per_second[-1]:,.0f} req/s, "
                    f"{into.cpu_micros[-1]:.1f} us of CPU each, core {100 * into.busy[-1]:.0f} % busy")
        rate = statistics.median(measured["envoy"].requests_per_second) / 2
        for number in range(amounts.latency_rounds):
            for variant in in_turn(variants, number):
                into = measured[variant.name]
                summary = setting.load.fixed(shape, variant.port, rate, amounts.latency_seconds)
                if summary["failed"]:
                    raise Failed(f"{variant.name}: {summary['failed']} of {summary['requests']} were not 200")
                into.latency.append(summary)
                say(f"{name}: {rate:,.0f} req/s: {variant.name} p50 {summary['p50']} p99 {summary['p99']} "
                    f"p99.9 {summary['p999']} us")
        for variant in variants:
            measured[variant.name].rss.append(sum(p.rss() for p in variant.processes))
        return {"title": shape.title, "rate": rate,
                **{variant: vars(result) for variant, result in measured.items()}}
    finally:
        stop(variants)


def tail(setting, name, amounts):
    """Latency over a long time at half of Envoy's peak, open loop; collections and compilations fall where they do."""
    shape = ROWS[name]
    variants = [kind(setting, shape, name) for kind in VARIANTS]
    result = {variant.name: {} for variant in variants}
    try:
        peak = Measured()
        for variant in variants:
            first_answer(setting, shape, variant)
            say(f"{name}: warming {variant.name}")
            setting.load.warm(shape, variant.port, amounts.warm)
        for _ in range(amounts.rounds):
            one_peak(setting, shape, variants[-1], amounts.seconds, peak)
        rate = statistics.median(peak.requests_per_second) / 2
        for variant in variants:
            say(f"{name}: {variant.name} at {rate:,.0f} req/s for {amounts.latency_seconds} s")
            summary = setting.load.fixed(shape, variant.port, rate, amounts.latency_seconds)
            if summary["failed"]:
                raise Failed(f"{variant.name}: {summary['failed']} of {summary['requests']} were not 200")
            result[variant.name] = summary
        return {"title": shape.title, "rate": rate, "seconds": amounts.latency_seconds, **result}
    finally:
        stop(variants)


def added(setting, name, amounts):
    """Latency far below saturation, beside a direct connection to the application."""
    shape = ADDED[name]
    variants = [kind(setting, shape, name) for kind in VARIANTS]
    sides = [SimpleNamespace(name="direct", port=setting.backend.plain), *variants]
    result = {side.name: {"p50": [], "p99": []} for side in sides}
    try:
        for variant in variants:
            first_answer(setting, shape, variant)
            say(f"{name}: warming {variant.name}")
            setting.load.warm(shape, variant.port, amounts.warm)
        for number in range(amounts.rounds):
            for side in in_turn(sides, number):
                summary = setting.load.fixed(shape, side.port, ADDED_RATE, amounts.latency_seconds)
                if summary["failed"]:
                    raise Failed(f"{side.name}: {summary['failed']} of {summary['requests']} were not 200")
                for figure, rounds in result[side.name].items():
                    rounds.append(summary[figure])
        return {"title": shape.title, "added_rate": ADDED_RATE, **result}
    finally:
        stop(variants)


def starts(setting, name, amounts):
    """CPU and wall time from the command to the first proxied 200, and RSS two seconds after it."""
    shape = STARTS[name]
    result = {kind.name: {"wall": [], "cpu": [], "rss": []} for kind in VARIANTS}
    for number in range(amounts.starts):
        for kind in in_turn(list(VARIANTS), number):
            variant = kind(setting, shape, f"{name}-{number}")
            try:
                first_answer(setting, shape, variant)
                result[kind.name]["wall"].append(time.monotonic() - variant.processes[0].began)
                result[kind.name]["cpu"].append(sum(p.cpu() for p in variant.processes))
                time.sleep(2)
                result[kind.name]["rss"].append(sum(p.rss() for p in variant.processes))
            finally:
                stop([variant])
    return {"title": shape.title, **result}


def memory(setting, name, amounts):
    """RSS of a sidecar: idle, after requests from an Envoy beside it, and with client connections held open.

    Idle begins when the process is SETTLED old: a JVM keeps for up to five seconds what its compiler needed."""
    shape = MEMORY[name]
    result = {"title": shape.title, "requests": amounts.memory_requests, "connections": amounts.memory_connections}
    for kind in VARIANTS:
        variant = kind(setting, shape, name)
        peer = None
        try:
            first_answer(setting, shape, variant)
            time.sleep(max(0, SETTLED - (time.monotonic() - variant.processes[0].began)))
            seen = {"idle": sum(p.rss() for p in variant.processes)}
            peer = Peer(setting, variant.port, kind.name)
            first_answer(setting, ROWS["http1"], peer)
            setting.load.warm(ROWS["http1"], peer.port, amounts.memory_requests)
            seen["after_requests"] = sum(p.rss() for p in variant.processes)
            held = hold(setting, shape, variant.port, amounts.memory_connections)
            seen["with_connections"] = sum(p.rss() for p in variant.processes)
            for connection in held:
                connection.close()
            result[kind.name] = seen
            say(f"{name}: {kind.name} " + ", ".join(f"{k} {v:.0f} MiB" for k, v in seen.items()))
        finally:
            stop([variant, *([peer] if peer else [])])
    return result


class Peer(Envoy):
    """An Envoy on the generator's core that takes plain requests and speaks mTLS to the sidecar under test."""

    def __init__(self, setting, port, label):
        self.upstream_port = port
        backend = type("Target", (), {"plain": port, "secure": port})
        elsewhere = Setting(**{**vars(setting), "proxy_core": setting.load_core, "backend": backend})
        super().__init__(elsewhere, Shape("peer", "http1", upstream="mtls"), f"peer-{label}")


def hold(setting, shape, port, count):
    """Connections that have proved who they are and carried one request each."""
    held = []
    for _ in range(count):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        connection.connect()
        connection.sock = secured(setting, shape, connection.sock)
        connection.request("GET", "/find", headers={"host": HOST})
        connection.getresponse().read()
        held.append(connection)
    return held
