#!/usr/bin/env python3
"""How long an edit of two weights takes, from the start of `kubectl apply` until the answers are the other version's.

    edits.py GATEWAY [--edits 200]

asks the cluster of cluster.py (run it by `ip netns exec NAMESPACE env KUBECONFIG=...`), in which the canary of
docs/kubernetes.md serves at GATEWAY, an address: ConfigMap `shop` in `weft-system`, host `shop.test`, answers that
start with v1 or v2. All traffic goes to one version and then to the other, by `kubectl apply`; one caller asks every five
milliseconds. An edit counts from the first of six answers of the new version in a row (several gateways need not follow at
the same moment). kubectl alone, without that caller, is told beside it: much of the time is its own.
"""
import argparse
import http.client
import json
import re
import subprocess
import time

MAP = ["-n", "weft-system", "configmap", "shop"]
PAUSE = 0.005
GIVEN_UP = 20
APPLY = ["timeout", str(GIVEN_UP), "kubectl", "apply", "-f", "-"]  # Popen.wait(timeout) looks every 50 ms alone


def main():
    parser = argparse.ArgumentParser(prog="edits.py", description=__doc__.splitlines()[0])
    parser.add_argument("gateway")
    parser.add_argument("--edits", type=int, default=200)
    asked = parser.parse_args()
    rules = kubectl("get", *MAP, "-o", "jsonpath={.data.shop\\.yaml}")
    alone = []
    for n in range(max(20, asked.edits // 4)):
        started = time.monotonic()
        apply(manifest(rules, n)).wait()
        alone.append(time.monotonic() - started)
        time.sleep(0.3)
    until(asked.gateway, version(len(alone) - 1), time.monotonic())
    effects = []
    for n in range(len(alone), len(alone) + asked.edits):
        started = time.monotonic()
        applying = apply(manifest(rules, n))
        effects.append(until(asked.gateway, version(n), started))
        applying.wait()
        time.sleep(0.3)
    tell("edit to effect", effects)
    tell("kubectl apply alone", alone)


def version(n):
    return "v1" if n % 2 else "v2"


def manifest(rules, n):
    """The ConfigMap whose two weights are 100 and 0, or 0 and 100."""
    for subset in ("v1", "v2"):
        share = 100 if subset == version(n) else 0
        rules = re.sub(rf"(subset: {subset}}}, weight: )\d+", rf"\g<1>{share}", rules)
    metadata = {"name": "shop", "namespace": "weft-system", "labels": {"weft.dev/config": "true"}}
    return json.dumps({"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": {"shop.yaml": rules}})


def kubectl(*arguments):
    return subprocess.run(["kubectl", *arguments], check=True, stdout=subprocess.PIPE, text=True).stdout


def apply(text):
    quiet = subprocess.DEVNULL
    applying = subprocess.Popen(APPLY, stdin=subprocess.PIPE, stdout=quiet, stderr=quiet, text=True)
    applying.stdin.write(text)
    applying.stdin.close()
    return applying


def until(gateway, wanted, started):
    """Seconds from `started` to the first of six answers of `wanted` in a row."""
    first, row = 0.0, 0
    while row < 6:
        time.sleep(PAUSE)
        if answer(gateway).startswith(wanted):
            row += 1
            first = time.monotonic() if row == 1 else first
        else:
            row = 0
        if time.monotonic() - started > GIVEN_UP:
            raise SystemExit(f"no {wanted} within {GIVEN_UP} s of an edit")
    return first - started


def answer(gateway):
    connection = http.client.HTTPConnection(gateway, timeout=5)
    try:
        connection.request("GET", "/", headers={"Host": "shop.test"})
        return connection.getresponse().read().decode()
    finally:
        connection.close()


def tell(what, seconds):
    ordered = sorted(1000 * each for each in seconds)
    at = lambda share: ordered[min(len(ordered) - 1, int(len(ordered) * share))]
    print(f"{what}: p50 {at(0.5):.0f} ms, p90 {at(0.9):.0f}, p99 {at(0.99):.0f}, max {ordered[-1]:.0f} ({len(ordered)} edits)")


if __name__ == "__main__":
    main()
