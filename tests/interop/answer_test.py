# SPDX-License-Identifier: MIT
"""A request is piped into `tlstream connect`, and the answer comes out: from
HTTPS servers that others wrote, which end a connection in different ways."""

import os
import socket
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                '..', 'cli'))
from harness import (Authority, Folder, Process, check, free_port, have,  # noqa
                     run, skip, test, tests_done)

REQUEST = b'GET / HTTP/1.0\r\n\r\n'
WARNING = '^warning: the peer closed the connection without close_notify'

# The answer comes late: a client that has ended its side would not get it.
NODE = '''
const https = require('https'), fs = require('fs');
const [key, cert] = process.argv.slice(1).map((name) => fs.readFileSync(name));
const server = https.createServer({key, cert}, (request, response) => {
  setTimeout(() => response.end('this is the answer'), 200);
});
server.listen(0, '127.0.0.1',
              () => console.log('listening on', server.address().port));
'''

PYTHON = '''
import http.server, ssl, sys, time
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        time.sleep(0.2)
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b'this is the answer')
server = http.server.HTTPServer(('127.0.0.1', 0), Handler)
if len(sys.argv) > 1:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(sys.argv[2], sys.argv[1])
    server.socket = context.wrap_socket(server.socket, server_side=True)
print('listening on', server.server_address[1], flush=True)
server.serve_forever()
'''

NGINX = '''
daemon off;
master_process off;
pid {folder}/nginx.pid;
error_log {folder}/nginx.log;
events {{}}
http {{
  access_log off;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  server {{
    listen 127.0.0.1:{port} ssl;
    ssl_certificate {cert};
    ssl_certificate_key {key};
    location / {{
      proxy_pass http://127.0.0.1:{backend};
    }}
  }}
}}
'''


class Node(Process):
    name, program = "Node's https", 'node'

    def __init__(self, key, cert):
        super().__init__('node', '-e', NODE, key, cert)
        self.port = int(self.wait_for(rb'listening on (\d+)')[1])


class Python(Process):
    name, program = "Python's http.server", 'python3'

    def __init__(self, key, cert):
        super().__init__('python3', '-c', PYTHON, key, cert)
        self.port = int(self.wait_for(rb'listening on (\d+)')[1])


class Openssl(Process):
    name, program = 'openssl s_server -www', 'openssl'

    def __init__(self, key, cert):
        super().__init__('openssl', 's_server', '-accept', '127.0.0.1:0',
                         '-key', key, '-cert', cert, '-www')
        self.port = int(self.wait_for(rb'ACCEPT 127\.0\.0\.1:(\d+)')[1])


class Gnutls(Process):
    name, program = 'gnutls-serv --http', 'gnutls-serv'

    def __init__(self, key, cert):
        self.port = free_port()
        super().__init__('gnutls-serv', '--http', '--x509keyfile', key,
                         '--x509certfile', cert, '--port', self.port)
        self.wait_for(rb'listening on IPv4 .*\.\.\.done')


class Nginx(Process):
    name, program = 'nginx', 'nginx'

    def __init__(self, key, cert):
        folder = os.path.dirname(key)
        self.backend = Process('python3', '-c', PYTHON)
        backend = int(self.backend.wait_for(rb'listening on (\d+)')[1])
        self.port = free_port()
        config = os.path.join(folder, 'nginx.conf')
        with open(config, 'w') as out:
            out.write(NGINX.format(folder=folder, port=self.port, key=key,
                                   cert=cert, backend=backend))
        super().__init__('nginx', '-c', config)
        wait_until_listening(self.port)

    def __exit__(self, *args):
        super().__exit__(*args)
        self.backend.__exit__(*args)


def wait_until_listening(port):
    for _ in range(100):
        try:
            socket.create_connection(('127.0.0.1', port)).close()
            return
        except ConnectionRefusedError:
            time.sleep(0.1)
    raise AssertionError('it never listened')


def ask(server, ca, version):
    result = run('connect', f'127.0.0.1:{server.port}', '--ca', ca.ca,
                 '--tls-max', version, '--quiet', stdin=REQUEST)
    check(result, 0, '^$|' + WARNING)
    assert result.out.startswith(b'HTTP/1.'), result
    assert (b'this is the answer' in result.out
            or server.program in ('openssl', 'gnutls-serv')), result


with Folder() as folder:
    ca = Authority(folder)
    key, cert = ca.leaf('server')
    for Server in (Node, Python, Openssl, Gnutls, Nginx):
        title = f'{Server.name} answers a request that is piped in'
        if not have(Server.program):
            skip(title, f'{Server.program} is not installed')
            continue
        with Server(key, cert) as server:
            for version in ('1.2', '1.3'):

                @test(f'{title}, TLS {version}')
                def _():
                    ask(server, ca, version)

    tests_done()
