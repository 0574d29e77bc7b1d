# A DNS server for addresses of names: dns.py ADDRESS NAME=IP[,IP]...; every other name does not exist
import socket, struct, sys

names = {name.lower(): ips.split(",") for name, ips in (text.split("=") for text in sys.argv[2:])}
server = socket.socket(socket.AF_INET6 if ":" in sys.argv[1] else socket.AF_INET, socket.SOCK_DGRAM)
server.bind((sys.argv[1], 53))
print("listening")
while True:
    asked, caller = server.recvfrom(4096)
    labels, at = [], 12
    while asked[at]:
        labels.append(asked[at + 1:at + 1 + asked[at]].decode())
        at += 1 + asked[at]
    question = asked[12:at + 5]
    kind = struct.unpack(">H", asked[at + 1:at + 3])[0]
    known = names.get(".".join(labels).lower())
    answers = b""
    count = 0
    for ip in known or []:
        if kind == (28 if ":" in ip else 1):
            packed = socket.inet_pton(socket.AF_INET6 if ":" in ip else socket.AF_INET, ip)
            answers += b"\xc0\x0c" + struct.pack(">HHIH", kind, 1, 1, len(packed)) + packed
            count += 1
    flags = 0x8580 if known else 0x8583
    server.sendto(asked[:2] + struct.pack(">HHHHH", flags, 1, count, 0, 0) + question + answers, caller)
