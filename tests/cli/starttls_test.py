# SPDX-License-Identifier: MIT
"""`tlstream connect --starttls`: its requests in plain text, the replies that it
accepts and those that it refuses. The server is simulated here."""

import os
import random
import re
import select
import socket
import ssl
import struct
import threading
import time

from harness import (Authority, DEADLINE, Folder, Stage, check, run, test,
                     tests_done)

DAMAGES = 8  # of each protocol
CLIENT_NAME = (socket.gethostname() if '.' in socket.gethostname()
               else '[127.0.0.1]').encode()


def tlv(tag, content, octets=0):
    """BER with a length in the short form, or in the long one with so many
    octets."""
    length = (bytes([len(content)]) if octets == 0 else
              bytes([0x80 | octets]) + len(content).to_bytes(octets, 'big'))
    return bytes([tag]) + length + content


def ldap(result, text=b'', more=b'', number=b'\x01', octets=0, tag=0x78):
    """An LDAPMessage with an ExtendedResponse."""
    response = (tlv(10, bytes([result]), octets) + tlv(4, b'', octets) +
                tlv(4, text, octets) + more)
    return tlv(0x30, tlv(2, number, octets) + tlv(tag, response, octets),
               octets)


NOTICE = tlv(0x8a, b'1.3.6.1.4.1.1466.20036')  # of disconnection
LDAP_ASKED = bytes.fromhex('301d02010177188016') + b'1.3.6.1.4.1.1466.20037'


def mysql(payload, number=0):
    return struct.pack('<I', len(payload))[:3] + bytes([number]) + payload


def mysql_greeting(capabilities, version=b'\x0a'):
    return mysql(version + b'5.7.1-test\0' + struct.pack('<I', 7) +
                 b'12345678\0' + struct.pack('<H', capabilities & 0xffff) +
                 b'\x2d\2\0' + struct.pack('<H', capabilities >> 16) +
                 b'\x15' + bytes(10) + b'123456789012\0'
                 b'caching_sha2_password\0')


MYSQL_ASKED = mysql(struct.pack('<IIB', 0x88a05, 1 << 24, 45) + bytes(23), 1)


def mysql_error(code, text):
    return mysql(b'\xff' + struct.pack('<H', code) + text)


def postgres_error(text):
    fields = b'SFATAL\0VFATAL\0C53300\0M' + text + b'\0\0'
    return b'E' + struct.pack('>I', 4 + len(fields)) + fields


def xmpp_asked(kind):
    return (b"<?xml version='1.0'?><stream:stream xmlns:stream="
            b"'http://etherx.jabber.org/streams' xmlns='jabber:" + kind +
            b"' version='1.0' to='127.0.0.1'>")


XMPP_STREAM = (b"<?xml version='1.0'?><stream:stream xmlns:stream='http://"
               b"etherx.jabber.org/streams' from='a>b' version='1.0'>")
XMPP_TLS = b"xmlns='urn:ietf:params:xml:ns:xmpp-tls'"
XMPP_FEATURES = (b"<stream:features><starttls " + XMPP_TLS +
                 b"><required/></starttls><mechanisms><mechanism>PLAIN"
                 b"</mechanism></mechanisms></stream:features>")
XMPP_ASKED = b"<starttls " + XMPP_TLS + b"/>"


def xmpp(kind):
    return [b'', xmpp_asked(kind), XMPP_STREAM + XMPP_FEATURES, XMPP_ASKED,
            b"<proceed " + XMPP_TLS + b"/>"]


def mail(verb):
    return [b'220 mail ESMTP\r\n', verb + b' ' + CLIENT_NAME + b'\r\n',
            b'250-mail\r\n250-SIZE 1000\r\n250 STARTTLS\r\n',
            b'STARTTLS\r\n', b'220 go ahead\r\n']


