#!/usr/bin/env python3
"""A whole cluster on one machine, containers included: the control plane of up.sh, and one node whose pods run.

    cluster.py [--image NAME=FILE]...

makes a network namespace that is the node, starts the API server in it, and then does what a kubelet, kube-proxy and
CoreDNS do there: pods are network namespaces with a route to each other, their containers processes in a root file
system made of their image, with their volumes, user and capabilities; Services have their addresses and names. Prints
one line, `KUBECONFIG NAMESPACE`, once pods can run. It ends, and takes away all that it made, when its standard input
does. `ip netns exec NAMESPACE COMMAND` reaches the cluster.

An image is a tar file in OCI's layout (./weft image writes some); `host` is this machine's own file system. Needs root,
iproute2, iptables and Python 3.9.

Not here: seccomp, limits of CPU and memory, NetworkPolicy, IPv6, UDP Services but DNS, exec probes, renewed tokens,
network file systems. A pod that needs what is not known is told so in its status.
"""
import argparse
import os
import signal
import sys
import threading

from node import containers, network
from node.api import Api
from node.kubelet import Kubelet

HERE = os.path.dirname(os.path.abspath(__file__))


def main():
    parser = argparse.ArgumentParser(prog="cluster.py", description=__doc__.splitlines()[0])
    parser.add_argument("--image", action="append", default=[], metavar="NAME=FILE", help="may be repeated")
    asked = parser.parse_args()
    os.umask(0o022)
    name = network.enter(sys.argv)
    stopped = threading.Event()
    for told in (signal.SIGTERM, signal.SIGINT):
        signal.signal(told, lambda *_: stopped.set())
    network.open_node()
    folder = containers.folder(name)
    kubeconfig = network.run(
        os.path.join(HERE, "up.sh"), "--no-crds", "--bind", "0.0.0.0", "--pod-ip", network.NODE,
        "--parent", str(os.getpid()), "--dir", os.path.join(folder, "plane"))
    kubelet = None
    try:
        images = containers.Images(os.path.join(folder, "images"), dict(one.split("=", 1) for one in asked.image))
        api = Api(kubeconfig)
        kubelet = Kubelet(api, name, folder, images)
        kubelet.start()
        print(kubeconfig, name, flush=True)
        threading.Thread(target=lambda: (sys.stdin.read(), stopped.set()), daemon=True).start()
        stopped.wait()
    finally:
        if kubelet:
            kubelet.stop()
        network.run(os.path.join(HERE, "down.sh"), kubeconfig)
        network.leave(name)
        containers.remove(folder)


if __name__ == "__main__":
    main()
