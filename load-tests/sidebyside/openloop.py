"""An open loop: requests arrive by Poisson whether or not earlier ones were answered.

Latency runs from the moment a request was due, so that a stall counts for everything that it held up
(no coordinated omission). At most 64 requests are under way; what is due beyond that waits, and its wait counts.
The answer's status is read from its first bytes. Prints one JSON object; latencies are microseconds.
"""

import argparse
import array
import collections
import ctypes
import gc
import itertools
import json
import os
import random
import select
import socket
import ssl
import struct
import time

LIMIT = 64  # requests under way; on HTTP/1.1 each has a connection of its own
SEED = 7
SETTINGS, HEADERS, DATA, RST_STREAM, GOAWAY, PING, WINDOW_UPDATE = 4, 1, 0, 3, 7, 6, 8
END_STREAM, END_HEADERS, PRIORITY, ACK = 1, 4, 32, 1
PATH = "/find"
STATUS_200 = 0x88  # HPACK: indexed field 8


class Http1:
    """One connection, one request at a time."""

    room = 1

    def __init__(self, sock, requests):
        self.sock = sock
        self.requests = requests
        self.due = 0.0
        self.buffer = b""

    def left(self):
        return left(self.sock)

    def send(self, due):
        self.due = due
        self.sock.sendall(next(self.requests))

    def receive(self, done):
        self.buffer += self.sock.recv(65536) or closed()
        head = self.buffer.find(b"\r\n\r\n")
        if head < 0:
            return
        fields = self.buffer[:head].lower()
        if b"content-length: " not in fields:
            raise SystemExit("open loop: an answer without content-length")
        length = int(fields.partition(b"content-length: ")[2].partition(b"\r\n")[0])
        if len(self.buffer) >= head + 4 + length:
            good = self.buffer.startswith(b"HTTP/1.1 200")
            self.buffer = b""
            done(self, self.due, good)


class Http2:
    """One connection with up to 16 streams; windows so large that they never close."""

    room = 16

    def __init__(self, sock, host, scheme):
        self.sock = sock
        fields = b"\x82" + (b"\x87" if scheme == "https" else b"\x86")
        for index, value in ((4, PATH), (1, host)):
            fields += bytes([index, len(value)]) + value.encode()
        self.fields = fields
        self.due = {}
        self.good = {}
        self.next = 1
        self.buffer = b""
        wide = struct.pack(">HI", 4, 2**31 - 1)
        self.sock.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frame(SETTINGS, 0, 0, wide)
                          + frame(WINDOW_UPDATE, 0, 0, struct.pack(">I", 2**31 - 65536)))

    def left(self):
        return left(self.sock)

    def send(self, due):
        self.sock.sendall(frame(HEADERS, END_STREAM | END_HEADERS, self.next, self.fields))
        self.due[self.next] = due
        self.next += 2

    def receive(self, done):
        self.buffer += self.sock.recv(65536) or closed()
        at = 0
        while len(self.buffer) - at >= 9:
            length = int.from_bytes(self.buffer[at:at + 3], "big")
            if len(self.buffer) - at < 9 + length:
                break
            kind, flags, stream = self.buffer[at + 3], self.buffer[at + 4], struct.unpack_from(">I", self.buffer, at + 5)[0]
            self.take(kind, flags, stream, self.buffer[at + 9:at + 9 + length], done)
            at += 9 + length
        self.buffer = self.buffer[at:]

    def take(self, kind, flags, stream, payload, done):
        if kind == HEADERS:
            self.good[stream] = first_field(payload[5 if flags & PRIORITY else 0:]) == STATUS_200
        elif kind == SETTINGS and not flags & ACK:
            self.sock.sendall(frame(SETTINGS, ACK, 0, b""))
        elif kind == PING and not flags & ACK:
            self.sock.sendall(frame(PING, ACK, 0, payload))
        elif kind == GOAWAY:
            closed()
        ended = kind in (HEADERS, DATA) and flags & END_STREAM
        if stream and (ended or kind == RST_STREAM):
            done(self, self.due.pop(stream), self.good.pop(stream, False) and kind != RST_STREAM)


def first_field(block):
    """The first field of a block, behind updates of the table's size."""
    at = 0
    while at < len(block) and block[at] & 0xE0 == 0x20:
        more = block[at] & 0x1F == 0x1F
        at += 1
        while more:
            more = block[at] & 0x80
            at += 1
    return block[at]


def frame(kind, flags, stream, payload):
    return struct.pack(">I", len(payload))[1:] + bytes([kind, flags]) + struct.pack(">I", stream) + payload


def left(sock):
    """What TLS has decrypted already; a poll does not see it."""
    return isinstance(sock, ssl.SSLSocket) and sock.pending()


def closed():
    raise SystemExit("open loop: the connection was closed")


