# An HTTP server that says who asked and what for: web.py ADDRESS PORT WORD
import http.server, socket, socketserver, sys

class Server(http.server.ThreadingHTTPServer):
    address_family = socket.AF_INET6 if ":" in sys.argv[1] else socket.AF_INET

    def server_bind(self):  # without asking for the name of the address: nobody answers here
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = sys.argv[1], int(sys.argv[2])

class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        body = f"{sys.argv[3]} {self.path} host={self.headers['Host']} peer={self.client_address[0]}".encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *anything):
        pass

server = Server((sys.argv[1], int(sys.argv[2])), Handler)
print("listening")
server.serve_forever()
