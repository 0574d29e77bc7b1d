"""Envoy as a variant, with the features that Weft has on: retries and their budget, breaker, outlier detection."""

import json

from .certificates import spiffe
from .processes import Process, free_port

TYPE = "type.googleapis.com/envoy"
MANAGER = f"{TYPE}.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager"
RELAY = f"{TYPE}.extensions.filters.network.tcp_proxy.v3.TcpProxy"
ROUTER = f"{TYPE}.extensions.filters.http.router.v3.Router"
DOWNSTREAM_TLS = f"{TYPE}.extensions.transport_sockets.tls.v3.DownstreamTlsContext"
UPSTREAM_TLS = f"{TYPE}.extensions.transport_sockets.tls.v3.UpstreamTlsContext"


def file(path):
    return {"filename": str(path)}


def common_tls(identity, trusts=None, protocols=None):
    """A certificate, and of whom the other side must be: an account, anybody of the root, or not asked."""
    common = {
        "tls_certificates": [{"certificate_chain": file(identity / "tls.crt"), "private_key": file(identity / "tls.key")}],
        "tls_params": {"tls_minimum_protocol_version": "TLSv1_3", "tls_maximum_protocol_version": "TLSv1_3"},
    }
    if protocols:
        common["alpn_protocols"] = protocols
    if trusts is not None:
        common["validation_context"] = {
            "trusted_ca": file(identity / "ca.crt"),
            "match_typed_subject_alt_names": [{"san_type": "URI", "matcher": trusts}],
        }
    return common


def socket(name, type_url, **fields):
    return {"name": name, "typed_config": {"@type": type_url, **fields}}


def routes(kind_and_count):
    kind, count = kind_and_count
    matches = {
        "none": lambda i: {"prefix": "/"},
        "prefix": lambda i: {"prefix": f"/service-{i}/"},
        "header": lambda i: {
            "prefix": "/", "headers": [{"name": "x-route", "string_match": {"exact": f"r{i}"}}]},
    }
    action = {
        "cluster": "app",
        "timeout": "15s",
        "retry_policy": {"retry_on": "connect-failure,refused-stream,retriable-status-codes", "num_retries": 2,
                         "per_try_timeout": "5s", "retriable_status_codes": [503]},
    }
    return [{"match": match, "route": action}
            for match in [*(matches[kind](i) for i in range(count)), {"prefix": "/"}]]


def listener(port, table, tls):
    manager = {
        "@type": MANAGER,
        "stat_prefix": "in",
        "codec_type": "AUTO",
        "use_remote_address": True,
        "route_config": {"name": "all", "virtual_hosts": [{"name": "app", "domains": ["*"], "routes": table}]},
        "http_filters": [{"name": "router", "typed_config": {"@type": ROUTER}}],
    }
    chain = {"filters": [{"name": "http", "typed_config": manager}]}
    if tls:
        chain["transport_socket"] = tls
    return {"name": "in", "address": address(port), "filter_chains": [chain]}


def relay(port):
    """What is not looked at."""
    proxy = {"@type": RELAY, "stat_prefix": "in", "cluster": "app"}
    return {"name": "in", "address": address(port),
            "filter_chains": [{"filters": [{"name": "tcp", "typed_config": proxy}]}]}


def cluster(port, tls):
    limits = {"max_connections": 1024, "max_pending_requests": 1024, "max_requests": 4096, "max_retries": 1024,
              "retry_budget": {"budget_percent": {"value": 20}, "min_retry_concurrency": 3}}
    result = {
        "name": "app",
        "type": "STATIC",
        "connect_timeout": "10s",
        "circuit_breakers": {"thresholds": [limits]},
        "outlier_detection": {"consecutive_5xx": 5, "interval": "10s", "base_ejection_time": "30s"},
        "load_assignment": {
            "cluster_name": "app",
            "endpoints": [{"lb_endpoints": [{"endpoint": {"address": address(port)}}]}]},
    }
    if tls:
        result["transport_socket"] = tls
    return result


def address(port):
    return {"socket_address": {"address": "127.0.0.1", "port_value": port}}


class Envoy:
    """Envoy in the same shape; `processes` are all whose CPU counts."""

    name = "envoy"

    def __init__(self, setting, shape, label):
        self.setting = setting
        self.label = label
        self.port = free_port()
        self.processes = []
        upstream = setting.backend.plain
        if shape.upstream == "mtls":
            upstream = setting.backend.secure
        elif shape.upstream == "sidecar":
            upstream = free_port()
            self._sidecar(upstream)
        if shape.client == "mtls":
            self._sidecar(self.port)
        elif shape.client == "tcp":
            self._start("gateway", relay(self.port), cluster(upstream, None))
        else:
            self._gateway(shape, upstream)

    def _gateway(self, shape, upstream):
        inbound = outbound = None
        if shape.client in ("tls1", "tls2"):
            inbound = socket("tls", DOWNSTREAM_TLS,
                             common_tls_context=common_tls(self.setting.edge, protocols=["h2", "http/1.1"]))
        if shape.upstream != "plain":
            outbound = socket("tls", UPSTREAM_TLS, sni="backend.test", common_tls_context=common_tls(
                self.setting.gateway_identity, {"exact": spiffe("app")}))
        self._start("gateway", listener(self.port, routes(shape.routes), inbound), cluster(upstream, outbound))

    def _sidecar(self, port):
        inbound = socket("tls", DOWNSTREAM_TLS, require_client_certificate=True, common_tls_context=common_tls(
            self.setting.app_identity, {"prefix": "spiffe://cluster.local/"}, ["h2", "http/1.1"]))
        self._start("sidecar", listener(port, routes(("none", 0)), inbound), cluster(self.setting.backend.plain, None))

    def _start(self, role, listening, upstream):
        config = self.setting.home / f"envoy-{self.label}-{role}.json"
        config.write_text(json.dumps({"static_resources": {"listeners": [listening], "clusters": [upstream]}}))
        command = [self.setting.tools.envoy, "-c", config, "--concurrency", "1", "--disable-hot-restart",
                   "--log-level", "warn"]
        self.processes.append(
            Process(f"envoy-{self.label}-{role}", self.setting.proxy_core, command, self.setting.home))
