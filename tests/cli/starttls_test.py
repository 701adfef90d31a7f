# SPDX-License-Identifier: MIT
"""`tlstream connect --starttls`: its requests in plain text, the replies that it
accepts and those that it refuses. The server is simulated here."""

import os
import ssl
import sys

from harness import (Authority, DEADLINE, Folder, Stage, check, run, test,
                     tests_done)

LDAP_ASKED = bytes.fromhex('301d02010177188016') + b'1.3.6.1.4.1.1466.20037'
LDAP_GRANTED = bytes.fromhex('300c02010178070a010004000400')

# What the server sends and expects, in turns; it begins, if with nothing.
DIALOGUES = {
    'smtp': [b'220 mail ESMTP\r\n', b'EHLO localhost\r\n',
             b'250-mail\r\n250-SIZE 1000\r\n250 STARTTLS\r\n', b'STARTTLS\r\n',
             b'220 go ahead\r\n'],
    'imap': [b'* OK [CAPABILITY IMAP4rev1] ready\r\n', b'a CAPABILITY\r\n',
             b'* CAPABILITY IMAP4rev1 STARTTLS LOGINDISABLED\r\na OK done\r\n',
             b'b STARTTLS\r\n', b'b OK begin\r\n'],
    'pop3': [b'+OK ready\r\n', b'STLS\r\n', b'+OK begin\r\n'],
    'postgres': [b'', bytes.fromhex('0000000804d2162f'), b'S'],
    'ldap': [b'', LDAP_ASKED, LDAP_GRANTED],
    'ftp': [b'220-welcome to\r\n220-this server\r\nand be nice\r\n220 ready\r\n',
            b'AUTH TLS\r\n', b'234 begin\r\n'],
}


def receive(actor, wanted):
    """Receive exactly this."""
    received = b''
    while len(received) < len(wanted):
        chunk = actor.recv(4096)
        assert chunk, (received, wanted)
        received += chunk
    assert received == wanted, (received, wanted)


def play(actor, dialogue, piece=4096):
    """Play the server's part, sending chunks of `piece` bytes."""
    for i, words in enumerate(dialogue):
        if i % 2 == 1:
            receive(actor, words)
            continue
        for at in range(0, len(words), piece):
            actor.sendall(words[at:at + piece])


