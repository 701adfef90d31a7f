# SPDX-License-Identifier: MIT
"""`tlstream serve` and clients that others wrote, which come again: by ticket
and, in TLS 1.2, by the id of their session; at the same server, after a reload,
and at another server with the same ticket keys. B2, D1, D4."""

import os
import signal
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                '..', 'cli'))
from harness import (Authority, Folder, Process, Serve, have, test,  # noqa
                     skip, tests_done)

WAYS = {
    'TLS 1.3 by ticket': ('-tls1_3',),
    'TLS 1.2 by ticket': ('-tls1_2',),
    'TLS 1.2 by id': ('-tls1_2', '-no_ticket'),
}
GNUTLS_WAYS = {
    'TLS 1.3 by ticket': 'NORMAL:-VERS-ALL:+VERS-TLS1.3',
    'TLS 1.2 by ticket': 'NORMAL:-VERS-ALL:+VERS-TLS1.2',
    'TLS 1.2 by id': 'NORMAL:-VERS-ALL:+VERS-TLS1.2:%NO_TICKETS',
}


def visit(server, way, *more):
    """s_client says hello; whether the server resumed its session."""
    before = len(server.output['err'])
    with Process('openssl', 's_client', '-connect', f'127.0.0.1:{server.port}',
                 '-CAfile', ca.ca, '-verify_return_error', *way,
                 *more) as client:
        client.wait_for(rb'welcome!\n')
        reused = client.wait_for(rb'(?m)^(New|Reused), TLS')[1] == b'Reused'
        client.send(b'Q\n')
        assert client.wait() == 0, client.output
    line = server.wait_for(rb'(?s).{%d}.*connected: (.*?)\n' % before, 'err')[1]
    assert reused == (b', resumed' in line), (reused, line)
    return reused


def hang_up(server):
    before = len(server.output['err'])
    server.signal(signal.SIGHUP)
    server.wait_for(rb'(?s).{%d}.*SIGHUP: .*now\n' % before, 'err')


def keys(*parts):
    path = ca.path('tickets.key')
    with open(path, 'wb') as out:
        out.write(b''.join(parts))
    os.chmod(path, 0o600)
    return '--ticket-keys', path


with Folder() as folder:
    ca = Authority(folder)
    key, cert = ca.leaf('server')
    renewed_key, renewed_cert = ca.leaf('renewed')
    ours = ('--key', key, '--cert', cert)
    kept = ca.path('session.pem')
    one, other = os.urandom(80), os.urandom(80)

    for title, way in WAYS.items():
        @test(f'openssl s_client resumes five times of five, {title}')
        def _():
            with Serve(*ours) as server:
                assert not visit(server, way, '-sess_out', kept)
                for _ in range(5):
                    assert visit(server, way, '-sess_in', kept, '-sess_out',
                                 kept)
                assert server.stop() == 0, server.log

    for title, way in list(WAYS.items())[:2]:
        @test(f'a session outlives a reload and a renewed certificate, {title}')
        def _():
            with Folder() as own:
                paths = [os.path.join(own, name) for name in ('key', 'cert')]

                def place(*files):
                    for file, path in zip(files, paths):
                        with open(file, 'rb') as source:
                            data = source.read()
                        with open(path, 'wb') as out:
                            out.write(data)

                place(key, cert)
                with Serve('--key', paths[0], '--cert', paths[1]) as server:
                    assert not visit(server, way, '-sess_out', kept)
                    hang_up(server)
                    assert visit(server, way, '-sess_in', kept, '-sess_out',
                                 kept)
                    place(renewed_key, renewed_cert)
                    hang_up(server)
                    assert visit(server, way, '-sess_in', kept)
                    assert server.stop() == 0, server.log

        @test(f'a second server with the same keys resumes it, {title}')
        def _():
            shared = keys(one)
            with Serve(*ours, *shared) as first, Serve(*ours, *shared) as second:
                assert not visit(first, way, '-sess_out', kept)
                assert visit(second, way, '-sess_in', kept, '-sess_out', kept)
                assert visit(first, way, '-sess_in', kept)

        @test(f'one with other keys, other trust or another policy does not, '
              f'{title}')
        def _():
            asking = ('--request-cert', '--ca', ca.ca)
            shared = keys(one)
            with Serve(*ours, *shared, *asking) as first, \
                    Serve(*ours, *shared, *asking) as twin:
                assert not visit(first, way, '-sess_out', kept)
                assert visit(twin, way, '-sess_in', kept)
            for more in ((*shared, '--request-cert', '--ca', cert),
                         (*shared, '--verify-if-given', '--ca', ca.ca),
                         shared, asking):
                with Serve(*ours, *more) as second:
                    assert not visit(second, way, '-sess_in', kept), more

        @test(f'keys are rotated by SIGHUP, {title}')
        def _():
            with Serve(*ours, *keys(one)) as server:
                assert not visit(server, way, '-sess_out', kept)
                keys(other, one)
                hang_up(server)
                assert visit(server, way, '-sess_in', kept)
                keys(other)
                hang_up(server)
                assert not visit(server, way, '-sess_in', kept)
                assert server.stop() == 0, server.log

    for title, priority in GNUTLS_WAYS.items():
        name = f'gnutls-cli resumes, {title}'
        if not have('gnutls-cli'):
            skip(name, 'gnutls-cli is not installed')
            continue

        @test(name)
        def _():
            with Serve(*ours) as server:
                with Process('gnutls-cli', '--x509cafile', ca.ca,
                             '--verify-hostname', 'localhost', '--priority',
                             priority, '--resume', '--waitresumption', '-p',
                             server.port, '127.0.0.1') as client:
                    client.wait_for(rb'This is a resumed session')
                    client.end_input()
                    assert client.wait() == 0, client.output
                server.wait_for(rb'connected: [^\n]*, resumed', 'err')

    for version in ('1.2', '1.3'):
        name = f'curl resumes, TLS {version} by ticket'
        if not have('curl'):
            skip(name, 'curl is not installed')
            continue

        @test(name)
        def _():
            # The first answer cannot be written, and ends with that: only so
            # does curl connect again.
            with Serve(*ours) as server:
                url = f'https://localhost:{server.port}/'
                with Process('curl', '--silent', '--no-buffer', '--http0.9',
                             '--cacert', ca.ca, f'--tlsv{version}', '--tls-max',
                             version, '-o', '/dev/full', url, '-o', '-',
                             url) as client:
                    client.wait_for(rb'welcome!\n')
                    server.wait_for(rb'connected: [^\n]*, resumed', 'err')

    tests_done()
