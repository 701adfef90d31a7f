# SPDX-License-Identifier: MIT
"""Staples: those that `openssl ocsp` makes, sent to other clients by `tlstream
serve`, and sent by `openssl s_server` to `tlstream connect`. A16."""

import os
import re
import shutil
import signal
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                '..', 'cli'))
from harness import (Authority, BUILD, DEADLINE, Folder, Process, Serve, # noqa
                     check, free_port, have, run, skip, test, tests_done)

VERSIONS = ('1.2', '1.3')


def openssl(*args):
    done = subprocess.run(['openssl', *map(str, args)], capture_output=True,
                          stdin=subprocess.DEVNULL, timeout=DEADLINE)
    assert done.returncode == 0, done
    return done.stdout.decode()


class Statuses:
    """The authority's list of what it has signed, as `openssl ca` keeps it."""

    def __init__(self, authority, folder):
        self.ca = authority.ca
        self.key = authority.path('ca-key.pem')
        self.folder = folder
        self.index = os.path.join(folder, 'index.txt')

    def write(self, *certs, revoked=()):
        with open(self.index, 'w') as out:
            for cert in certs:
                serial = openssl('x509', '-in', cert, '-noout', '-serial')
                state = ('R\t400101000000Z\t260101000000Z,keyCompromise'
                         if cert in revoked else 'V\t400101000000Z\t')
                out.write(f'{state}\t{serial.strip().split("=")[1]}\tunknown\t'
                          '/CN=localhost\n')

    def staple(self, name, cert, revoked=False):
        """A response about one certificate; its path."""
        self.write(cert, revoked=[cert] if revoked else [])
        path = os.path.join(self.folder, name)
        openssl('ocsp', '-index', self.index, '-CA', self.ca, '-rsigner',
                self.ca, '-rkey', self.key, '-issuer', self.ca, '-cert', cert,
                '-ndays', '7', '-respout', path, '-noverify')
        return path


def s_client(port, ca, version):
    return openssl('s_client', '-connect', f'127.0.0.1:{port}', '-CAfile', ca,
                   '-status', '-tls' + version.replace('.', '_'))


def s_server(port, key, cert, *args):
    return Process('openssl', 's_server', '-accept', port, '-key', key,
                   '-cert', cert, *args)


def connect(port, *args):
    return run('connect', '--ca', ca.ca, '--end', *args, f'localhost:{port}')


