# Says what nobody can mean: bad.py ADDRESS STRICT-PORT HTTP-PORT; tells of each connection how and when it ended, and that
# all did. The last one of each port says a byte a second.
import socket, sys, threading, time

BAD = [b"\x16\3\1\2\0\1\0\1\xfc\3\3", b"\x16\3\1@\0\1\4\0\0", b"\x16\3\1\0\5hello", b"GET /\r\n",
       b"PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n", b"\0\1\2\3", b"", b"\x16\3\1\2\0\1\0\1\xfc\3\3..."]
WORSE = [b"\0\1\2\3", b"", b"GET / HTTP/1.1\r\nHost: a..."]
LATEST = 25  # seconds

def say(port, what):
    began = time.time()
    slow = what.endswith(b"...")
    how = "ended"
    try:
        connection = socket.create_connection((sys.argv[1], int(port)), 10)
        connection.sendall(what.removesuffix(b"..."))
        connection.settimeout(1 if slow else LATEST)
        while time.time() - began < LATEST:
            try:
                if not connection.recv(1 << 16):
                    break
            except TimeoutError:
                if slow:
                    connection.sendall(b"x")
    except ConnectionError:
        how = "broken"
    took = time.time() - began
    print(port, what[:12], how if took < LATEST else "late", f"{took:.1f}")

threads = [threading.Thread(target=say, args=(port, what))
           for port, list in ((sys.argv[2], BAD), (sys.argv[3], WORSE)) for what in list]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print("all ended")
