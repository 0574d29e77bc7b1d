# Watches a network device for texts: capture.py DEVICE TEXT...; tells each that it sees
import socket, sys

texts = [text.encode() for text in sys.argv[2:]]
device = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.ntohs(3))
device.bind((sys.argv[1], 0))
print("listening")
while True:
    packet = device.recv(1 << 16)
    for text in texts:
        if text in packet:
            print("seen:", text.decode())
