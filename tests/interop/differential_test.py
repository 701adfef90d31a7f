# SPDX-License-Identifier: MIT
"""The same scenarios with Node's tls and with tlstream, as client and as server,
with the same certificates: both see the same, or the difference is in the list
of docs/node-tls.md."""

import json
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                '..', 'cli'))
from harness import (Authority, DEADLINE, Folder, Process, ROOT, Serve,  # noqa
                     free_port, have, run, skip, test, tests_done)

# Node's word for it, where it is not ours.
NAMES = {
    'ERR_TLSTREAM_WRONG_NAME': 'ERR_TLS_CERT_ALTNAME_INVALID',
    # The error of Node for a certificate that never came.
    'ERR_TLSTREAM_NO_PEER_CERTIFICATE': 'UNABLE_TO_GET_ISSUER_CERT',
}

# What is different on purpose: row of docs/node-tls.md -> was it seen?
DIFFERENCES = {
    'first-cause': False,
    'common-name': False,
    'case-of-names': False,
}

VERSIONS = ('1.2', '1.3')


class Node:
    """The other implementation."""

    def __init__(self):
        script = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                              'differential.js')
        self.process = Process('node', script, apart=True)
        self.last = 0

    def ask(self, what, **more):
        self.last += 1
        line = json.dumps({'id': self.last, 'what': what, **more}) + '\n'
        self.process.send(line.encode())
        return self.last

    def answers(self, number):
        lines = self.process.output['out'].split(b'\n')[:-1]
        return [each for each in map(json.loads, lines)
                if each['id'] == number]

    def answer(self, number, index=0):
        one = rb'(?:^|\n)\{"id":%d[,}]' % number
        self.process.wait_for(rb'(?s)' + rb'.*'.join([one] * (index + 1)) +
                              rb'[^\n]*\n')
        found = self.answers(number)[index]
        del found['id']
        return found

    def connect(self, **options):
        return self.answer(self.ask('connect', options=options))

    def listen(self, contexts=(), **options):
        number = self.ask('listen', options=options, contexts=contexts)
        return number, self.answer(number)['port']

    def close(self, server):
        self.answer(self.ask('close', server=server))


def differs(row):
    DIFFERENCES[row] = True


def same_verdict(ours, theirs):
    """The chain's errors: Node reports the last of them, tlstream the first."""
    first = NAMES.get(ours['authorizationError'], ours['authorizationError'])
    last = theirs['authorizationError']
    if first != last and last is not None:
        every = [NAMES.get(each['code'], each['code'])
                 for each in ours['authorizationErrors']]
        assert every[0] == first and last in every[1:], (every, last)
        differs('first-cause')
    else:
        assert first == last, (ours, theirs)
    assert ours['authorized'] == theirs['authorized'], (ours, theirs)


def same(ours, theirs, *names):
    for name in names:
        mine = ours.get(name)
        assert mine == theirs.get(name), (
            f'{name}: tlstream {mine!r}, Node {theirs.get(name)!r}\n'
            f'{ours}\n{theirs}')


def same_certificate(ours, theirs):
    """Every field that both have; certificate_node_test.py looks closer."""
    mine, other = ours['peerCertificate'], theirs['peerCertificate']
    assert (mine is None) == (other is None), (mine, other)
    for name in other or ():
        if name in mine:
            assert mine[name] == other[name], (name, mine, other)
    assert mine is None or len(set(mine) & set(other)) >= 8, (mine, other)


def tlstream_connect(port, *args):
    """The facts as JSON, or the name of the error."""
    result = run('connect', f'127.0.0.1:{port}', '--json', *args)
    facts = json.loads(result.out)
    # A server may refuse a certificate after the handshake.
    if facts.get('protocol'):
        return facts
    return {'error': facts['error']['code']}


def node_files(pair):
    return {'key': pair[0], 'cert': pair[1]} if pair else {}


def our_files(pair):
    return ('--key', pair[0], '--cert', pair[1]) if pair else ()