# What the server sends and expects, in turns; it begins, if with nothing.
DIALOGUES = {
    'smtp': mail(b'EHLO'),
    'lmtp': mail(b'LHLO'),
    'imap': [b'* OK [CAPABILITY IMAP4rev1] ready\r\n', b'a CAPABILITY\r\n',
             b'* CAPABILITY IMAP4rev1 STARTTLS LOGINDISABLED\r\na OK done\r\n',
             b'b STARTTLS\r\n', b'b OK begin\r\n'],
    'pop3': [b'+OK ready\r\n', b'STLS\r\n', b'+OK begin\r\n'],
    'sieve': [b'"IMPLEMENTATION" "x"\r\n"SASL" {6+}\r\nOK {9}\r\n'
              b'"STARTTLS"\r\nOK "ready"\r\n', b'STARTTLS\r\n',
              b'OK (TAG {2+}\r\n\r\n) "begin"\r\n'],
    'nntp': [b'201 no posting\r\n', b'STARTTLS\r\n', b'382 begin\r\n'],
    'ftp': [b'120 in a minute\r\n220-welcome to\r\n220-this server\r\n'
            b'and be nice\r\n220 ready\r\n',
            b'AUTH TLS\r\n', b'234-begin\r\n234 now\r\n'],
    'ldap': [b'', LDAP_ASKED, ldap(0)],
    'postgres': [b'', bytes.fromhex('0000000804d2162f'), b'S'],
    'mysql': [mysql_greeting(0x88a05), MYSQL_ASKED],
    'xmpp': xmpp(b'client'),
    'xmpp-server': xmpp(b'server'),
    'irc': [b'', b'STARTTLS\r\n',
            b':irc.test NOTICE * :*** Looking up your hostname\r\n'
            b'@time=1 :irc.test 670 * :STARTTLS successful\r\n'],
}


def last_reply(words):
    """The index of the server's last words."""
    return (len(words) - 1) // 2 * 2


def receive(actor, wanted):
    """Receive exactly this."""
    received = b''
    while len(received) < len(wanted):
        chunk = actor.recv(len(wanted) - len(received))
        assert chunk, (received, wanted)
        received += chunk
    assert received == wanted, (received, wanted)


class MuteHost:
    """A port that does not answer, as behind a firewall: Linux drops
    connections while the backlog is full."""

    def __init__(self, family, host, port):
        self.sockets = [socket.socket(family)]
        listener = self.sockets[0]
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(0)
        self.port = listener.getsockname()[1]
        while self._is_answered(family, host):
            pass

    def _is_answered(self, family, host):
        filler = socket.socket(family)
        self.sockets.append(filler)
        filler.setblocking(False)
        filler.connect_ex((host, self.port))
        return bool(select.select([], [filler], [], 0.05)[1])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for each in self.sockets:
            each.close()


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
               '--quiet', '--end', *args, stdin=b'secret')


def leaked(actor):
    """All that the client sends until it closes."""
    try:
        return b''.join(iter(lambda: actor.recv(4096), b''))
    except ConnectionResetError:
        return b''