def secure(actor):
    """Continue with TLS: read to the end, send it reversed, close."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    with context.wrap_socket(actor, server_side=True) as inside:
        received = b''.join(iter(lambda: inside.recv(4096), b''))
        inside.sendall(received[::-1])
        try:
            inside.unwrap()
        except (OSError, ssl.SSLError):
            pass  # the client does not have to wait


def connect(stage, protocol, *args):
    return run('connect', stage.address, '--starttls', protocol, '--ca', ca.ca,
               '--quiet', *args, stdin=b'secret')


def leaked(actor):
    """All that the client sends until it closes."""
    try:
        return b''.join(iter(lambda: actor.recv(4096), b''))
    except ConnectionResetError:
        return b''


def refused(protocol, dialogue, *patterns, args=()):
    """The client ends with status 1 and sends no data to this server."""
    def act(actor):
        play(actor, dialogue)
        assert b'secret' not in leaked(actor)

    with Stage(act) as stage:
        result = connect(stage, protocol, *args)
    check(result, 1, *patterns)
    assert result.out == b'', result


with Folder() as folder:
    ca = Authority(folder)
    key, cert = ca.leaf('server')

    for protocol, words in DIALOGUES.items():

        @test(f'{protocol}: asks for TLS, and data follows after it')
        def _():
            for piece in (1, 4096):
                def act(actor):
                    play(actor, words, piece)
                    secure(actor)

                with Stage(act) as stage:
                    result = connect(stage, protocol)
                check(result, 0)
                assert result.out == b'terces', result

        @test(f'{protocol}: bytes after the last reply are refused')
        def _():
            refused(protocol, words[:-1] + [words[-1] + b'250 trust me\r\n'],
                    r'^ERR_TLSTREAM_PLAINTEXT_INJECTED: ')

        @test(f'{protocol}: a server that closes at any step')
        def _():
            for i in range(0, len(words), 2):
                def act(actor):
                    play(actor, words[:i] + [words[i][:-1]])

                with Stage(act) as stage:
                    check(connect(stage, protocol), 1,
                          r'^(ERR_TLSTREAM_CLOSED_IN_HANDSHAKE|ECONNRESET): ')

    @test('a reply before its request is refused')
    def _():
        for protocol in ('smtp', 'imap', 'pop3', 'ftp'):
            words = DIALOGUES[protocol]
            for i in range(0, len(words) - 2, 2):
                refused(protocol, words[:i] + [words[i] + words[i + 2]],
                        r'^ERR_TLSTREAM_PLAINTEXT_INJECTED: ')

    @test('a server that sends nothing, or half a reply, runs into the '
          'timeout')  # E5
    def _():
        for protocol, words in (('smtp', b''), ('smtp', b'220 wait'),
                                ('ldap', b''), ('ldap', LDAP_GRANTED[:8])):
            refused(protocol, [words],
                    r'^ERR_TLSTREAM_CONNECT_TIMEOUT: .* 1000 ms',
                    args=('--idle-timeout', '1'))

    @test('a server without TLS is reported with its reply')
    def _():
        no = r'^ERR_TLSTREAM_NOT_TLS: the server offers no TLS: '
        smtp, imap = DIALOGUES['smtp'], DIALOGUES['imap']
        refused('smtp', [b'554 go away\r\n'], no + "'554 go away'")
        refused('smtp', smtp[:2] + [b'250-mail\r\n250 SIZE\r\n'], no)
        refused('smtp', smtp[:2] + [b'250 X-NOSTARTTLS\r\n'], no)
        refused('smtp', smtp[:4] + [b'454 not today\r\n'], no)
        refused('imap', [b'* PREAUTH hello\r\n'], no)
        refused('imap', imap[:2] + [b'* CAPABILITY IMAP4rev1\r\na OK\r\n'], no)
        refused('imap', imap[:4] + [b'b BAD what?\r\n'], no)
        refused('pop3', [b'-ERR busy\r\n'], no)
        refused('postgres', DIALOGUES['postgres'][:2] + [b'N'], no)
        refused('postgres', DIALOGUES['postgres'][:2] + [b'EFATAL: what?\0'], no)
        refused('ldap', DIALOGUES['ldap'][:2] + [bytes.fromhex(
            '300c02010178070a010204000400')], no)
        refused('ftp', DIALOGUES['ftp'][:2] + [b'502 no\r\n'], no)

    @test('an invalid reply is reported as such')
    def _():
        odd = r'^ERR_TLSTREAM_NOT_TLS: this is not a reply in this protocol: '
        refused('postgres', DIALOGUES['postgres'][:2] + [b'HTTP/1.1 400'], odd)
        refused('ldap', DIALOGUES['ldap'][:2] + [b'HTTP/1.1 400'], odd)
        refused('ldap', DIALOGUES['ldap'][:2] + [b'0\x84\0\0\0\x0c'], odd)
        refused('ldap', DIALOGUES['ldap'][:2] + [b'0\x07\x02\x01\x01\x78\x02'
                                             b'\x0a\x01'], odd)
        refused('smtp', [b'\x1b[2Jnope\r\n'],
                r"offers no TLS: '\\x1b\[2Jnope'")

    @test('the length of lines and replies is limited')
    def _():
        long = r'^ERR_TLSTREAM_NOT_TLS: the reply of the server is too long: '
        refused('smtp', [b'220 ' + b'x' * 5000], long)
        refused('ftp', [b'220-x\r\n' + b'and so on\r\n' * 10000], long)

    @test('a server that cannot be reached')
    def _():
        for protocol in DIALOGUES:
            check(run('connect', '127.0.0.1:1', '--starttls', protocol), 1,
                  r'^ECONNREFUSED: cannot connect to 127.0.0.1')
        check(run('connect', '--unix', os.path.join(folder, 'none'),
                  '--starttls', 'smtp', '--servername', 'localhost'), 1,
              r'^ENOENT: cannot connect to ')
        check(run('connect', 'nobody.invalid:25', '--starttls', 'smtp'), 1,
              r'^E\w+: cannot find the address of nobody\.invalid')

    @test('an unknown protocol is a usage error')
    def _():
        check(run('connect', 'localhost:25', '--starttls', 'gopher'), 2,
              'smtp, imap, pop3, postgres, ldap or ftp')

    tests_done()