def later_leaf(authority, name):
    """A certificate that is not valid yet."""
    key, _ = authority.leaf(name)
    config, cert = authority.path('later.cnf'), authority.path(f'{name}.pem')
    for file in ('index.txt', 'index.txt.attr'):
        open(authority.path(file), 'w').close()
    with open(config, 'w') as out:
        out.write(f'''[ca]
default_ca = x
[x]
database = {authority.path('index.txt')}
new_certs_dir = {authority.folder}
rand_serial = yes
default_md = sha256
policy = any
[any]
commonName = supplied
''')
    authority._openssl(
        'ca', '-batch', '-notext', '-config', config, '-cert', authority.ca,
        '-keyfile', authority.path('ca-key.pem'), '-in',
        authority.path(f'{name}.csr'), '-extfile',
        authority.path(f'{name}.cnf'), '-startdate', '20400101000000Z',
        '-enddate', '20410101000000Z', '-out', cert)
    return key, cert


def self_signed(authority, name):
    key, cert = authority.path(f'{name}-key.pem'), authority.path(f'{name}.pem')
    done = run('cert', 'self-signed', '--name', 'localhost', '--key', key,
               '--cert', cert)
    assert done.status == 0, done
    return key, cert


def make_certificates(authority, other):
    return {
        'an ECDSA certificate': authority.leaf('good'),
        'an RSA certificate': authority.leaf('rsa', kind='rsa'),
        'a wildcard': authority.leaf('wild', hosts='DNS:*.example.test'),
        'an address only': authority.leaf('address', hosts='IP:127.0.0.1'),
        'another name': authority.leaf('wrong', hosts='DNS:other.test'),
        'many names': authority.leaf(
            'many', hosts='DNS:a.test,DNS:localhost,IP:::1,email:x@y.test,'
            'URI:https://localhost/'),
        'an expired certificate': authority.leaf('old', days=-1),
        'a certificate of the future': later_leaf(authority, 'later'),
        'a self-signed certificate': self_signed(authority, 'self'),
        'an unknown issuer': other.leaf('untrusted'),
    }


def client_scenarios(node, authority, other, certificates):
    """What a client sees of a server: certificates x trust x versions."""
    for kind, pair in certificates.items():
        server, port = node.listen(**node_files(pair))
        for trust, ca in (('its issuer', authority.ca),
                          ('another CA', other.ca)):
            for version in VERSIONS:
                def scenario():
                    theirs = node.connect(
                        port=port, servername='localhost', ca=ca,
                        rejectUnauthorized=False, minVersion=f'TLSv{version}',
                        maxVersion=f'TLSv{version}')
                    ours = tlstream_connect(
                        port, '--servername', 'localhost', '--ca', ca,
                        '--insecure', '--tls-min', version, '--tls-max',
                        version)
                    same(ours, theirs, 'protocol', 'cipher', 'alpnProtocol')
                    same_certificate(ours, theirs)
                    if kind == 'an address only' and theirs['authorized']:
                        # A6: the common name is localhost, and Node looks at
                        # it.
                        assert ours['authorizationError'] == \
                            'ERR_TLSTREAM_WRONG_NAME', ours
                        differs('common-name')
                    else:
                        same_verdict(ours, theirs)
                test(f'client, TLS {version}: {kind}, trusting {trust}')(
                    scenario)
        node.close(server)


def name_scenarios(node, authority, certificates):
    """Which certificate is for which name."""
    table = (
        ('a wildcard', 'a.example.test'), ('a wildcard', 'A.EXAMPLE.TEST'),
        ('a wildcard', 'a.b.example.test'), ('a wildcard', 'example.test'),
        ('a wildcard', 'a.example.test.'),
        ('many names', 'a.test'), ('many names', 'b.test'),
        ('another name', 'other.test'),
    )
    for kind, name in table:
        server, port = node.listen(**node_files(certificates[kind]))

        def scenario():
            theirs = node.connect(port=port, servername=name, ca=authority.ca,
                                  rejectUnauthorized=False)
            ours = tlstream_connect(port, '--servername', name, '--ca',
                                    authority.ca, '--insecure')
            same_verdict(ours, theirs)
        test(f'client: {kind} for {name}')(scenario)
        node.close(server)