with Folder() as folder:
    ca = Authority(folder)
    statuses = Statuses(ca, folder)
    key, cert = ca.leaf('server')
    _, other = ca.leaf('other')
    good = statuses.staple('good.der', cert)
    revoked = statuses.staple('revoked.der', cert, revoked=True)
    foreign = statuses.staple('foreign.der', other)

    for version in VERSIONS:
        @test(f'openssl s_client gets the staple of serve, TLS {version}')
        def _():
            with Serve('--key', key, '--cert', cert, '--ca', ca.ca, '--ocsp',
                       good) as server:
                shown = s_client(server.port, ca.ca, version)
            assert 'OCSP Response Status: successful' in shown, shown
            assert 'Cert Status: good' in shown, shown

        @test(f'openssl s_client gets none without --ocsp, TLS {version}')
        def _():
            with Serve('--key', key, '--cert', cert) as server:
                shown = s_client(server.port, ca.ca, version)
            assert 'OCSP response: no response sent' in shown, shown

        title = f'gnutls-cli checks the staple of serve, TLS {version}'
        if not have('gnutls-cli'):
            skip(title, 'gnutls-cli is not installed')
        else:
            @test(title)
            def _():
                with Serve('--key', key, '--cert', cert, '--ca', ca.ca,
                           '--ocsp', good) as server:
                    done = subprocess.run(
                        ['gnutls-cli', '--x509cafile', ca.ca,
                         '--verify-hostname', 'localhost', '--priority',
                         f'NORMAL:-VERS-ALL:+VERS-TLS{version}', '-p',
                         str(server.port), '127.0.0.1'], capture_output=True,
                        stdin=subprocess.DEVNULL, timeout=DEADLINE)
                assert done.returncode == 0, done
                assert re.search(rb'Options:.*OCSP status request', done.stdout)

        @test(f'a staple of openssl s_server is good, TLS {version}')
        def _():
            port = free_port()
            with s_server(port, key, cert, '-status_file', good) as server:
                server.wait_for(b'ACCEPT')
                check(connect(port, '--require-staple', '--tls-min', version,
                              '--tls-max', version), 0,
                      r'staple +good', 'authorized +yes')

        @test(f'a staple that says revoked is believed, TLS {version}')
        def _():
            port = free_port()
            with s_server(port, key, cert, '-status_file', revoked) as server:
                server.wait_for(b'ACCEPT')
                check(connect(port, '--tls-min', version, '--tls-max', version),
                      1, 'CERT_REVOKED: .*keyCompromise')
                alert = ('bad certificate status response' if version == '1.2'
                         else 'certificate revoked')
                server.wait_for(alert.encode())

        @test(f"another certificate's staple is refused, TLS {version}")
        def _():
            port = free_port()
            with s_server(port, key, cert, '-status_file', foreign) as server:
                server.wait_for(b'ACCEPT')
                check(connect(port, '--tls-min', version, '--tls-max', version),
                      1, 'ERR_TLSTREAM_BAD_STAPLE: .*another certificate')

        @test(f'none is refused where one is required, TLS {version}')
        def _():
            port = free_port()
            with s_server(port, key, cert) as server:
                server.wait_for(b'ACCEPT')
                check(connect(port, '--require-staple', '--tls-max', version),
                      1, 'ERR_TLSTREAM_NO_STAPLE: .*--require-staple')
                check(connect(port, '--tls-max', version), 0)

    # curl looks for the issuer in what was sent.
    chain = os.path.join(folder, 'chain.pem')
    with open(chain, 'w') as out:
        for part in (cert, ca.ca):
            with open(part) as file:
                out.write(file.read())
    title = 'curl --cert-status accepts a staple of serve'
    if not have('curl'):
        skip(title, 'curl is not installed')
    else:
        @test(title)
        def _():
            with Serve('--key', key, '--cert', chain, '--ocsp', good) as server:
                with Process('curl', '--silent', '--show-error', '--no-buffer',
                             '--http0.9', '--cert-status', '--cacert', ca.ca,
                             f'https://localhost:{server.port}/') as client:
                    client.wait_for(b'welcome!\n')
            with Serve('--key', key, '--cert', chain) as server:
                done = subprocess.run(
                    ['curl', '--silent', '--cert-status', '--cacert', ca.ca,
                     f'https://localhost:{server.port}/'], capture_output=True,
                    timeout=DEADLINE)
                assert done.returncode == 91, done

    @test('serve reads the file again, and a bad one changes nothing')
    def _():
        def replace(source):
            shutil.copy(source, place + '.new')
            os.rename(place + '.new', place)

        place = os.path.join(folder, 'staple.der')
        replace(good)
        with Serve('--key', key, '--cert', cert, '--ca', ca.ca, '--ocsp',
                   place) as server:
            replace(revoked)
            server.wait_for(rb'ERR_TLSTREAM_OCSP_RESPONSE: --ocsp \S+: it '
                            rb'cannot be stapled .* revoked', 'err')
            check(connect(server.port), 0, 'staple +good')
            replace(statuses.staple('newer.der', cert))
            server.wait_for(b'new connections get the staple of now', 'err')
            check(connect(server.port), 0, 'staple +good')
            server.child.send_signal(signal.SIGHUP)
            server.wait_for(b'SIGHUP: new connections', 'err')
            check(connect(server.port), 0, 'staple +good')
            os.unlink(place)
            server.wait_for(b'ENOENT: --ocsp: cannot read', 'err')
            check(connect(server.port), 0, 'staple +good')

    @test('serve does not start with a staple that proves nothing')
    def _():
        own = ('--key', key, '--cert', cert, '--ca', ca.ca, '--port', '0')
        check(run('serve', '--ocsp', good), 2, '--ocsp is about a certificate')
        for file, reason in ((foreign, 'none of the certificates'),
                             (cert, 'no OCSP response'),
                             (revoked, 'it was revoked on 2026-01-01'),
                             ('no-such.der', 'ENOENT')):
            check(run('serve', *own, '--ocsp', file), 2, reason)

    @test('a stapler asks openssl ocsp')
    def _():
        responder, port = free_port(), free_port()
        place = os.path.join(folder, 'stapling')
        os.mkdir(place)
        own = Authority(place)
        os.rename(own.ca, os.path.join(place, 'ca-cert.pem'))
        own.ca = os.path.join(place, 'ca-cert.pem')
        own.leaf('server', access=f'OCSP;URI:http://127.0.0.1:{responder}/x')
        signed = Statuses(own, place)
        signed.write(os.path.join(place, 'server-cert.pem'))
        with Process('openssl', 'ocsp', '-port', responder, '-index',
                     signed.index, '-CA', signed.ca, '-rsigner', signed.ca,
                     '-rkey', signed.key, '-ndays', '1') as asked:
            asked.wait_for(b'waiting for OCSP client connections')
            with Process(os.path.join(BUILD, 'examples', 'stapling-server'),
                         port, cwd=place) as server:
                server.wait_for(b'a new staple for localhost\n')
                for version in VERSIONS:
                    shown = s_client(port, own.ca, version)
                    assert 'Cert Status: good' in shown, shown
                check(run('connect', '--ca', own.ca, '--require-staple',
                          '--end', f'localhost:{port}'), 0, 'staple +good')

tests_done()
