"""Prints what was measured: ratios Weft/Envoy of medians, the medians themselves, and how far rounds lay apart."""

import os
import platform
import statistics
import subprocess
from datetime import datetime, timezone
from pathlib import Path

from . import signals
from .tools import PROJECT

HEAD = f"{'row':<40} {'req/s':>16} {'CPU/request':>16} {'p99 at rate':>16} {'RSS after':>14}"


def median(values):
    return statistics.median(values) if values else float("nan")


def ratio(weft, envoy):
    return median(weft) / median(envoy)


def spread(weft, envoy):
    """The smallest and the largest ratio of two rounds that stood beside each other."""
    each = [w / e for w, e in zip(weft, envoy)]
    return f"{min(each):.2f}-{max(each):.2f}"


def facts(setting):
    cpu = next((line.partition(":")[2].strip() for line in Path("/proc/cpuinfo").read_text().splitlines()
                if line.startswith("model name")), platform.machine())
    return {
        "date": datetime.now(timezone.utc).strftime("%Y-%m-%d %H:%M UTC"),
        "cpu": cpu,
        "cores": f"proxies on {setting.proxy_core}, generator and nginx on {setting.load_core}",
        "kernel": platform.release(),
        "load_average": " ".join(f"{x:.2f}" for x in os.getloadavg()),
        "envoy": first_line([setting.tools.envoy, "--version"]),
        "weft": first_line(["git", "-C", str(PROJECT), "describe", "--always", "--dirty"]),
        "java": java(),
    }


def first_line(command):
    done = subprocess.run([str(word) for word in command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    return next((line.strip() for line in done.stdout.splitlines() if line.strip()), "unknown")


def java():
    """The JDK that the launcher chose, as a running proxy tells."""
    return os.environ.get("WEFT_JAVA_HOME") or "newest that ./weft finds"


def row_lines(result):
    weft, envoy = result["weft"], result["envoy"]
    p99 = [[summary["p99"] for summary in side["latency"]] for side in (weft, envoy)]
    pairs = [(weft["requests_per_second"], envoy["requests_per_second"]), (weft["cpu_micros"], envoy["cpu_micros"]),
             tuple(p99)]
    ratios = " ".join(f"{ratio(w, e):>6.2f} {spread(w, e):>9}" for w, e in pairs)
    lines = [f"{result['title']:<40} {ratios} {ratio(weft['rss'], envoy['rss']):>14.2f}"]
    for name, side, latency in (("weft", weft, p99[0]), ("envoy", envoy, p99[1])):
        p999 = median([summary["p999"] for summary in side["latency"]])
        lines.append(
            f"  {name:<6} {median(side['requests_per_second']):>9,.0f} req/s, {median(side['cpu_micros']):>6.1f} us CPU, "
            f"core {100 * median(side['busy']):.0f} % busy; at {result['rate']:,.0f} req/s "
            f"p99 {median(latency) / 1000:.2f} ms, p99.9 {p999 / 1000:.2f} ms; RSS {median(side['rss']):.0f} MiB")
    return lines


def tail_lines(result):
    weft, envoy = result["weft"], result["envoy"]
    lines = [f"{result['title']:<40} p99 {weft['p99'] / envoy['p99']:.2f}, p99.9 {weft['p999'] / envoy['p999']:.2f}"]
    for name, side in (("weft", weft), ("envoy", envoy)):
        figures = ", ".join(f"{label} {side[key] / 1000:.2f}" for label, key in
                            (("p50", "p50"), ("p99", "p99"), ("p99.9", "p999"), ("max", "max")))
        lines.append(f"  {name:<6} {side['requests']:>9,} requests at {result['rate']:,.0f} req/s over {result['seconds']} s: "
                     f"{figures} ms; generator {100 * side['generator_busy']:.0f} % busy")
    return lines


def added_lines(result):
    """Of the same round, since what a direct connection takes differs from round to round."""
    lines = []
    for figure in ("p50", "p99"):
        direct = result["direct"][figure]
        more = {name: [took - none for took, none in zip(result[name][figure], direct)] for name in ("weft", "envoy")}
        told = ", ".join(f"{name} {median(each):.0f} ({min(each):.0f} to {max(each):.0f}) more" for name, each in more.items())
        lines.append(f"{result['title']:<40} {figure} at {result['added_rate']} req/s: direct {median(direct):.0f} us, {told}; "
                     f"ratio {median(more['weft']) / median(more['envoy']):.2f}")
    return lines


def start_lines(result):
    weft, envoy = result["weft"], result["envoy"]
    lines = [f"{result['title']:<40} CPU {ratio(weft['cpu'], envoy['cpu']):.1f}, "
             f"wall {ratio(weft['wall'], envoy['wall']):.1f}, RSS {ratio(weft['rss'], envoy['rss']):.2f}"]
    for name, side in (("weft", weft), ("envoy", envoy)):
        lines.append(f"  {name:<6} to the first 200: {median(side['cpu']):.2f} s CPU, {median(side['wall']):.2f} s wall; "
                     f"RSS two seconds later {median(side['rss']):.0f} MiB")
    return lines


def memory_lines(result):
    lines = [f"{result['title']:<40} RSS in MiB: idle, after {result['requests']:,} requests, "
             f"with {result['connections']:,} mTLS connections more"]
    for name in ("weft", "envoy"):
        lines.append(f"  {name:<6} " + " ".join(f"{value:>7.0f}" for value in result[name].values()))
    return lines


def edit_lines(result):
    rss = ", ".join(f"{value:.0f}" for value in result["rss"])
    return [f"{result['title']:<40} in effect after p50 {result['p50']:.0f} ms, p99 {result['p99']:.0f}, "
            f"max {result['max']:.0f}, the first {result['first']:.0f}; {result['edits']} edits, no request failed; "
            f"CPU per edit, requests included: {result['cpu']:.0f} ms; "
            f"RSS after a tenth of them and after all: {rss} MiB"]


def tables(results):
    """Rows of the same kind against their own smallest table: what a longer table costs."""
    lines = []
    for kind in ("prefix", "header"):
        short = results.get(f"{kind}-10")
        for count in (1_000, 10_000):
            long = results.get(f"{kind}-{count}")
            if short and long and "seconds" not in long:
                own = ", ".join(
                    f"{name} {ratio(long[name]['requests_per_second'], short[name]['requests_per_second']):.2f}"
                    for name in ("weft", "envoy"))
                lines.append(f"{count:,} {kind} routes beside 10, req/s of the same proxy: {own}")
    return lines


def lines_of(name, result):
    if "seconds" in result:
        return tail_lines
    if "edits" in result:
        return edit_lines
    if "told" in result:
        return signals.lines
    if "added_rate" in result:
        return added_lines
    return start_lines if name.startswith("start") else memory_lines if name == "memory" else row_lines


def show(results, about):
    beside = {name: result for name, result in results.items() if "edits" not in result and "told" not in result}
    in_rounds = any("seconds" not in result for result in beside.values())
    what = "medians of interleaved rounds, then the smallest and largest ratio of a round" if in_rounds else "one after the other"
    print(f"Weft/Envoy, {what}. {about['date']}; {about['cpu']}; {about['cores']}; load average {about['load_average']}")
    print(f"Weft {about['weft']}, Java: {about['java']}; {about['envoy']}\n")
    if in_rounds:
        print(HEAD)
    for name, result in results.items():
        kind = lines_of(name, result)
        print("\n".join(kind(result)))
    print("\n".join(tables(results)))
