# SPDX-License-Identifier: MIT
"""Sessions of servers that others wrote: `tlstream connect` keeps one and
resumes it, by ticket in both versions, and by id in TLS 1.2."""

import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                '..', 'cli'))
from harness import (Authority, Folder, Process, Serve, check,  # noqa
                     free_port, have, run, skip, test, tests_done)

NODE = '''
const tls = require('tls'), fs = require('fs');
const [key, cert] = process.argv.slice(1).map((name) => fs.readFileSync(name));
const server = tls.createServer({key, cert, allowHalfOpen: true}, (s) => {
  s.on('error', (e) => console.log(e.code));
  s.pipe(s);
});
server.listen(0, '127.0.0.1',
              () => console.log('listening on', server.address().port));
'''


class Openssl(Process):
    def __init__(self, key, cert, *more):
        super().__init__('openssl', 's_server', '-accept', '127.0.0.1:0',
                         '-key', key, '-cert', cert, '-rev', *more)
        self.port = int(self.wait_for(rb'ACCEPT 127\.0\.0\.1:(\d+)')[1])


class OpensslById(Openssl):
    def __init__(self, key, cert):
        super().__init__(key, cert, '-no_ticket')


class Gnutls(Process):
    """gnutls-serv cannot be asked for a free port: try until one is."""

    def __init__(self, key, cert):
        for _ in range(5):
            self.port = free_port()
            super().__init__('gnutls-serv', '--echo', '--x509keyfile', key,
                             '--x509certfile', cert, '--port', self.port)
            output = self.wait_for(rb'listening on IPv4 .*\.\.\.(\w+)')
            if output[1] == b'done':
                return
            self.kill()
        raise AssertionError(self.output)


class Node(Process):
    def __init__(self, key, cert):
        super().__init__('node', '-e', NODE, key, cert)
        self.port = int(self.wait_for(rb'listening on (\d+)')[1])


class Own(Serve):
    def __init__(self, key, cert):
        super().__init__('--key', key, '--cert', cert)


# Of each server: the program, the versions, and how it knows a session.
SERVERS = [
    ('openssl', Openssl, ('1.2', '1.3'), 'openssl s_server, by ticket'),
    ('openssl', OpensslById, ('1.2', '1.3'), 'openssl s_server, by id'),
    ('gnutls-serv', Gnutls, ('1.2', '1.3'), 'gnutls-serv'),
    ('node', Node, ('1.2', '1.3'), "Node's tls"),
    ('openssl', Own, ('1.2', '1.3'), 'tlstream serve'),
]

with Folder() as folder:
    ca = Authority(folder)
    key, cert = ca.leaf('server')
    saved = ca.path('session')

    def talk(server, version, *args):
        result = run('connect', f'127.0.0.1:{server.port}', '--end', '--quiet',
                     '--ca', ca.ca, '--tls-min', version, '--tls-max', version,
                     '--info', ca.path('info'), *args, stdin=b'hello\n')
        check(result, 0)
        with open(ca.path('info')) as file:
            info = json.load(file)
        assert info['authorized'] is True, info
        assert info['protocol'] == f'TLSv{version}', info
        return info

    for program, Server, versions, name in SERVERS:
        for version in versions:
            title = f'{name}: resumed, TLS {version}'
            if not have(program):
                skip(title, f'{program} is not installed')
                continue

            @test(title)
            def _():
                with Server(key, cert) as server:
                    first = talk(server, version, '--session-out', saved)
                    assert first['sessionReused'] is False, first
                    for _ in range(2):
                        again = talk(server, version, '--session-in', saved,
                                     '--session-out', saved)
                        assert again['sessionReused'] is True, again
                        assert (again['peerCertificate'] ==
                                first['peerCertificate']), again

    @test('the session of one server is a full handshake with the next')
    def _():
        with Openssl(key, cert) as one, Openssl(key, cert) as two:
            for version in ('1.2', '1.3'):
                talk(one, version, '--session-out', saved)
                info = talk(two, version, '--session-in', saved)
                assert info['sessionReused'] is False, info

    tests_done()
