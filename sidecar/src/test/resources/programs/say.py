# A TCP client: say.py ADDRESS PORT MANNER...
#   whole BYTES    sends so many, ends its side, and tells whether the same came back
#   listen WORD    waits for the other to speak, says WORD, and tells all that came
#   slow WORD      sends WORD byte by byte, ends its side, and tells what came back
#   hold BYTE      opens another connection to the same place, says BYTE on both, and tells how each of them is ended
#   hello NAME     sends the beginning of a TLS handshake with NAME in two pieces, ends its side, and tells what came back,
#                  and how much was sent
#   fill FILE      sends until nobody takes more for two seconds, tells how much that was, makes FILE, ends its side, and
#                  tells what came back
import errno, os, random, select, socket, ssl, sys, time

try:
    connection = socket.create_connection((sys.argv[1], int(sys.argv[2])), 60)
except ConnectionResetError:  # as soon as it was accepted
    print("broken")
    sys.exit()
manner, what = sys.argv[3], sys.argv[4]

def rest():
    parts = []
    while part := connection.recv(1 << 16):
        parts.append(part)
    return b"".join(parts)

try:
    if manner == "whole":
        data = random.Random(what).randbytes(int(what))  # so that each has its place
        connection.sendall(data)
        connection.shutdown(socket.SHUT_WR)
        print("same" if rest() == data else "different")
    elif manner == "listen":
        first = connection.recv(1000)
        connection.sendall(what.encode())
        print((first + rest()).decode().replace("\r\n", "|"))
    elif manner == "slow":
        for c in what.encode():
            connection.sendall(bytes([c]))
            time.sleep(0.05)
        connection.shutdown(socket.SHUT_WR)
        print(rest().decode())
    elif manner == "hello":
        out = ssl.MemoryBIO()
        try:
            ssl.create_default_context().wrap_bio(ssl.MemoryBIO(), out, server_hostname=what).do_handshake()
        except ssl.SSLWantReadError:
            pass
        hello = out.read()
        connection.sendall(hello[:40])
        time.sleep(0.2)
        connection.sendall(hello[40:])
        connection.shutdown(socket.SHUT_WR)
        print(rest().decode(), len(hello))
    elif manner == "hold":
        both, ends = [connection], []
        try:
            both.append(socket.create_connection(connection.getpeername()[:2], 60))
        except ConnectionResetError:  # as soon as it was accepted
            ends.append("broken")
        for one in list(both):
            try:
                one.sendall(what.encode())
            except ConnectionError:
                both.remove(one)
                ends.append("broken")
        for one in both:
            try:
                one.recv(1)
                ends.append("ended")
            except ConnectionError:
                ends.append("broken")
        print(*sorted(ends))
    elif manner == "fill":
        connection.setblocking(False)
        sent = 0
        while select.select([], [connection], [], 2)[1] and sent < 1 << 28:
            sent += connection.send(bytes(1 << 16))
        open(what, "w").close()
        connection.setblocking(True)
        connection.shutdown(socket.SHUT_WR)
        print(sent, rest().decode())
except OSError as e:
    reset = isinstance(e, ConnectionError) or e.errno == errno.ENOTCONN  # before its side could be ended
    print("broken" if reset else repr(e))
