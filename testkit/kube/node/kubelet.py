"""What a kubelet does: the pods of this node run, and their status says how."""
import datetime
import os
import threading
import time

from node import network
from node.api import Refused
from node.pods import Pod

NAME = "node"
EVERY = 0.1  # seconds between two looks at a pod


class Kubelet:
    def __init__(self, api, node, folder, images):
        self.api = api
        self.node = node
        self.folder = folder
        self.images = images
        self.addresses = network.Addresses()
        self.pods = {}
        self.over = threading.Event()
        self.services = network.Services(api)

    def start(self):
        now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
        amount = {"cpu": "64", "memory": "256Gi", "pods": "250", "ephemeral-storage": "100Gi"}
        self.api.call("POST", "/api/v1/nodes", {
            "apiVersion": "v1", "kind": "Node",
            "metadata": {"name": NAME, "labels": {"kubernetes.io/hostname": NAME, "kubernetes.io/os": "linux",
                                                  "topology.kubernetes.io/zone": "zone-a"}}})
        self.api.patch(f"/api/v1/nodes/{NAME}/status", {"status": {
            "capacity": amount, "allocatable": amount, "addresses": [{"type": "InternalIP", "address": network.NODE}],
            "conditions": [{"type": "Ready", "status": "True", "reason": "KubeletReady", "message": "",
                            "lastHeartbeatTime": now, "lastTransitionTime": now}]}})
        self.api.patch(f"/api/v1/nodes/{NAME}", {"spec": {"taints": None}})
        network.Names(self.services).start()
        seen = threading.Event()
        self.api.watch(f"/api/v1/pods?fieldSelector=spec.nodeName%3D{NAME}", self._seen, seen)
        if not seen.wait(30):
            raise RuntimeError("no list of pods within 30 s")

    def _seen(self, known, _):
        for uid, found in known.items():
            if uid in self.pods:
                self.pods[uid].seen = found
            elif not self.over.is_set():
                pod = Pod(self.api, self, found)
                self.pods[uid] = pod
                threading.Thread(target=self._live, args=(pod,), daemon=True).start()
        for uid, pod in self.pods.items():
            if uid not in known:
                pod.gone = True

    def _live(self, pod):
        try:
            pod.live()
        finally:
            pod.clear()

    def stop(self):
        self.over.set()
        for pod in list(self.pods.values()):
            pod.gone = True
        end = time.monotonic() + 20
        for pod in list(self.pods.values()):
            pod.cleared.wait(max(0, end - time.monotonic()))