def ask_both(node, node_server, our_server, **client):
    """The same client comes to both servers; what does each report?"""
    number, port = node_server
    before = len(node.answers(number))
    saw_node = node.connect(port=port, **client)
    theirs = node.answer(number, before)
    count = our_server.output['out'].count(b'\n')
    failed = our_server.output['err'].count(b'\n')
    saw_us = node.connect(port=our_server.port, **client)
    our_server.wait_for(rb'(?s)(?:[^\n]*\n){%d}' % (count + 1)
                        if 'connection' in theirs else rb'', 'out')
    if 'connection' in theirs:
        ours = {'connection': json.loads(
            our_server.output['out'].splitlines()[count])}
    else:
        our_server.wait_for(rb'(?s)(?:[^\n]*\n){%d}' % (failed + 1), 'err')
        assert our_server.output['out'].count(b'\n') == count, our_server.output
        ours = {'refused': True}
    return ours, theirs, saw_us, saw_node


def client_certificate_scenarios(node, authority, other, certificates):
    """What a server sees of a client: policy x certificate x versions."""
    mine = certificates['an ECDSA certificate']
    clients = {
        'no certificate': None,
        'a good one': certificates['an RSA certificate'],
        'an expired one': certificates['an expired certificate'],
        'a self-signed one': certificates['a self-signed certificate'],
        'one of another CA': certificates['an unknown issuer'],
    }
    for policy, node_policy, flags in (
            ('asks nothing', {}, ()),
            ('asks', {'requestCert': True, 'rejectUnauthorized': False},
             ('--request-cert',)),
            ('refuses', {'requestCert': True, 'rejectUnauthorized': True},
             ('--require-cert',))):
        node_server = node.listen(ca=authority.ca, **node_files(mine),
                                  **node_policy)
        with Serve('--ca', authority.ca, '--json', '--quiet', *our_files(mine),
                   *flags) as our_server:
            for kind, pair in clients.items():
                for version in VERSIONS:
                    def scenario():
                        ours, theirs, saw_us, saw_node = ask_both(
                            node, node_server, our_server,
                            servername='localhost', ca=authority.ca,
                            minVersion=f'TLSv{version}',
                            maxVersion=f'TLSv{version}', **node_files(pair))
                        # Node closes the connections that it refuses.
                        if 'connection' not in theirs:
                            assert 'refused' in ours, (ours, theirs)
                            return
                        same(ours['connection'], theirs['connection'],
                             'protocol', 'servername')
                        same_verdict(ours['connection'], theirs['connection'])
                        same_certificate(ours['connection'],
                                         theirs['connection'])
                        same(saw_us, saw_node, 'authorized', 'error',
                             'peerCertificate')
                    test(f'server {policy}, TLS {version}: {kind}')(scenario)
        node.close(node_server[0])


def sni_scenarios(node, authority, certificates):
    """Which certificate a server shows to which client."""
    exact = authority.leaf('exact', hosts='DNS:a.example.test')
    wild = certificates['a wildcard']
    mine = certificates['an ECDSA certificate']
    node_server = node.listen(
        contexts=[('*.example.test', node_files(wild)),
                  ('a.example.test', node_files(exact))], **node_files(mine))
    with Serve('--json', '--quiet', *our_files(mine), '--context',
               f'*.example.test={wild[1]},{wild[0]}', '--context',
               f'a.example.test={exact[1]},{exact[0]}') as our_server:
        for name in ('a.example.test', 'b.example.test', 'B.Example.Test',
                     'a.b.example.test', 'example.test', 'localhost',
                     'x.test', None):
            def scenario():
                asked = {'servername': name} if name else {'servername': ''}
                ours, theirs, saw_us, saw_node = ask_both(
                    node, node_server, our_server, ca=authority.ca,
                    rejectUnauthorized=False, **asked)
                same(ours['connection'], theirs['connection'], 'servername')
                if name == 'B.Example.Test':
                    assert saw_us['peerCertificate']['subjectaltname'] == \
                        'DNS:*.example.test', saw_us
                    differs('case-of-names')
                else:
                    same(saw_us, saw_node, 'peerCertificate')
            test(f'server with contexts: a client asks for {name}')(scenario)
    node.close(node_server[0])