def every_rule(host, kind, count, only):
    """Requests of HTTP/1.1 through every rule of the table, over and over, in an order without a pattern."""
    numbers = list(range(max(count, 1)))
    random.Random(SEED).shuffle(numbers)
    made = []
    for i in numbers:
        path = f"/service-{i}/find" if kind == "prefix" else only
        route = f"x-route: r{i}\r\n" if kind == "header" else ""
        made.append(f"GET {path} HTTP/1.1\r\nhost: {host}\r\n{route}\r\n".encode())
    return itertools.cycle(made)


def connect(given, requests):
    protocol, host, port = given.protocol, given.host, given.port
    sock = socket.create_connection(("127.0.0.1", port), 10)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if protocol.startswith("tls"):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.load_verify_locations(given.ca)
        context.set_alpn_protocols(["h2" if protocol == "tls2" else "http/1.1"])
        sock = context.wrap_socket(sock, server_hostname=host)
    if protocol in ("http2", "tls2"):
        return Http2(sock, host, "https" if protocol == "tls2" else "http")
    return Http1(sock, requests)


class Alarm:
    """A timer that wakes the poll to the microsecond: the poll's own time limit counts milliseconds."""

    ABSOLUTE, MONOTONIC = 1, 1  # TFD_TIMER_ABSTIME, CLOCK_MONOTONIC

    def __init__(self):
        self.libc = ctypes.CDLL(None, use_errno=True)
        self.fd = self.libc.timerfd_create(self.MONOTONIC, os.O_NONBLOCK)
        self.value = (ctypes.c_long * 4)()  # interval and value, each seconds and nanoseconds

    def at(self, when):
        self.value[2] = int(when)
        self.value[3] = int(1e9 * (when - int(when)))
        self.libc.timerfd_settime(self.fd, self.ABSOLUTE, self.value, None)


def play(connections, rate, seconds):
    """Latencies in seconds, in the order in which answers ended, how many were not 200, and the loop's own CPU."""
    chance = random.Random(SEED)
    clock = time.monotonic
    alarm = Alarm()
    poll = select.epoll()
    by_fd = {c.sock.fileno(): c for c in connections}
    for fd in (*by_fd, alarm.fd):
        poll.register(fd, select.EPOLLIN)
    free = collections.deque(c for c in connections for _ in range(c.room))
    latencies, failed, sent = array.array("d"), 0, 0

    def done(connection, due, good):
        nonlocal failed
        latencies.append(clock() - due)
        failed += not good
        free.append(connection)

    cpu = time.process_time()
    due = clock()
    end = due + seconds
    while due < end or sent > len(latencies):
        now = clock()
        while due <= now and due < end and free:
            free.popleft().send(due)
            sent += 1
            due += chance.expovariate(rate)
        if now > end + 30:
            raise SystemExit("open loop: answers are missing after 30 seconds")
        if free and due < end:
            alarm.at(due)
        for fd, _ in poll.poll(1):
            if fd == alarm.fd:
                os.read(fd, 8)
            else:
                by_fd[fd].receive(done)
                while by_fd[fd].left():
                    by_fd[fd].receive(done)
    poll.close()
    os.close(alarm.fd)
    return latencies, failed, time.process_time() - cpu


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--protocol", choices=["http1", "http2", "tls1", "tls2"], required=True)
    parser.add_argument("--host", required=True)
    parser.add_argument("--path", default=PATH, help="of HTTP/1.1")
    parser.add_argument("--ca", help="whom to trust, PEM; the host's name is checked")
    parser.add_argument("--rate", type=float, required=True)
    parser.add_argument("--seconds", type=float, required=True)
    parser.add_argument("--kind", choices=["none", "prefix", "header"], default="none")
    parser.add_argument("--count", type=int, default=0)
    given = parser.parse_args()
    if given.protocol.startswith("tls") and not given.ca:
        parser.error("TLS needs --ca")
    gc.disable()
    many = LIMIT // Http2.room if given.protocol.endswith("2") else LIMIT
    requests = every_rule(given.host, given.kind, given.count, given.path)
    connections = [connect(given, requests) for _ in range(many)]
    play(connections, given.rate, 0.5)  # connections of both sides are open before anything counts
    latencies, failed, cpu = play(connections, given.rate, given.seconds)
    latencies = sorted(latencies)

    def at(share):
        return round(1e6 * latencies[min(len(latencies) - 1, int(share * len(latencies)))], 1)

    print(json.dumps({
        "requests": len(latencies), "failed": failed, "generator_busy": round(cpu / given.seconds, 3),
        "p50": at(0.50), "p90": at(0.90), "p99": at(0.99), "p999": at(0.999), "max": at(1.0)}))


if __name__ == "__main__":
    main()
