# SPDX-License-Identifier: MIT
"""Where the command connects to, and what the certificate must be for: names
that are not ASCII, addresses with a zone, and addresses in a short form."""

import json
import os
import socket

from harness import (Authority, BUILD, Folder, Serve, check, run, skip, test,
                     tests_done)

LOCALE = {'LC_ALL': 'C.UTF-8'}


def has_ipv6():
    try:
        with socket.socket(socket.AF_INET6) as peer:
            peer.bind(('::1', 0))
        return True
    except OSError:
        return False


def has_idn():
    with open(os.path.join(BUILD, 'meson-info', 'intro-dependencies.json'),
              encoding='utf-8') as file:
        return any(each['name'] == 'libidn2' for each in json.load(file))


with Folder() as folder:
    ca = Authority(folder)
    key, cert = ca.leaf('server', hosts='DNS:localhost,IP:127.0.0.1,IP:::1,'
                        'DNS:xn--bcher-kva.test')

    def connect(target, *args):
        return run('connect', target, '--ca', ca.ca, *args,
                   env={**os.environ, **LOCALE})

    @test('127.1 is 127.0.0.1, to the certificate too')
    def _():
        with Serve('--key', key, '--cert', cert) as server:
            check(connect(f'127.1:{server.port}'), 0, r'authorized +yes')

    @test('serve --host 127.1 has a certificate for 127.0.0.1')
    def _():
        with Serve('--host', '127.1') as server:
            assert server.port > 0
            server.stop()

    @test('an address that is read in two ways is refused, and why')
    def _():
        check(connect('0127.1:443'), 2, 'leading zeros')

    @test('verification of names off: such an address is connected to')
    def _():
        with Serve('--key', key, '--cert', cert) as server:
            check(run('connect', f'0x7f.1:{server.port}', '--insecure'), 0)

    if not has_ipv6():
        skip('a zone says by which interface to go, and is in no certificate',
             'no IPv6')
    else:
        @test('a zone says by which interface to go, and is in no certificate')
        def _():
            with Serve('--host', '::1', '--key', key, '--cert',
                       cert) as server:
                check(connect(f'[::1%lo]:{server.port}'), 0,
                      r'authorized +yes')

        @test('serve --host with a zone, with a certificate and without')
        def _():
            for host in ('::1%1', '::1%lo'):
                for more in ((), ('--key', key, '--cert', cert)):
                    with Serve('--host', host, *more) as server:
                        assert server.port > 0
                        server.stop()

    if not has_idn():
        skip('a name that is not ASCII', 'built without libidn2')
    else:
        @test('a name that is not ASCII is asked for as its ASCII form')
        def _():
            with Serve('--key', key, '--cert', cert) as server:
                target = f'localhost:{server.port}'
                for name in ('bücher.test', 'BÜCHER.test'):
                    check(connect(target, '--servername', name), 0,
                          r'authorized +yes')
                server.wait_for(rb'asked for xn--bcher-kva\.test', 'err')

        @test('the error has both forms of it')
        def _():
            with Serve('--key', key, '--cert', cert) as server:
                check(connect(f'localhost:{server.port}', '--servername',
                              'ä.test'), 1,
                      r'not for ä\.test \(xn--4ca\.test\)')
            check(connect('ä.test.invalid:443'), 1,
                  r'ä\.test\.invalid \(xn--4ca\.test\.invalid\) port 443')

        @test('certificates and contexts for such names')
        def _():
            place = os.path.join(folder, 'idn')
            check(run('cert', 'self-signed', '--name', 'ü.test', '--key',
                      place + '.key', '--cert', place + '.pem'), 0)
            with Serve('--key', key, '--cert', cert, '--context',
                       f'*.ü.test={cert},{key}') as server:
                done = connect(f'localhost:{server.port}', '--servername',
                               'a.ü.test')
                check(done, 1, 'WRONG_NAME')

tests_done()
