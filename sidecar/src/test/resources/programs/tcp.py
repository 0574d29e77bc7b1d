# A TCP server: tcp.py ADDRESS PORT echo|banner|peer|lazy|name [FILE|NAME]
#   echo    reads to the end, then sends all of it back
#   banner  speaks first, then echoes a line
#   peer    tells where the connection comes from
#   lazy    reads nothing before FILE is there, then tells how many bytes came
#   name    reads to the end, then sends NAME and how many bytes came
import os, socket, sys, threading, time

address, port, manner = sys.argv[1], int(sys.argv[2]), sys.argv[3]

def read_all(connection):
    parts = []
    while part := connection.recv(1 << 16):
        parts.append(part)
    return b"".join(parts)

def serve(connection):
    with connection:
        if manner == "banner":
            connection.sendall(b"220 ready\r\n")
            connection.sendall(b"you said " + connection.recv(1000))
            return
        if manner == "peer":
            connection.sendall(connection.getpeername()[0].encode())
            return
        if manner == "lazy":
            for _ in range(600):
                if os.path.exists(sys.argv[4]):
                    break
                time.sleep(0.1)
            connection.sendall(str(len(read_all(connection))).encode())
            return
        if manner == "name":
            connection.sendall((sys.argv[4] + " " + str(len(read_all(connection)))).encode())
            return
        connection.sendall(read_all(connection))

listener = socket.create_server((address, port), family=socket.AF_INET6 if ":" in address else socket.AF_INET)
print("listening")
while True:
    threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
