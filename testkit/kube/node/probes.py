"""Probes of containers, as far as they are HTTP or TCP."""
import http.client
import socket
import ssl
import time


class Probe:
    """Asked by look(), when it is due. good: what it says now; ever: it was good once; failed: as often as is too often."""

    def __init__(self, spec, container, address):
        unknown = set(spec) & {"exec", "grpc"}
        if unknown:
            raise ValueError(f"container {container['name']}: a probe by {unknown.pop()} is not known here")
        self.spec = spec
        self.ports = {one.get("name"): one["containerPort"] for one in container.get("ports") or []}
        self.address = address
        self.due = time.monotonic() + spec.get("initialDelaySeconds", 0)
        self.good = self.ever = self.failed = False
        self.misses = self.hits = 0

    def look(self):
        if time.monotonic() < self.due:
            return
        answered = self.asked()
        self.due = time.monotonic() + self.spec.get("periodSeconds", 10)
        self.hits, self.misses = (self.hits + 1, 0) if answered else (0, self.misses + 1)
        if self.hits >= self.spec.get("successThreshold", 1):
            self.good = self.ever = True
        if self.misses >= self.spec.get("failureThreshold", 3):
            self.good, self.failed = False, True

    def asked(self):
        timeout = self.spec.get("timeoutSeconds", 1)
        try:
            if "tcpSocket" in self.spec:
                socket.create_connection((self.address, self.port(self.spec["tcpSocket"])), timeout).close()
                return True
            get = self.spec["httpGet"]
            connection = (
                http.client.HTTPSConnection(self.address, self.port(get), timeout=timeout, context=ssl._create_unverified_context())
                if get.get("scheme") == "HTTPS" else http.client.HTTPConnection(self.address, self.port(get), timeout=timeout))
            try:
                connection.request("GET", get.get("path", "/"), headers={one["name"]: one["value"] for one in get.get("httpHeaders") or []})
                return 200 <= connection.getresponse().status < 400
            finally:
                connection.close()
        except (OSError, http.client.HTTPException):
            return False

    def port(self, of):
        return of["port"] if isinstance(of["port"], int) else self.ports[of["port"]]
