# SPDX-License-Identifier: MIT
"""--psk and --keylog of tlstream serve and connect: files of pre-shared keys,
connections by them, and the log of their keys."""

import json
import os
import signal
import stat

from harness import Authority, Folder, Serve, check, run, test, tests_done

KEYS = {'device:1': '00112233445566778899aabbccddeeff' * 2,
        'device:2': 'ffeeddccbbaa99887766554433221100' * 2}
LABELS = {'1.2': ['CLIENT_RANDOM'],
          '1.3': ['CLIENT_HANDSHAKE_TRAFFIC_SECRET',
                  'SERVER_HANDSHAKE_TRAFFIC_SECRET', 'EXPORTER_SECRET',
                  'CLIENT_TRAFFIC_SECRET_0', 'SERVER_TRAFFIC_SECRET_0']}


def write(name, text):
    path = os.path.join(folder, name)
    with open(path, 'w') as file:
        os.fchmod(file.fileno(), 0o600)
        file.write(text)
    return path


def lines(*identities):
    return ''.join(f'{name}:{KEYS[name]}\n' for name in identities)


def only(version):
    return '--tls-min', version, '--tls-max', version


with Folder() as folder:
    all_keys = write('all', lines('device:1', 'device:2'))
    second = write('second', '\r\n' + lines('device:2').upper().replace(
        'DEVICE', 'device').replace('\n', '\r\n'))
    unknown = write('unknown', f'device:3:{KEYS["device:1"]}')
    wrong = write('wrong', f'device:1:{KEYS["device:2"]}')

    for version in ('1.2', '1.3'):
        @test(f'a client and a server with a key each, TLS {version}')
        def _():
            with Serve('--psk', all_keys, *only(version)) as server:
                done = run('connect', server.address, '--psk', second,
                           '--end', stdin=b'hello\n')
                check(done, 0, r'psk +device:2\n', r'authorized +yes\n')
                assert done.out == b'welcome!\nhello\n', done
                server.wait_for(rb'authorized yes as "device:2" \(PSK\)\n',
                                'err')
                assert 'ephemeral' not in server.log, server.log

        @test(f'who has no key, or another one, is refused, TLS {version}')
        def _():
            with Serve('--psk', all_keys, *only(version)) as server:
                check(run('connect', server.address, '--psk', unknown), 1,
                      'alert unknown_psk_identity')
                server.wait_for(rb'ERR_TLSTREAM_UNKNOWN_PSK: .*"device:3"',
                                'err')
                check(run('connect', server.address, '--psk', wrong), 1,
                      'ERR_TLSTREAM_ALERT')
                server.wait_for(rb'ERR_TLSTREAM_PSK_MISMATCH: .*"device:1"',
                                'err')
                check(run('connect', server.address), 1, 'ERR_TLSTREAM_ALERT')

        @test(f'--json has the identity, TLS {version}')
        def _():
            with Serve('--psk', all_keys, *only(version)) as server:
                done = run('connect', server.address, '--psk', second,
                           '--json')
                check(done, 0)
                shown = json.loads(done.out)
                assert shown['pskIdentity'] == 'device:2', shown
                assert shown['authorized'] is True, shown
                assert shown['peerCertificate'] is None, shown

        @test(f'--keylog appends the same keys on both sides, TLS {version}')
        def _():
            ours = os.path.join(folder, f'ours-{version}')
            theirs = os.path.join(folder, f'theirs-{version}')
            with Serve('--psk', all_keys, '--keylog', theirs,
                       *only(version)) as server:
                for count in (1, 2):
                    check(run('connect', server.address, '--psk', second,
                              '--keylog', ours, '--end'), 0,
                          r'INSECURE: .*--keylog')
                    with open(ours) as one, open(theirs) as two:
                        logged = sorted(one.read().splitlines())
                        assert logged == sorted(two.read().splitlines())
                    labels = sorted(LABELS[version] * count)
                    assert [line.split()[0] for line in logged] == labels
                assert 'INSECURE' in server.log, server.log
            for path in (ours, theirs):
                mode = stat.S_IMODE(os.stat(path).st_mode)
                assert mode == 0o600, oct(mode)

    @test('a server with both serves clients with a key and without')
    def _():
        ca = Authority(folder)
        key, cert = ca.leaf('localhost')
        with Serve('--psk', all_keys, '--key', key, '--cert', cert) as server:
            check(run('connect', server.address, '--psk', second, '--end'), 0,
                  'psk +device:2')
            done = run('connect', server.address, '--ca', ca.ca,
                       '--servername', 'localhost', '--end')
            check(done, 0, 'authorized +yes')
            assert 'psk' not in done.err, done

    @test('--unix needs no name with a key')
    def _():
        path = os.path.join(folder, 'socket')
        with Serve('--psk', all_keys) as server:
            assert server.port
        check(run('connect', '--unix', path, '--psk', second), 1, 'ENOENT')

    @test('SIGHUP reads the keys again')
    def _():
        path = write('changing', lines('device:1'))
        with Serve('--psk', path) as server:
            check(run('connect', server.address, '--psk', second), 1,
                  'unknown_psk_identity')
            write('changing', lines('device:2'))
            server.signal(signal.SIGHUP)
            server.wait_for(rb'SIGHUP: new connections get', 'err')
            check(run('connect', server.address, '--psk', second, '--end'), 0)

    @test('a file of keys that is none is an error that shows no key')
    def _():
        for text, words in (
                ('device', 'line 1: not IDENTITY:KEY'),
                ('\ndevice:', '--psk: a key has 16 to 256'),
                ('device:0011', '--psk: a key has 16 to 256'),
                (':' + KEYS['device:1'], '--psk: an identity has 1 to 256'),
                ('device:' + KEYS['device:1'] + '0', 'line 1: not IDENTITY'),
                (lines('device:1') + 'device:xyz', 'line 2: not IDENTITY'),
                ('a\0b:' + KEYS['device:1'], 'line 1: not IDENTITY'),
                ('', 'no key in it'), ('\n\n', 'no key in it')):
            path = write('bad', text)
            for command in (('serve',), ('connect', '127.0.0.1:1')):
                done = run(*command, '--psk', path)
                check(done, 2, words)
                assert KEYS['device:1'][:16] not in done.err, done

    @test('files that cannot be used are errors')
    def _():
        for command in (('serve',), ('connect', '127.0.0.1:1')):
            check(run(*command, '--psk', os.path.join(folder, 'missing')), 2,
                  'missing')
            check(run(*command, '--psk', all_keys, '--keylog', folder), 2,
                  'EISDIR: --keylog: cannot write to')

    @test('a file of keys that all may read is warned about')
    def _():
        path = write('open', lines('device:1'))
        os.chmod(path, 0o644)
        check(run('connect', '127.0.0.1:1', '--psk', path), 1,
              'warning: every user of this machine can read the key')

    @test('a key that is logged nowhere leaves no file')
    def _():
        with Serve('--psk', all_keys,
                   env={'SSLKEYLOGFILE': os.path.join(folder, 'env')}
                   ) as server:
            check(run('connect', server.address, '--psk', second, '--end',
                      env={'SSLKEYLOGFILE': os.path.join(folder, 'env')}), 0)
        assert not os.path.exists(os.path.join(folder, 'env'))

    tests_done()
