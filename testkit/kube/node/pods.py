"""One pod: its network, volumes and containers, from its start to its end."""
import datetime
import os
import threading
import time
import traceback

from node import network
from node.api import Refused
from node.containers import Container, remove
from node.probes import Probe
from node.volumes import Volumes
from node.words import environment, expanded

EVERY = 0.1  # seconds between two looks
PAUSE = 1.0  # seconds before a container is started again; the first time it is at once
REFRESH = 2.0  # seconds between two looks at what volumes show


class Gone(Exception):
    """The pod shall end, or is no more."""


def now():
    return datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


class Running:
    """A container of the pod over all its runs."""

    def __init__(self, pod, spec, stays=False, once=False):
        self.pod = pod
        self.spec = spec
        self.stays = stays  # is started again whatever its end
        self.once = once  # until it has done its work
        self.container = None
        self.code = None
        self.starts = 0
        self.again_at = 0.0
        self.probes = {}

    def start(self):
        self.container = Container(self.pod.what(self.spec), self.pod.log(self.spec["name"]))
        self.code = None
        self.starts += 1
        self.began = now()
        self.probes = {kind: Probe(self.spec[kind], self.spec, self.pod.address)
                       for kind in ("startupProbe", "readinessProbe", "livenessProbe") if kind in self.spec}

    def look(self):
        """Once in a while: starts again what ended, asks probes that are due."""
        if self.container is None:
            if self.code is not None and self.again() and time.monotonic() >= self.again_at:
                self.start()
            return
        code = self.container.exit_code()
        if code is not None:
            self.ended(code)
            return
        if "startupProbe" in self.probes and not self.probes["startupProbe"].ever:
            self.probes["startupProbe"].look()
            if self.probes["startupProbe"].failed:
                self.container.terminate()
            return
        for kind, probe in self.probes.items():
            if kind != "startupProbe":
                probe.look()
                if kind == "livenessProbe" and probe.failed:
                    self.container.terminate()

    def again(self):
        policy = "Always" if self.stays else self.pod.spec.get("restartPolicy", "Always")
        if self.once:
            return self.code != 0 and policy != "Never"
        return policy == "Always" or (policy == "OnFailure" and self.code != 0)

    def ended(self, code):
        self.container, self.code = None, code
        self.again_at = time.monotonic() + (PAUSE if self.starts > 1 else 0)

    def started(self):
        return self.container is not None and ("startupProbe" not in self.probes or self.probes["startupProbe"].ever)

    def ready(self):
        return self.started() and ("readinessProbe" not in self.probes or self.probes["readinessProbe"].good)

    def status(self):
        if self.container is not None:
            state = {"running": {"startedAt": self.began}}
        elif self.code is not None:
            state = {"terminated": {"exitCode": self.code, "reason": "Completed" if self.code == 0 else "Error"}}
        else:
            state = {"waiting": {"reason": "PodInitializing"}}
        return {"name": self.spec["name"], "image": self.spec["image"], "imageID": self.spec["image"], "ready": self.ready(),
                "started": self.started(), "restartCount": max(0, self.starts - 1), "state": state}


