"""Weft as a variant: the processes of a shape, configured as its documentation says."""

import os

from .processes import Process, free_port
from .tools import PROJECT

EDGE = """
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {{name: edge}}
spec:
  selector: {{app: gateway}}
  servers:
  - port: {{number: {port}, name: https, protocol: HTTPS}}
    bind: 127.0.0.1
    hosts: [app.test]
    tls: {{mode: SIMPLE, serverCertificate: {certificate}/tls.crt, privateKey: {certificate}/tls.key}}
---
"""

RELAY = """
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {{name: edge}}
spec:
  selector: {{app: gateway}}
  servers: [{{port: {{number: {port}, name: tcp, protocol: TCP}}, bind: 127.0.0.1, hosts: ["*"]}}]
---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {{name: app}}
spec:
  hosts: [backend.test]
  location: MESH_EXTERNAL
  resolution: STATIC
  ports: [{{number: 80, name: tcp, protocol: TCP}}]
  endpoints: [{{address: 127.0.0.1, ports: {{tcp: {upstream}}}}}]
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {{name: app}}
spec:
  host: backend.test
  trafficPolicy:
    connectionPool: {{tcp: {{maxConnections: 1024}}}}
    outlierDetection: {{consecutive5xxErrors: 5, interval: 10s, baseEjectionTime: 30s}}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {{name: app}}
spec:
  hosts: ["*"]
  gateways: [edge]
  tcp: [{{route: [{{destination: {{host: backend.test, port: {{number: 80}}}}}}]}}]
"""

SERVICE = """
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {{name: app}}
spec:
  hosts: [backend.test]
  location: {location}
  resolution: STATIC
  ports: [{{number: 80, name: http, protocol: HTTP}}]
  endpoints: [{{address: 127.0.0.1, ports: {{http: {upstream}}}, labels: {{app: app}}{account}}}]
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {{name: app}}
spec:
  host: backend.test
  trafficPolicy:
    connectionPool: {{tcp: {{maxConnections: 1024}}, http: {{http1MaxPendingRequests: 1024, http2MaxRequests: 4096{h2}}}}}
    outlierDetection: {{consecutive5xxErrors: 5, interval: 10s, baseEjectionTime: 30s}}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {{name: app}}
spec:
  hosts: [app.test]
  gateways: [mesh, edge]
  http:
"""

RULE = """  - {match}timeout: 15s
    retries: {{attempts: 2, perTryTimeout: 5s, retryOn: "connect-failure,refused-stream,503"}}
    route: [{{destination: {{host: backend.test}}}}]
"""


def rules(routes):
    """The list of matches, then everything else, in the order in which they are tried."""
    matches = {
        "none": lambda i: "",
        "prefix": lambda i: f"match: [{{uri: {{prefix: /service-{i}/}}}}]\n    ",
        "header": lambda i: f"match: [{{headers: {{x-route: {{exact: r{i}}}}}}}]\n    ",
    }
    kind, count = routes
    numbered = [RULE.format(match=matches[kind](i)) for i in range(count)]
    return "".join([*numbered, RULE.format(match="")])


class Weft:
    """What `./weft` starts; `processes` are all whose CPU counts."""

    name = "weft"
    access_log = "off"
    more = ""  # documents beside those of the shape

    def __init__(self, setting, shape, label):
        self.setting = setting
        self.home = setting.home / f"weft-{label}"
        self.home.mkdir()
        self.label = label
        self.warm_up = shape.warm_up
        self.port = free_port()
        self.processes = []
        profile = shape.profile
        upstream = setting.backend.plain
        if shape.upstream == "mtls":
            upstream = setting.backend.secure
        elif shape.upstream == "sidecar":
            upstream = self._sidecar(free_port(), "small" if profile == "small" else "fast")
        if shape.client == "mtls":
            self._sidecar(self.port, profile)
        elif shape.client == "tcp":
            text = RELAY.format(port=self.port, upstream=upstream)
            self._start("gateway", text, ["--labels", "app=gateway", "--profile", profile])
        else:
            self._gateway(shape, upstream, profile)

    def _gateway(self, shape, upstream, profile):
        meshed = shape.upstream != "plain"
        text = SERVICE.format(
            location="MESH_INTERNAL" if meshed else "MESH_EXTERNAL",
            upstream=upstream,
            account=", serviceAccount: app" if meshed else "",
            h2=", h2UpgradePolicy: " + ("UPGRADE" if shape.together else "DO_NOT_UPGRADE") if meshed else "") \
            + rules(shape.routes)
        arguments = ["--labels", "app=gateway"]
        if shape.client in ("tls1", "tls2"):
            text = EDGE.format(port=self.port, certificate=self.setting.edge) + text
        else:
            arguments += ["--listen", f"127.0.0.1:{self.port}"]
        if meshed:
            arguments += ["--identity", f"dir:{self.setting.gateway_identity}", "--service-account", "default/gateway"]
        self._start("gateway", text, [*arguments, "--profile", profile])

    def _sidecar(self, port, profile):
        self._start("sidecar", "", [
            "--identity", f"dir:{self.setting.app_identity}", "--service-account", "default/app",
            "--labels", "app=app", "--profile", profile,
            "--inbound", f"127.0.0.1:{port}=127.0.0.1:{self.setting.backend.plain}"])
        return port

    def _start(self, role, config, arguments):
        folder = self.home / role
        folder.mkdir()
        (folder / "mesh.yaml").write_text(config + self.more)
        command = [PROJECT / "weft", role, "--config", f"dir:{folder}", "--threads", "1", "--access-log", self.access_log,
                   "--admin", "127.0.0.1:0", *arguments]
        if self.warm_up:
            command += ["--warm-up", self.warm_up]
        environment = {"WEFT_BUILD": "never", "WEFT_PROFILE": ""}
        self.processes.append(
            Process(f"weft-{self.label}-{role}", self.setting.proxy_core, command, self.setting.home, environment))