def alpn_scenarios(node, authority, certificates):
    """Which protocol is picked."""
    mine = certificates['an ECDSA certificate']
    lists = ([], ['h2'], ['h2', 'http/1.1'], ['http/1.1', 'h2'], ['spdy/1'])
    for offered in lists:
        for spoken in lists:
            def scenario():
                server = {'ALPNProtocols': spoken} if spoken else {}
                client = {'ALPNProtocols': offered} if offered else {}
                flags = ('--alpn', ','.join(spoken)) if spoken else ()
                node_server = node.listen(**node_files(mine), **server)
                with Serve('--json', '--quiet', *our_files(mine),
                           *flags) as our_server:
                    ours, theirs, saw_us, saw_node = ask_both(
                        node, node_server, our_server, servername='localhost',
                        ca=authority.ca, **client)
                # The text of an alert is OpenSSL's, and the same on both.
                assert saw_us == saw_node, (saw_us, saw_node)
                if 'connection' in theirs:
                    same(ours['connection'], theirs['connection'],
                         'alpnProtocol')
                wanted = ('--alpn', ','.join(offered)) if offered else ()
                seen = tlstream_connect(node_server[1], '--servername',
                                        'localhost', '--ca', authority.ca,
                                        *wanted)
                if 'error' in saw_node:
                    assert seen == {'error': 'ERR_TLSTREAM_ALERT'}, seen
                else:
                    same(seen, saw_node, 'alpnProtocol')
                node.close(node_server[0])
            test(f'ALPN: {spoken} is spoken, {offered} offered')(scenario)


def npn_scenarios(authority, certificates):
    """Node has no NPN any more: OpenSSL's commands are the reference."""
    key, cert = certificates['an ECDSA certificate']
    with Serve('--key', key, '--cert', cert, '--npn', 'spdy/3,http/1.1',
               '--json', '--quiet') as server:
        for offered, picked, agreed in (
                ('spdy/3', 'spdy/3', 'spdy/3'),
                ('http/1.1,spdy/3', 'spdy/3', 'spdy/3'),
                ('x,http/1.1', 'http/1.1', 'http/1.1'),
                ('x,y', 'x', None)):
            def scenario():
                count = server.output['out'].count(b'\n')
                done = subprocess.run(
                    ['openssl', 's_client', '-connect', server.address,
                     '-tls1_2', '-nextprotoneg', offered], input=b'Q\n',
                    capture_output=True, timeout=DEADLINE)
                assert f'Next protocol: ({2 if agreed is None else 1}) ' \
                    f'{picked}'.encode() in done.stdout, done.stdout
                server.wait_for(rb'(?s)(?:[^\n]*\n){%d}' % (count + 1), 'out')
                seen = json.loads(server.output['out'].splitlines()[count])
                assert seen['npnProtocol'] == agreed, seen
            test(f'NPN, server: {offered} is offered by s_client')(scenario)


def npn_client_scenarios(authority, certificates):
    key, cert = certificates['an ECDSA certificate']
    port = free_port()
    with Process('openssl', 's_server', '-accept', port, '-key', key, '-cert',
                 cert, '-tls1_2', '-nextprotoneg', 'spdy/3,http/1.1',
                 '-www') as server:
        server.wait_for(b'ACCEPT')
        for offered, agreed in (('spdy/3', 'spdy/3'),
                                ('http/1.1,spdy/3', 'spdy/3'),
                                ('x,http/1.1', 'http/1.1'), ('x,y', None)):
            def scenario():
                seen = tlstream_connect(port, '--servername', 'localhost',
                                        '--ca', authority.ca, '--npn', offered)
                assert seen.get('npnProtocol') == agreed, seen
                assert seen['authorized'] is True, seen
            test(f'NPN, client: {offered} is offered to s_server')(scenario)


def main():
    with Folder() as folder, Folder() as elsewhere:
        authority, other = Authority(folder), Authority(elsewhere)
        certificates = make_certificates(authority, other)
        npn_scenarios(authority, certificates)
        npn_client_scenarios(authority, certificates)
        if not have('node'):
            skip("Node's tls", 'node is not installed')
            return
        node = Node()
        with node.process:
            client_scenarios(node, authority, other, certificates)
            name_scenarios(node, authority, certificates)
            client_certificate_scenarios(node, authority, other, certificates)
            sni_scenarios(node, authority, certificates)
            alpn_scenarios(node, authority, certificates)

        @test('every difference that is listed is there')
        def _():
            page = os.path.join(ROOT, 'docs', 'node-tls.md')
            with open(page, encoding='utf-8') as file:
                text = file.read()
            for row, seen in DIFFERENCES.items():
                assert seen, row
                assert f'<a id="{row}">' in text, row


main()
tests_done()