def refused(protocol, dialogue, *patterns, args=()):
    """The client ends with status 1 and sends no data to this server."""
    def act(actor):
        try:
            play(actor, dialogue)
        except (BrokenPipeError, ConnectionResetError):
            return  # it did not wait for the rest of a long reply
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
            last = last_reply(words)
            refused(protocol, words[:last] + [words[last] + b'250 trust\r\n'],
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
        for protocol, words in DIALOGUES.items():
            for i in range(0, last_reply(words), 2):
                if words[i] == b'':
                    continue  # the client begins
                refused(protocol, words[:i] + [words[i] + words[i + 2]],
                        r'^ERR_TLSTREAM_PLAINTEXT_INJECTED: ')

    @test('a server that sends nothing, or half a reply, runs into the '
          'timeout')  # E5
    def _():
        for protocol, words in (('smtp', b''), ('smtp', b'220 wait'),
                                ('ldap', b''), ('ldap', ldap(0)[:8]),
                                ('mysql', b'\x10\0'), ('xmpp', b'<')):
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
        refused('smtp', smtp[:2] + [b'250 X-STARTTLS\r\n'], no)
        refused('smtp', smtp[:4] + [b'454 not today\r\n'], no)
        refused('imap', [b'* PREAUTH hello\r\n'], no)
        refused('imap', [b'* BYE busy\r\n'], no + r"'\* BYE busy'")
        refused('imap', imap[:2] + [b'* CAPABILITY IMAP4rev1\r\na OK\r\n'], no)
        refused('imap', imap[:2] + [b'* BYE busy\r\n'], no)
        refused('imap', imap[:4] + [b'b BAD what?\r\n'], no)
        refused('pop3', [b'-ERR busy\r\n'], no)
        refused('ftp', DIALOGUES['ftp'][:2] + [b'502 no\r\n'], no)
        refused('nntp', [b'400 busy\r\n'], no)
        refused('nntp', DIALOGUES['nntp'][:2] + [b'580 no\r\n'], no)
        refused('sieve', [b'"SASL" "STARTTLS"\r\nOK\r\n'], no)
        refused('sieve', [b'BYE "busy"\r\n'], no)
        refused('sieve', DIALOGUES['sieve'][:2] + [b'NO {3}\r\nbad\r\n'], no)
        for words in (b':x 691 * :no\r\n', b'ERROR :bye\r\n',
                      b':x 421 * STARTTLS :what?\r\n'):
            refused('irc', DIALOGUES['irc'][:2] + [words], no)

    @test('a name that a mail server does not take, and --name')
    def _():
        refused('smtp', DIALOGUES['smtp'][:2] + [b'504 5.5.2 no name\r\n'],
                "refuses EHLO .*--name.*: '504 5.5.2 no name'")
        for protocol, verb in (('smtp', b'EHLO'), ('lmtp', b'LHLO')):
            refused(protocol, [b'220 mail\r\n', verb + b' me.test\r\n', b'5\r\n'],
                    f'refuses {verb.decode()} ', args=('--name', 'me.test'))
        refused('xmpp', [b'', xmpp_asked(b'client').replace(b'127.0.0.1',
                                                            b'a.test')],
                'CLOSED_IN_HANDSHAKE|CONNECT_TIMEOUT',
                args=('--name', 'a.test', '--idle-timeout', '1'))
        for name in ('a b', 'a\r\nRSET', "'", '<', ''):
            check(run('connect', 'localhost:25', '--starttls', 'smtp',
                      f'--name={name}'), 2, '--name .* is no name of a host')
        check(run('connect', 'localhost:25', '--name', 'a.test'), 2,
              '--name needs --starttls')

    @test('the address of an IPv6 connection as a name')
    def _():
        try:
            listener = socket.create_server(('::1', 0), family=socket.AF_INET6)
        except OSError:
            return  # there is no IPv6 here
        output = []

        def act():
            peer, _ = listener.accept()
            peer.sendall(b'220 mail\r\n')
            output.append(peer.recv(4096))
            peer.close()

        with listener:
            thread = threading.Thread(target=act)
            thread.start()
            run('connect', f'[::1]:{listener.getsockname()[1]}', '--starttls',
                'smtp')
            thread.join(DEADLINE)
        own = CLIENT_NAME.replace(b'[127.0.0.1]', b'[IPv6:::1]')
        assert output == [b'EHLO ' + own + b'\r\n'], output

    @test('LDAP: a length in every form, and messages before the answer')
    def _():
        notice = ldap(52, more=tlv(0x8a, b'1.2.3'), number=b'\0')
        intermediate = ldap(0, tag=0x79)
        for words in (*(ldap(0, octets=octets) for octets in (1, 2, 4, 8, 100)),
                      ldap(0, number=b'\0\0\1'),
                      ldap(0, more=tlv(0x8a, b'1.3.6.1.4.1.1466.20037', 4)),
                      tlv(0x30, b'\2\1\1' + ldap(0)[5:] + tlv(0xa0, b''), 2),
                      notice + intermediate + ldap(0)):
            for piece in (1, 4096):
                def act(actor):
                    play(actor, DIALOGUES['ldap'][:2] + [words], piece)
                    secure(actor)

                with Stage(act) as stage:
                    check(connect(stage, 'ldap'), 0)

    @test('LDAP: result codes have names, and notices are read')
    def _():
        asked = DIALOGUES['ldap'][:2]
        for octets in (0, 1, 4):
            refused('ldap', asked + [ldap(52, b'no \x1b[31m', octets=octets)],
                    r"offers no TLS: unavailable \(52\): 'no \\x1b\[31m'")
        refused('ldap', asked + [ldap(2)],
                r'offers no TLS: protocolError \(2\)\n')
        refused('ldap', asked + [ldap(77)],
                r'offers no TLS: result code \(77\)')
        refused('ldap', asked + [ldap(51, b'later', NOTICE, b'\0', 4)],
                r"the server ends the connection: busy \(51\): 'later'")

    @test('PostgreSQL: an error is shown, whatever its form')
    def _():
        asked = DIALOGUES['postgres'][:2]
        refused('postgres', asked + [b'N'], 'offers no TLS: it answers N.* off')
        error = r'^ERR_TLSTREAM_NOT_TLS: the server answers with an error'
        for words in (postgres_error(b'too many \x1b[2J'),
                      postgres_error(b'too many \x1b[2J') + b'more'):
            refused('postgres', asked + [words],
                    error + r": 'FATAL 53300: too many \\x1b\[2J'")
        for words in (b'EFATAL:  no fork\n\0', b'EFATAL:  no fork\n\0more'):
            refused('postgres', asked + [words], error + ": 'FATAL:  no fork'")
        refused('postgres', asked + [postgres_error(b'x' * 3000)],
                error + ": 'FATAL 53300: x+'")

        def broken(words):
            def act(actor):
                play(actor, asked + [words], 1)
            return act

        for words, shown in ((b'Eno for', ": 'no for'"), (b'E', '\n'),
                             (b'E\0\0', '\n'),
                             (postgres_error(b'too many')[:-5],
                              ": 'FATAL 53300: too m'")):
            with Stage(broken(words)) as stage:
                check(connect(stage, 'postgres'), 1, error + shown)

    @test('MySQL: errors are shown, and servers without TLS named')
    def _():
        error = '^ERR_TLSTREAM_NOT_TLS: the server answers with error '
        refused('mysql', [mysql_error(1040, b'#08004Too many connections')],
                error + "1040: 'Too many connections'")
        refused('mysql', [mysql_error(1129, b'Host \x1b is blocked')],
                error + r"1129: 'Host \\x1b is blocked'")
        refused('mysql', [mysql_greeting(0x88205)],
                "offers no TLS; its version is: '5.7.1-test'")
        refused('mysql', [mysql_greeting(0, b'\x09')], 'offers no TLS: .* 9')

    @test('XMPP: a stream without TLS, and streams that end')
    def _():
        for protocol in ('xmpp', 'xmpp-server'):
            opened = DIALOGUES[protocol][:2]
            asked = DIALOGUES[protocol][:4]
            for words in (b'<stream:features/>',
                          b'<stream:features><a>starttls</a></stream:features>',
                          b'<stream:features><a><starttls/></a>'
                          b'</stream:features>'):
                refused(protocol, opened + [XMPP_STREAM + words],
                        'offers no TLS: `starttls` is not among')
            refused(protocol, opened + [b'<stream:stream>'], 'offers no TLS')
            refused(protocol, opened + [XMPP_STREAM + b'<stream:error>'
                                        b"<host-unknown xmlns='x'/>"],
                    "ends the stream: 'host-unknown'")
            refused(protocol, opened + [XMPP_STREAM + b'</stream:stream>'],
                    'ends the stream')
            refused(protocol, asked + [b'<failure ' + XMPP_TLS + b'/>'],
                    'offers no TLS')
            refused(protocol, asked + [b'</stream:stream>'], 'ends the stream')
            refused(protocol, asked + [b'<stream:error><reset/>'],
                    "ends the stream: 'reset'")

            def act(actor):
                play(actor, asked + [b'\n<a><b/></a><proceed ' + XMPP_TLS +
                                     b'></proceed>'], 1)
                secure(actor)

            with Stage(act) as stage:
                check(connect(stage, protocol), 0)

    @test('an invalid reply is reported as such')
    def _():
        odd = r'^ERR_TLSTREAM_NOT_TLS: this is not a reply in this protocol: '
        for protocol in ('postgres', 'ldap', 'mysql', 'xmpp', 'irc'):
            begin = DIALOGUES[protocol][:last_reply(DIALOGUES[protocol])][:2]
            refused(protocol, begin + [b'HTTP/1.1 400 Bad Request\r\n'], odd)
        for words in (b'0\x07\x02\x01\x01\x78\x02\x0a\x01',  # cut inside
                      b'0\x80\x02\x01\x01' + ldap(0)[5:] + b'\0\0',
                      ldap(0, number=b'\2'), ldap(0, tag=0x61),
                      ldap(0, number=b'\1' * 9)):
            refused('ldap', DIALOGUES['ldap'][:2] + [words], odd)
        for words in (mysql(b''), mysql(b'\x0a'), mysql(b'\x0a5.7\0abc'),
                      mysql(b'\xff\1'), mysql(b'SSH'),
                      mysql_greeting(0x800)[:3] + b'\1' +
                      mysql_greeting(0x800)[4:]):
            refused('mysql', [words], odd)
        for words in (b'<!DOCTYPE a>', b'hello <a>', b'<html>', b'<>', b'</>',
                      b'\0<a>'):
            refused('xmpp', DIALOGUES['xmpp'][:2] + [words], odd)
        refused('smtp', [b'\x1b[2Jnope\r\n'],
                r"offers no TLS: '\\x1b\[2Jnope'")

    @test('damaged replies fail, and nothing else happens')
    def _():
        chance = random.Random(18)
        for protocol, words in DIALOGUES.items():
            for _ in range(DAMAGES):
                step = chance.randrange(0, last_reply(words) + 1, 2)
                damaged = bytearray(words[step])
                for _ in range(chance.randrange(4)):
                    at = chance.randrange(len(damaged) + 1)
                    damaged[at:at + chance.randrange(3)] = chance.randbytes(
                        chance.randrange(3))

                def act(actor):
                    play(actor, words[:step] + [bytes(damaged)])

                with Stage(act) as stage:
                    result = connect(stage, protocol)
                check(result, 1, r'^(ERR_TLSTREAM_|ECONNRESET|EPIPE)')
                assert result.out == b'', (protocol, bytes(damaged), result)

    @test('the length of lines and replies is limited')
    def _():
        long = r'^ERR_TLSTREAM_NOT_TLS: the reply of the server is too long: '
        refused('smtp', [b'220 ' + b'x' * 5000], long)
        refused('ftp', [b'220-x\r\n' + b'and so on\r\n' * 10000], long)
        ldap_asked, xmpp_begun = DIALOGUES['ldap'][:2], DIALOGUES['xmpp'][:2]
        for words in (b'0\x84\x7f\xff\xff\xff', b'0\x82\x20\x00'):
            refused('ldap', ldap_asked + [words], long)
        refused('ldap', ldap_asked + [ldap(0, tag=0x79) * 8000], long)
        refused('postgres', DIALOGUES['postgres'][:2] + [b'E\0\xff\0\0'], long)
        refused('postgres', DIALOGUES['postgres'][:2] + [b'E' + b'x' * 5000],
                long)
        refused('mysql', [b'\0\x20\0\0'], long)
        refused('xmpp', xmpp_begun + [b"<a b='" + b'x' * 5000], long)
        for protocol, words in (
                ('xmpp', xmpp_begun + [XMPP_STREAM + b'<a>x' * 20000]),
                ('sieve', [b'"X" {99999+}\r\n' + b'x' * 99999])):
            refused(protocol, words, 'the reply of the server is too long')
        refused('irc', DIALOGUES['irc'][:2] + [b'NOTICE * :x\r\n' * 8000], long)
        refused('irc', DIALOGUES['irc'][:2] + [b'NOTICE * :' + b'x' * 5000],
                long)

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

    @test('an address that does not answer delays the others a moment only')
    def _():
        places = {(socket.AF_INET, '127.0.0.1'), (socket.AF_INET6, '::1')}
        known = {(row[0], row[4][0]) for row in
                 socket.getaddrinfo('localhost', 1, type=socket.SOCK_STREAM)}
        if not places <= known:
            return  # localhost has one address here

        def act(actor):
            play(actor, DIALOGUES['pop3'])
            secure(actor)

        for good in places:
            [mute] = places - {good}
            with Stage(act, *good) as stage, MuteHost(*mute, stage.port):
                begin = time.monotonic()
                check(run('connect', f'localhost:{stage.port}', '--starttls',
                          'pop3', '--ca', ca.ca), 0)
                assert time.monotonic() - begin < 5

    @test('a server that does not answer at all')
    def _():
        with MuteHost(socket.AF_INET, '127.0.0.1', 0) as mute:
            check(run('connect', f'127.0.0.1:{mute.port}', '--starttls',
                      'smtp', '--idle-timeout', '1'), 1,
                  '^ERR_TLSTREAM_CONNECT_TIMEOUT: ')

    @test('an unknown protocol is a usage error')
    def _():
        check(run('connect', 'localhost:25', '--starttls', 'gopher'), 2,
              f'is {", ".join(list(DIALOGUES)[:-1])} or irc, not')

    tests_done()
