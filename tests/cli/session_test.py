# SPDX-License-Identifier: MIT
"""tlstream connect --session-out and --session-in: what is written resumes,
where it fits, and what cannot be read or written is an error that says so."""

import json
import os
import ssl
import stat

from harness import (Authority, Folder, Serve, Stage, check, run, test,
                     tests_done)

with Folder() as folder:
    ca = Authority(folder)
    key, cert = ca.leaf('server')
    saved = ca.path('session')

    def connect(server, *args):
        """Talk once; returns what is known of the connection."""
        result = run('connect', server.address, '--end', '--quiet', '--info',
                     ca.path('info'), *args, stdin=b'hello\n')
        check(result, 0)
        assert b'hello' in result.out, result
        with open(ca.path('info')) as file:
            return json.load(file)

    def refused(status, pattern, *args):
        with Serve('--key', key, '--cert', cert) as server:
            check(run('connect', server.address, '--ca', ca.ca, *args), status,
                  pattern)
            server.stop()

    for version in ('1.2', '1.3'):
        tls = ('--tls-min', version, '--tls-max', version)

        @test(f'what one connection writes, the next resumes, TLS {version}')
        def _():
            with Serve('--key', key, '--cert', cert) as server:
                first = connect(server, '--ca', ca.ca, *tls, '--session-out',
                                saved)
                assert first['sessionReused'] is False, first
                mode = stat.S_IMODE(os.stat(saved).st_mode)
                assert mode == 0o600, oct(mode)
                again = connect(server, '--ca', ca.ca, *tls, '--session-in',
                                saved)
                assert again['sessionReused'] is True, again
                assert again['authorized'] is True, again
                assert again['peerCertificate'] == first['peerCertificate']
                server.stop()

        @test(f'the same file may be read and replaced, TLS {version}')
        def _():
            with Serve('--key', key, '--cert', cert) as server:
                connect(server, '--ca', ca.ca, *tls, '--session-out', saved)
                for _ in range(2):
                    info = connect(server, '--ca', ca.ca, *tls, '--session-in',
                                   saved, '--session-out', saved)
                    assert info['sessionReused'] is True, info
                server.stop()

        @test(f'one made with --insecure does not resume without, {version}')
        def _():
            with Serve('--key', key, '--cert', cert) as server:
                connect(server, '--insecure', *tls, '--session-out', saved)
                info = connect(server, '--ca', ca.ca, *tls, '--session-in',
                               saved)
                assert info['sessionReused'] is False, info
                assert info['authorized'] is True, info
                check(run('connect', server.address, *tls, '--session-in',
                          saved), 1, r'^UNABLE_TO_')
                server.stop()

    @test('--json writes one, too')
    def _():
        with Serve('--key', key, '--cert', cert) as server:
            os.unlink(saved)
            result = run('connect', server.address, '--json', '--ca', ca.ca,
                         '--tls-max', '1.2', '--session-out', saved)
            check(result, 0)
            assert json.loads(result.out)['sessionReused'] is False, result
            connect_info = connect(server, '--ca', ca.ca, '--tls-max', '1.2',
                                   '--session-in', saved)
            assert connect_info['sessionReused'] is True, connect_info
            server.stop()

    @test('the connection says that it resumed')
    def _():
        with Serve('--key', key, '--cert', cert) as server:
            connect(server, '--ca', ca.ca, '--session-out', saved)
            check(run('connect', server.address, '--end', '--ca', ca.ca,
                      '--session-in', saved), 0, r'session +resumed\n')
            server.stop()

    @test('a file that is no session is an error')
    def _():
        refused(2, r'^ERR_TLSTREAM_BAD_SESSION: \S+: these bytes are no '
                   'session', '--session-in', cert)

    @test('so is a part of one, and one of another version')
    def _():
        with open(saved, 'rb') as file:
            whole = file.read()
        with open(saved, 'wb') as file:
            file.write(whole[:-1])
        refused(2, r'^ERR_TLSTREAM_BAD_SESSION: .* is cut', '--session-in',
                saved)
        with open(saved, 'wb') as file:
            file.write(whole[:7] + b'\x63' + whole[8:])
        refused(2, r'^ERR_TLSTREAM_SESSION_FORMAT: .* is of format 99',
                '--session-in', saved)

    @test('and one that is not there')
    def _():
        refused(2, r'^cannot read \S+: No such file', '--session-in',
                ca.path('none'))

    @test('a file that cannot be written ends the connection')
    def _():
        refused(2, r'cannot (create|write) \S+', '--session-out',
                ca.path('none/session'), '--tls-max', '1.2')

    @test('without a session there is no file, and a message')
    def _():
        path = ca.path('unwritten')
        secure = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        secure.load_cert_chain(cert, key)
        secure.num_tickets = 0

        def act(actor):
            with secure.wrap_socket(actor, server_side=True) as peer:
                while peer.recv(100):
                    pass
                peer.unwrap()

        with Stage(act) as server:
            check(run('connect', server.address, '--end', '--ca', ca.ca,
                      '--session-out', path), 0,
                  r'unwritten was not written: the server gave no session\n')
        assert not os.path.exists(path)

    tests_done()
