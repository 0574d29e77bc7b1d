"""nginx as the application: the same small answer to everything, plain and behind mutual TLS."""

import os

from .processes import Process, free_port

BODY = "x" * 100  # bytes of every answer's body

CONFIG = """
{user}daemon off; worker_processes 1; pid {home}/nginx.pid; error_log {home}/nginx-error.log warn;
events {{ worker_connections 8192; }}
http {{
  access_log off; keepalive_requests 1000000000; keepalive_timeout 1h; default_type text/plain;
  client_body_temp_path {home}/nginx-b; proxy_temp_path {home}/nginx-p; fastcgi_temp_path {home}/nginx-f;
  uwsgi_temp_path {home}/nginx-u; scgi_temp_path {home}/nginx-s;
  server {{
    listen 127.0.0.1:{plain} reuseport backlog=4096; listen 127.0.0.2:{plain}; location / {{ return 200 "{body}"; }}
    location = /mib {{ alias {home}/mib; }}
  }}
  server {{
    listen 127.0.0.1:{secure} ssl reuseport backlog=4096; ssl_protocols TLSv1.3;
    ssl_certificate {identity}/tls.crt; ssl_certificate_key {identity}/tls.key;
    ssl_client_certificate {identity}/ca.crt; ssl_verify_client on;
    location / {{ return 200 "{body}"; }}
  }}
}}
"""


class Backend:
    def __init__(self, binary, core, home, identity):
        self.plain = free_port()
        self.secure = free_port()
        config = home / "nginx.conf"
        (home / "mib").write_bytes(bytes(1 << 20))
        user = "user root; " if os.geteuid() == 0 else ""  # its worker reads from a folder of ours
        config.write_text(
            CONFIG.format(
                home=home, plain=self.plain, secure=self.secure, body=BODY, identity=identity, user=user))
        self.process = Process("nginx", core, [binary, "-p", home, "-c", config], home)
