# Protocols whose servers speak first: first.py serve|ask PROTOCOL ADDRESS PORT, where ask does what a client of it does and
# tells what it got; and first.py wait ADDRESS PORT [WORD], which says WORD, if any, at once, and tells how many
# milliseconds it was until the other side spoke
#   smtp   a mail, by Python's smtplib
#   ftp    a login and a folder, by Python's ftplib
#   mysql  the packets of a handshake
import ftplib, smtplib, socket, socketserver, sys, time

GREETING = b"\x0a8.0.36-test\0" + bytes(range(1, 13)) + b"\0" + b"\xff\xf7\xff\2\0\xff\xdf\x15" + bytes(10) + b"0123456789ab\0"
LOGIN = b"\x0d\xa2\x3a\0\0\0\0\1\xff" + bytes(23) + b"root\0\0"

def packet(number, body):
    return len(body).to_bytes(3, "little") + bytes([number]) + body

class Lines(socketserver.StreamRequestHandler):
    def say(self, text):
        self.wfile.write(text.encode() + b"\r\n")

    def word(self):
        return self.rfile.readline().decode().strip().upper()

class Smtp(Lines):
    def handle(self):
        self.say("220 mail.test ESMTP")
        while word := self.word():
            if word == "DATA":
                self.say("354 go ahead")
                lines = 0
                while self.rfile.readline() != b".\r\n":
                    lines += 1
                self.say(f"250 {lines} lines")
            elif word == "QUIT":
                self.say("221 bye")
                return
            else:
                self.say("250 ok")

class Ftp(Lines):
    ANSWERS = {"USER": "331 and the password", "PASS": "230 welcome", "PWD": '257 "/home" is here', "QUIT": "221 bye"}

    def handle(self):
        self.say("220 ftp.test")
        while word := self.word():
            self.say(self.ANSWERS.get(word.split()[0], "500 what?"))
            if word == "QUIT":
                return

class MySql(socketserver.StreamRequestHandler):
    def handle(self):
        self.wfile.write(packet(0, GREETING))
        asked = self.rfile.read(len(packet(1, LOGIN)))
        good = asked == packet(1, LOGIN)
        self.wfile.write(packet(2, b"\0\0\0\2\0\0\0" if good else b"\xff\x15\4no"))

def smtp(address, port):
    with smtplib.SMTP(address, port, local_hostname="caller.test", timeout=60) as client:
        client.ehlo()
        client.mail("a@caller.test")
        client.rcpt("b@mail.test")
        return client.data("Subject: x\r\n\r\nhello\r\n")

def ftp(address, port):
    with ftplib.FTP() as client:
        client.connect(address, port, 60)
        client.login()
        return client.pwd()

def mysql(address, port):
    with socket.create_connection((address, port), 60) as connection:
        reader = connection.makefile("rb")
        size = int.from_bytes(reader.read(4)[:3], "little")
        greeting = reader.read(size)
        connection.sendall(packet(1, LOGIN))
        answer = reader.read(11)
        return greeting[1:12].decode(), greeting == GREETING and answer[4] == 0

def wait(address, port, word=""):
    began = time.monotonic()
    with socket.create_connection((address, port), 60) as connection:
        connection.sendall(word.encode())
        connection.recv(1)
        return int((time.monotonic() - began) * 1000)

class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True

if sys.argv[1] == "serve":
    handler = {"smtp": Smtp, "ftp": Ftp, "mysql": MySql}[sys.argv[2]]
    server = Server((sys.argv[3], int(sys.argv[4])), handler)
    print("listening")
    server.serve_forever()
elif sys.argv[1] == "ask":
    print({"smtp": smtp, "ftp": ftp, "mysql": mysql}[sys.argv[2]](sys.argv[3], int(sys.argv[4])))
else:
    print(wait(sys.argv[2], int(sys.argv[3]), *sys.argv[4:]))
