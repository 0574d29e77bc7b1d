"""The command: reads its options, prepares a run, ends everything it started."""

import argparse
import atexit
import json
import shutil
import signal
import sys
import tempfile
from pathlib import Path
from types import SimpleNamespace

from . import edits, report, rows, signals, tools
from .backend import Backend
from .certificates import Certificates
from .load import Failed, Load
from .processes import cores, stop_all

FULL = rows.Amounts(100_000, 5, 8, 3, 15, 5, 50_000, 1_000, 500)
QUICK = rows.Amounts(40_000, 2, 3, 2, 3, 2, 50_000, 1_000, 100)
ALL = {**{name: rows.row for name in rows.ROWS}, **{name: rows.starts for name in rows.STARTS},
       **{name: rows.memory for name in rows.MEMORY}, **{name: rows.added for name in rows.ADDED},
       **{name: edits.edits for name in edits.HOSTS}, **{name: signals.signals for name in signals.SIGNALS}}

TAIL = ("http1", "two-hop")

TEXT = """
Runs Weft and Envoy in interleaved rounds on the same work, one worker on one core each, generator and nginx on
another core, and prints ratios Weft/Envoy as they were measured.

CPU per request is utime+stime of the proxies over a closed loop (wrk for plain HTTP/1.1, h2load else; 64 requests
under way). p99 is of an open loop (Poisson arrivals at half of Envoy's peak, latency from when a request was due).
Both proxies have retries, budget, breaker, outlier detection and metrics on, and the access log off.
"""


def options():
    parser = argparse.ArgumentParser(
        prog="side-by-side", description=TEXT, formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="rows: " + ", ".join(ALL))
    parser.add_argument("--quick", action="store_true", help="two short rounds per row; shows the shape, not the figure")
    parser.add_argument("--row", action="append", choices=list(ALL), metavar="NAME", help="only this row; repeatable")
    parser.add_argument("--tail", nargs="?", type=int, const=300, metavar="SECONDS",
                        help="p99 and p99.9 at half of Envoy's peak, so long for each proxy (300), of http1 and two-hop "
                             "unless --row says of which")
    parser.add_argument("--rounds", type=int, help="how many rounds, instead of 5 (--quick: 2)")
    parser.add_argument("--warm", type=int, help="requests before anything counts, per variant (100,000; --quick: 40,000)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also writes every round's figures there")
    parser.add_argument("--keep", action="store_true", help="keeps the folder with configurations and logs")
    given = parser.parse_args()
    if given.tail is not None and (given.tail < 1 or any(name not in rows.ROWS for name in given.row or ())):
        parser.error("--tail is for a second or more, of rows that measure requests: " + ", ".join(rows.ROWS))
    return given


def prepare(home):
    found = SimpleNamespace(
        envoy=tools.envoy(),
        nginx=tools.nginx(),
        wrk=tools.system("wrk", "wrk"),
        h2load=tools.system("h2load", "nghttp2-client"),
    )
    for tool, package in (("openssl", "openssl"), ("taskset", "util-linux")):
        tools.system(tool, package)
    tools.build_weft()
    proxy_core, load_core = cores()
    if proxy_core == load_core:
        tools.say("there is one core only: proxy, generator and backend share it, and req/s tells little")
    certificates = Certificates(home / "certificates")
    app, edge = certificates.workload("app"), certificates.server("app.test")
    return rows.Setting(
        tools=found, home=home, proxy_core=proxy_core, load_core=load_core,
        backend=Backend(found.nginx, load_core, home, app),
        load=Load(found, load_core, home, edge / "ca.crt"),
        edge=edge,
        gateway_identity=certificates.workload("gateway"),
        app_identity=app)


def main():
    given = options()
    amounts = QUICK if given.quick else FULL
    if given.rounds:
        amounts.rounds = given.rounds
    if given.warm is not None:
        amounts.warm = given.warm
    work, names = ALL, given.row or list(ALL)
    if given.tail is not None:
        amounts.latency_seconds = given.tail
        work, names = dict.fromkeys(rows.ROWS, rows.tail), given.row or TAIL
    atexit.register(stop_all)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    home = Path(tempfile.mkdtemp(prefix="weft-side-by-side-"))
    results, about = {}, {}
    code = 0
    try:
        setting = prepare(home)
        about = report.facts(setting)
        for name in names:
            results[name] = work[name](setting, name, amounts)
            if given.json:
                given.json.write_text(json.dumps({"about": about, "rows": results}, indent=1) + "\n")
    except (tools.Missing, Failed) as problem:
        tools.say(f"side-by-side: {problem}")
        code = 1
    except KeyboardInterrupt:
        tools.say("side-by-side: interrupted")
        code = 130
    finally:
        if results:
            report.show(results, about)
        stop_all()
        if given.keep or code == 1:
            tools.say(f"configurations and logs: {home}")
        else:
            shutil.rmtree(home, ignore_errors=True)
    return code


if __name__ == "__main__":
    sys.exit(main())
