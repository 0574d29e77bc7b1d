"""Network namespaces: one that is the node, one for each pod, and what kube-proxy and CoreDNS do there."""
import os
import re
import socket
import struct
import subprocess
import sys
import threading

NODE = "10.42.0.1"  # the node's address, and its side of each pod's cable
NAMES = "10.96.0.10"  # where names are asked
SERVICES = "10.96.0.0/16"  # as up.sh has it
DOMAIN = "cluster.local"
CHAIN = "MESH-SERVICES"  # where connections to Services go


def run(*command, text=None):
    """Runs it and gives what it prints; fails with what it says."""
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)}: exit {done.returncode}: {done.stderr.strip()}")
    return done.stdout.strip()


def enter(arguments):
    """Goes on in a namespace of its own, which has the name of this process; gives that name."""
    name = f"kube-{os.getpid()}"
    if os.environ.get("MESH_NODE") == name:
        return name
    sweep()
    run("ip", "netns", "add", name)
    os.environ["MESH_NODE"] = name
    os.execvp("ip", ["ip", "netns", "exec", name, sys.executable, *arguments])


def sweep():
    """Takes away what a killed one left."""
    for line in run("ip", "netns", "list").splitlines():
        ours = re.match(r"kube-(\d+)(-\d+)?\b", line)
        if ours and not os.path.exists(f"/proc/{ours[1]}"):
            leave_one(ours[0])


def leave(name):
    for line in run("ip", "netns", "list").splitlines():
        if re.match(rf"{name}(-\d+)?\b", line):
            leave_one(line.split()[0])


def leave_one(namespace):
    subprocess.run(["ip", "netns", "del", namespace], capture_output=True, check=False)


def open_node():
    """The node's own addresses and rules; in its namespace."""
    run("ip", "link", "set", "lo", "up")
    for address in (NODE, NAMES):
        run("ip", "addr", "add", f"{address}/32", "dev", "lo")
    run("ip", "route", "add", SERVICES, "dev", "lo", "src", NODE)  # so that OUTPUT is reached, which knows better
    with open("/proc/sys/net/ipv4/ip_forward", "w", encoding="ascii") as forward:
        forward.write("1")
    run("iptables", "-w", "-t", "nat", "-N", CHAIN)
    for chain in ("PREROUTING", "OUTPUT"):
        run("iptables", "-w", "-t", "nat", "-A", chain, "-d", SERVICES, "-p", "tcp", "-j", CHAIN)
    for chain in ("FORWARD", "OUTPUT"):
        run("iptables", "-w", "-A", chain, "-d", SERVICES, "-p", "tcp", "-j", "REJECT", "--reject-with", "tcp-reset")


class Addresses:
    """Of pods: each its own while it lives."""

    def __init__(self):
        self.lock = threading.Lock()
        self.next = 1
        self.free = []

    def take(self):
        with self.lock:
            if len(self.free) > 32:  # not again at once: others may still believe in who had it
                return self.free.pop(0)
            self.next += 1
            if self.next > 250:
                raise RuntimeError("no address is left: 250 pods are the most")
            return self.next

    def give(self, number):
        with self.lock:
            self.free.append(number)


def open_pod(node, number, sysctls):
    """Gives its namespace and address."""
    name, address, cable = f"{node}-{number}", f"10.42.0.{number}", f"pod{number}"
    run("ip", "netns", "add", name)
    run("ip", "link", "add", cable, "type", "veth", "peer", "name", "eth0", "netns", name)
    run("ip", "addr", "add", f"{NODE}/32", "dev", cable)
    run("ip", "link", "set", cable, "up")
    run("ip", "route", "add", f"{address}/32", "dev", cable)
    for line in (["link", "set", "lo", "up"], ["addr", "add", f"{address}/32", "dev", "eth0"],
                 ["link", "set", "eth0", "up"], ["route", "add", NODE, "dev", "eth0", "scope", "link"],
                 ["route", "add", "default", "via", NODE, "dev", "eth0"]):
        run("ip", "-n", name, *line)
    for one in sysctls:
        run("ip", "netns", "exec", name, "tee", "/proc/sys/" + one["name"].replace(".", "/"), text=one["value"])
    return name, address


