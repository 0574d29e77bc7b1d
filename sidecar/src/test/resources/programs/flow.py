# Random bytes both ways at once: flow.py serve|call ADDRESS PORT FIRST BYTES
# FIRST, serve or call, ends its side after BYTES; the other one waits to hear of it, sends as many again, and ends. What
# comes is compared, by its place, with what the other side sends. Tells how much came, or where it is not the same.
import random, socket, sys, threading

role, address, port, first, count = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4], int(sys.argv[5])
SEEDS = {"serve": 1, "call": 2}
LONGEST = 1 << 17  # of what is sent at once

class Bytes:
    def __init__(self, of):
        self.source, self.ready = random.Random(SEEDS[of]), b""

    def take(self, many):
        while len(self.ready) < many:
            self.ready += self.source.randbytes(1 << 16)
        taken, self.ready = self.ready[:many], self.ready[many:]
        return taken

def send(connection, data, many, sizes):
    while many:
        now = min(many, sizes.randrange(1, LONGEST))
        connection.sendall(data.take(now))
        many -= now

def talk(connection, heard):
    data, sizes = Bytes(role), random.Random(3)
    send(connection, data, count, sizes)
    if role != first:
        heard.wait()
        send(connection, data, count, sizes)
    connection.shutdown(socket.SHUT_WR)

def compare(connection):
    expected, place = Bytes("call" if role == "serve" else "serve"), 0
    while part := connection.recv(1 << 16):
        if part != expected.take(len(part)):
            return f"not the same after {place}"
        place += len(part)
    return f"{place} in their places"

def exchange(connection):
    with connection:
        heard = threading.Event()
        talking = threading.Thread(target=talk, args=(connection, heard), daemon=True)
        talking.start()
        try:
            found = compare(connection)
        except ConnectionError:
            found = "broken"
        heard.set()
        talking.join()
        print(found)

if role == "call":
    exchange(socket.create_connection((address, port), 60))
else:
    listener = socket.create_server((address, port), family=socket.AF_INET6 if ":" in address else socket.AF_INET)
    print("listening")
    while True:
        threading.Thread(target=exchange, args=(listener.accept()[0],), daemon=True).start()