class Pod:
    def __init__(self, api, kubelet, found):
        self.api = api
        self.kubelet = kubelet
        self.seen = found  # as the API server has it; the watch writes it
        self.gone = False
        self.cleared = threading.Event()
        self.metadata, self.spec = found["metadata"], found["spec"]
        self.path = f"/api/v1/namespaces/{self.metadata['namespace']}/pods/{self.metadata['name']}"
        self.folder = os.path.join(kubelet.folder, "pods", f"{self.metadata['name']}-{self.metadata['uid'][:8]}")
        self.number = None
        self.netns = self.address = None
        self.began = now()
        self.message = ""
        self.told = None
        self.volumes = None
        self.refreshed = time.monotonic()
        self.inits = [Running(self, one, stays=one.get("restartPolicy") == "Always", once="restartPolicy" not in one)
                      for one in self.spec.get("initContainers") or []]
        self.mains = [Running(self, one) for one in self.spec["containers"]]

    # --- its life

    def live(self):
        try:
            self.open()
            for one in self.inits:
                self.begin(one)
            for one in self.mains:
                one.start()
            while not self.done():
                self.once()
            self.end(10)
        except Gone:
            self.end(self.seen["metadata"].get("deletionGracePeriodSeconds", 30))
        except Exception as broken: # pylint: disable=broad-except
            traceback.print_exc()
            self.message = str(broken)
            self.tell()
            while not self.leaving():
                time.sleep(EVERY)
            self.end(1)

    def open(self):
        os.makedirs(self.folder)
        security = self.spec.get("securityContext") or {}
        self.number = self.kubelet.addresses.take()
        self.netns, self.address = network.open_pod(self.kubelet.node, self.number, security.get("sysctls") or [])
        self.volumes = Volumes(self.api, self, self.folder)
        while not self.volumes.made():
            if self.leaving():
                raise Gone
            time.sleep(EVERY * 5)

    def begin(self, one):
        """An init container: to its end, or until it is started where it stays."""
        one.start()
        while not (one.started() if one.stays else one.code == 0):
            self.once()

    def once(self):
        if self.leaving():
            raise Gone
        for one in self.inits + self.mains:
            if one.starts:
                one.look()
        if time.monotonic() - self.refreshed > REFRESH:
            self.refreshed = time.monotonic()
            self.volumes.refresh()
        self.tell()
        time.sleep(EVERY)

    def leaving(self):
        return self.gone or "deletionTimestamp" in self.seen["metadata"]

    def done(self):
        return all(one.code is not None and one.container is None and not one.again() for one in self.mains)

    def end(self, grace):
        """Ends its containers, those that stay last, then says so."""
        until = time.monotonic() + (0 if self.gone else grace)
        running = [one for one in self.mains if one.container]
        before = max([((one.spec.get("lifecycle") or {}).get("preStop") or {}).get("sleep", {}).get("seconds", 0)
                      for one in running], default=0)
        self.wait(lambda: self.gone, min(until, time.monotonic() + before))
        for group in [self.mains, *[[one] for one in reversed(self.inits)]]:
            for one in group:
                if one.container:
                    one.container.terminate()
            self.wait(lambda group=group: all(self.stopped(one) for one in group), max(until, time.monotonic() + (0 if self.gone else 2)))
            for one in group:
                if one.container:
                    one.container.kill()
                    one.ended(137)
        self.tell(ended=True)
        if "deletionTimestamp" in self.seen["metadata"]:
            try:
                self.api.call("DELETE", self.path, {"kind": "DeleteOptions", "apiVersion": "v1", "gracePeriodSeconds": 0,
                                                    "preconditions": {"uid": self.metadata["uid"]}})
            except (Refused, OSError):
                pass  # it is gone, or another has its name

    @staticmethod
    def wait(over, until):
        while not over() and time.monotonic() < until:
            time.sleep(0.05)

    @staticmethod
    def stopped(one):
        if one.container and one.container.exit_code() is not None:
            one.ended(one.container.exit_code())
        return one.container is None

    def clear(self):
        if self.netns:
            network.leave_one(self.netns)
            self.kubelet.addresses.give(self.number)
        if self.gone or "deletionTimestamp" in self.seen["metadata"]:
            remove(self.folder)
        self.cleared.set()

    # --- what is told

    def tell(self, ended=False):
        status = self.status(ended)
        if status == self.told:
            return
        try:
            self.api.patch(f"{self.path}/status", {"metadata": {"uid": self.metadata["uid"]}, "status": status})
            self.told = status
        except (Refused, OSError):
            self.told = None  # the next look tells it

    def status(self, ended):
        begun = all(one.started() if one.stays else one.code == 0 for one in self.inits)
        ready = begun and all(one.ready() for one in self.mains + [one for one in self.inits if one.stays])
        phase = "Running" if begun and self.mains[0].starts else "Pending"
        if ended and all(one.code is not None for one in self.mains) and self.mains[0].starts:
            phase = "Succeeded" if all(one.code == 0 for one in self.mains) else "Failed"
        conditions = [{"type": kind, "status": "True" if true else "False"} for kind, true in (
            ("PodScheduled", True), ("Initialized", begun), ("ContainersReady", ready), ("Ready", ready))]
        status = {"phase": phase, "startTime": self.began, "message": self.message, "hostIP": network.NODE,
                  "conditions": conditions, "containerStatuses": [one.status() for one in self.mains]}
        if self.inits:
            status["initContainerStatuses"] = [one.status() for one in self.inits]
        if self.address:
            status.update(podIP=self.address, podIPs=[{"ip": self.address}])
        return status

    # --- what a container is made of

    def log(self, name):
        return os.path.join(self.folder, f"{name}.log")

    def what(self, spec):
        root, image = self.kubelet.images.get(spec["image"])
        security = {**(self.spec.get("securityContext") or {}), **(spec.get("securityContext") or {})}
        user, _, group = (image.get("User") or "0:0").partition(":")
        user = int(security.get("runAsUser", user))
        if security.get("runAsNonRoot") and user == 0:
            raise ValueError(f"container {spec['name']}: runs as root, and runAsNonRoot forbids it")
        variables = environment(spec, image, self)
        line = [expanded(one, variables) for one in [*(spec.get("command") or image.get("Entrypoint") or []),
                                                    *(spec.get("args") or ([] if spec.get("command") else image.get("Cmd") or []))]]
        capabilities = security.get("capabilities") or {}
        return {
            "netns": self.netns, "root": root, "at": os.path.join(self.folder, "roots", spec["name"]), "readOnly": bool(security.get("readOnlyRootFilesystem")),
            "mounts": [[self.volumes.path(one), one["mountPath"], bool(one.get("readOnly"))] for one in spec.get("volumeMounts") or []],
            "files": {"/etc/resolv.conf": self.resolver(), "/etc/hostname": self.metadata["name"] + "\n",
                      "/etc/hosts": f"127.0.0.1 localhost\n{self.address} {self.metadata['name']}\n"},
            "environment": variables, "line": line, "user": user, "group": int(security.get("runAsGroup", group or user)),
            "add": capabilities.get("add") or [] if capabilities.get("drop") == ["ALL"] else None,
            "confined": security.get("allowPrivilegeEscalation") is False,
        }

    def resolver(self):
        domain = f"svc.{network.DOMAIN}"
        return (f"nameserver {network.NAMES}\nsearch {self.metadata['namespace']}.{domain} {domain} {network.DOMAIN}\n"
                "options ndots:5\n")