class Services:
    """What kube-proxy does: connections to a Service's address go to one of its ready endpoints."""

    def __init__(self, api):
        self.lock = threading.Lock()
        self.services = {}
        self.slices = {}
        self.written = None
        api.watch("/api/v1/services", self._services)
        api.watch("/apis/discovery.k8s.io/v1/endpointslices", self._slices)

    def _services(self, known, _):
        with self.lock:
            self.services = {key(one["metadata"]): one for one in known.values()}
            self._write()

    def _slices(self, known, _):
        with self.lock:
            self.slices = {}
            for one in known.values():
                of = (one["metadata"]["namespace"], one["metadata"].get("labels", {}).get("kubernetes.io/service-name"))
                if one["addressType"] == "IPv4":
                    self.slices.setdefault(of, []).append(one)
            self._write()

    def ready(self, of, port):
        """Addresses with the port of that name; those that serve while they end where no other is."""
        for wanted in ("ready", "serving"):
            found = []
            for one in self.slices.get(of, []):
                numbers = [p["port"] for p in one.get("ports") or [] if (p.get("name") or "") == port]
                for endpoint in one.get("endpoints") or []:
                    if (endpoint.get("conditions") or {}).get(wanted, wanted == "ready") and numbers:
                        found += [f"{address}:{numbers[0]}" for address in endpoint["addresses"]]
            if found:
                return sorted(found)
        return []

    def _write(self):
        lines = []
        for of, service in sorted(self.services.items()):
            address = service["spec"].get("clusterIP") or "None"
            for port in service["spec"].get("ports") or []:
                if address == "None" or port.get("protocol", "TCP") != "TCP":
                    continue
                to = self.ready(of, port.get("name") or "")
                rule = f"-A {CHAIN} -d {address}/32 -p tcp --dport {port['port']}"
                for i, endpoint in enumerate(to):
                    share = f" -m statistic --mode random --probability {1 / (len(to) - i):.6f}" if i < len(to) - 1 else ""
                    lines.append(f"{rule}{share} -j DNAT --to-destination {endpoint}")
        text = "\n".join(["*nat", f":{CHAIN} - [0:0]", *lines, "COMMIT", ""])
        if text != self.written:
            run("iptables-restore", "-w", "--noflush", text=text)
            self.written = text

    def lookup(self, name):
        """Addresses of a name; None where there is no such name."""
        parts = name.lower().rstrip(".").split(".")
        if parts[2:] != ["svc", *DOMAIN.split(".")]:
            return None
        with self.lock:
            of = (parts[1], parts[0])
            service = self.services.get(of)
            if service is None:
                return None
            address = service["spec"].get("clusterIP")
            if address and address != "None":
                return [address]
            return [e["addresses"][0] for one in self.slices.get(of, []) for e in one.get("endpoints") or []
                    if (e.get("conditions") or {}).get("ready", True)]


def key(metadata):
    return metadata["namespace"], metadata["name"]


class Names(threading.Thread):
    """What CoreDNS does: names of Services, over UDP, by RFC 1035."""

    def __init__(self, services):
        super().__init__(daemon=True)
        self.services = services
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((NAMES, 53))

    def run(self):
        while True:
            asked, who = self.socket.recvfrom(512)
            try:
                self.socket.sendto(self.answer(asked), who)
            except (IndexError, UnicodeDecodeError, struct.error, OSError):
                pass  # no question

    def answer(self, asked):
        at, labels = 12, []
        while asked[at]:
            labels.append(asked[at + 1:at + 1 + asked[at]].decode("ascii"))
            at += 1 + asked[at]
        end = at + 5
        kind = struct.unpack("!H", asked[at + 1:at + 3])[0]
        found = self.services.lookup(".".join(labels))
        records = b"".join(
            struct.pack("!HHHIH", 0xC00C, 1, 1, 5, 4) + socket.inet_aton(one) for one in (found or [])[:20]) if kind == 1 else b""
        code = 3 if found is None else 0
        header = asked[:2] + struct.pack("!HHHHH", 0x8580 | code, 1, len(records) // 16, 0, 0)
        return header + asked[12:end] + records
