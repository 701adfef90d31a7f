# SPDX-License-Identifier: MIT
"""Our JSON of a certificate and Node's object of the same one, field by field:
getPeerCertificate(), getCertificate() and X509Certificate. Every difference
that is meant is in one table, DIFFERENCES."""

import json
import os
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, '..', 'cli'))
from forge import (BIT_STRING, BMP, Forge, IA5, NUMERIC, PRINTABLE, T61,  # noqa
                   UNIVERSAL, UTF8, access, address, alt_names, common_name,
                   der, directory, dns, email, extension, integer, name, oid,
                   other_name, registered_id, sequence, uri)
from harness import (DEADLINE, Folder, Process, TOOL, check, have, run,  # noqa
                     skip, test, tests_done)

# In our JSON alone: the list, and what Node has in X509Certificate.
BEYOND = {'subjectAltNames', 'publicKey', 'asymmetricKeyType',
          'signatureAlgorithm', 'signatureAlgorithmOid'}

NO_KEY = 'Node leaves out a key that OpenSSL cannot use; we show its bytes'
TWO = 'of two alternative name extensions Node takes the first, we neither: '\
      'another reader may take the other one (RFC 5280, 4.2: at most one)'

NO_TEXT = 'Node drops the whole subject for one part that is no text'

# Which certificate, which of its properties, and why.
DIFFERENCES = {
    ('doubled names', 'subjectaltname'): TWO,
    ('a name that is no text', 'subject'): NO_TEXT,
    ('an unknown curve', 'asn1Curve'): NO_KEY,
    ('an unknown curve', 'pubkey'): NO_KEY,
    ('an unknown curve', 'publicKey'): NO_KEY,
    ('an unknown curve', 'asymmetricKeyType'): NO_KEY,
    ('a point that is not on the curve', 'asn1Curve'): NO_KEY,
    ('a point that is not on the curve', 'nistCurve'): NO_KEY,
    ('a point that is not on the curve', 'pubkey'): NO_KEY,
    ('a point that is not on the curve', 'publicKey'): NO_KEY,
    ('a point that is not on the curve', 'asymmetricKeyType'): NO_KEY,
    ('an unknown algorithm', 'publicKey'): NO_KEY,
    ('an unknown algorithm', 'asymmetricKeyType'): NO_KEY,
    ('a key of RSA that is none', 'publicKey'): NO_KEY,
    ('a key of RSA that is none', 'asymmetricKeyType'): NO_KEY,
}

EVERY_KIND = r'''
subjectAltName=@names
authorityInfoAccess=@access
extendedKeyUsage=serverAuth,clientAuth,1.2.3.4
basicConstraints=critical,CA:true
[access]
OCSP;URI.1=http://ocsp.test/
caIssuers;URI.1=http://ca.test/a
caIssuers;URI.2=ldap://ca.test/cn=a,dc=b
1.2.3.4;email.1=x@y.test
OCSP;dirName.1=who
[names]
DNS.1=a.test
DNS.2=*.b.test
IP.1=127.0.0.1
IP.2=2001:db8::ff:1
IP.3=::
IP.4=::ffff:1.2.3.4
email.1=me@a.test
URI.1=https://a.test/b?c=d
URI.2=http://a.test/x,y'z
RID.1=1.2.3.4.5
dirName.1=who
otherName.1=1.3.6.1.4.1.311.20.2.3;UTF8:user@a.test
otherName.2=1.3.6.1.5.5.7.8.7;IA5STRING:_imap.a.test
otherName.3=1.3.6.1.5.5.7.8.5;UTF8:xmpp@a.test
otherName.4=1.3.6.1.5.5.7.8.9;UTF8:müller@a.test
otherName.5=1.2.3.4;UTF8:odd
otherName.6=1.3.6.1.4.1.311.20.2.3;IA5STRING:of another type
[who]
C=DE
O=A, B
1.OU=c"d
2.OU=e
CN=Jürgen
'''

MANY_PARTS = ('/C=DE/O=x/CN=a+OU=b+OU=c/OU=d/OU=e/serialNumber=12'
              '/emailAddress=a@b.test/street=s/title=t/1.2.3.4=odd/DC=a/DC=b')

# What a name may hold, and how it might be misread.
TEXTS = {
    'a NUL': b'good.test\0.evil.test',
    'a second name': b'a.test, DNS:evil.test',
    'a line': b'a\nCN=evil',
    'a quote': b'a"b',
    'a quoted name': b'a","b',
    'a backslash': b'a\\u0000b',
    'an apostrophe': b"a'b",
    'a plus and a slash': b'a+O=b/CN=c',
    'a terminal escape': b'\x1b[31m\x07',
    'a DEL': b'a\x7fb',
    'Latin-1': b'\xfc.test',
    'UTF-8': b'\xc3\xbc\xe2\x80\xa8\xf0\x9f\x98\x80',
    'nothing': b'',
}

ECDSA, RSA_KEY = '1.2.840.10045.2.1', '1.2.840.113549.1.1.1'
OCSP, CA_ISSUERS = '1.3.6.1.5.5.7.48.1', '1.3.6.1.5.5.7.48.2'
UPN, SRV = '1.3.6.1.4.1.311.20.2.3', '1.3.6.1.5.5.7.8.7'


class Workshop:
    """Keys and certificates in a folder, by title."""

    def __init__(self, folder):
        self.folder = folder
        self.items = {}
        self.key('p256', 'EC', 'ec_paramgen_curve:P-256')
        self.forge = Forge(self.path('p256.key'))

    def path(self, file):
        return os.path.join(self.folder, file)

    def openssl(self, *args):
        done = subprocess.run(['openssl', *args], stdin=subprocess.DEVNULL,
                              capture_output=True, timeout=DEADLINE)
        assert done.returncode == 0, done.stderr.decode()

    def key(self, label, algorithm, *options):
        choices = [word for each in options for word in ('-pkeyopt', each)]
        self.openssl('genpkey', '-algorithm', algorithm, *choices, '-out',
                     self.path(f'{label}.key'))

    def add(self, title, key=None):
        """Take note of a certificate; with its key it is shown over TLS too."""
        item = {'cert': self.path(f'{len(self.items)}.pem')}
        if key is not None:
            item['key'] = self.path(f'{key}.key')
        self.items[title] = item
        return item['cert']

    def issue(self, title, key='p256', subject='/CN=localhost', over_tls=True,
              extensions='subjectAltName=DNS:localhost', settings='',
              more=()):
        """Have openssl make a certificate."""
        config = self.path('config')
        with open(config, 'w', encoding='utf-8') as out:
            out.write('[req]\ndistinguished_name=dn\nx509_extensions=ext\n'
                      f'{settings}\n[dn]\n[ext]\n{extensions}\n')
        cert = self.add(title, key if over_tls else None)
        self.openssl('req', '-x509', '-new', '-utf8', '-key',
                     self.path(f'{key}.key'), '-subj', subject, '-days', '30',
                     '-config', config, '-out', cert, *more)

    def make(self, title, *extensions, **parts):
        """Forge one, which is for the eye and not for TLS."""
        self.forge.make(self.add(title), extensions=extensions, **parts)


def ask_node(items):
    lines = ''.join(json.dumps(item) + '\n' for item in items)
    done = subprocess.run(['node', os.path.join(HERE, 'certificates.js')],
                          input=lines.encode(), capture_output=True,
                          timeout=3 * DEADLINE)
    assert done.returncode == 0, done.stderr.decode()
    return [json.loads(line) for line in done.stdout.splitlines()]


def ask_us(items):
    """All certificates go through one file, as a chain does."""
    text = b''
    for item in items:
        with open(item['cert'], 'rb') as file:
            text += file.read()
    result = run('cert', 'show', '-', '--json', stdin=text)
    check(result, 0)
    return [json.loads(line) for line in result.out.splitlines()]


seen = set()  # the differences that there were


def compare(title, mine, nodes):
    """The same properties with the same values, but for DIFFERENCES. What is
    null in Node, a damaged extension, is left out by us."""
    for field in sorted(mine.keys() | nodes.keys()):
        if mine.get(field) == nodes.get(field):
            continue
        assert (title, field) in DIFFERENCES, (
            title, field, str(mine.get(field))[:200], str(nodes.get(field))[:200])
        seen.add((title, field))


def compare_all(title, mine, output):
    object_of_node = {k: v for k, v in mine.items() if k not in BEYOND}
    compare(title, object_of_node, output['legacy'])
    compare(title, {'publicKey': mine['publicKey'],
                    'asymmetricKeyType': mine['asymmetricKeyType']},
            output['x509'])
    for side in ('peer', 'own'):
        if side in output:
            compare(title, object_of_node, output[side])


def compare_shop(shop):
    """Node's TLS shows each certificate that has a key; files show the rest."""
    nodes = ask_node(shop.items.values())
    mine = ask_us(shop.items.values())
    assert len(nodes) == len(mine) == len(shop.items)
    for title, one, other in zip(shop.items, mine, nodes):
        compare_all(title, one, other)


def in_folder(function):
    def work():
        with Folder() as folder:
            function(Workshop(folder))
    return work


if not have('node'):
    skip("Node's object of the same certificate", 'no node here')
    tests_done()


@test('keys of every kind')
@in_folder
def _(shop):
    shop.key('rsa', 'RSA', 'rsa_keygen_bits:2048')
    shop.key('exponent 3', 'RSA', 'rsa_keygen_bits:2048',
             'rsa_keygen_pubexp:3')
    shop.key('pss', 'RSA-PSS', 'rsa_keygen_bits:2048')
    shop.key('ed25519', 'ED25519')
    shop.key('ed448', 'ED448')
    for curve in ('P-384', 'P-521', 'secp256k1', 'brainpoolP256r1'):
        shop.key(curve, 'EC', f'ec_paramgen_curve:{curve}')
    for key in ('rsa', 'exponent 3', 'pss', 'p256', 'P-384', 'P-521',
                'ed25519'):
        shop.issue(key, key=key)
    for key in ('secp256k1', 'brainpoolP256r1', 'ed448'):
        shop.issue(key, key=key, over_tls=False)
    compare_shop(shop)


@test('subjects and alternative names of every kind')
@in_folder
def _(shop):
    shop.issue('every kind of name', extensions=EVERY_KIND)
    shop.issue('parts that stand together', subject=MANY_PARTS)
    shop.issue('repeated parts', subject='/OU=a/OU=b/OU=c/CN=x/CN=y')
    shop.issue('UTF8String', subject='/CN=Jürgen 😀 日本')
    shop.issue('BMPString', subject='/CN=Jürgen',
               settings='string_mask=MASK:0x800')
    shop.issue('T61String', subject='/CN=Jürgen',
               settings='string_mask=MASK:0x4')
    shop.issue('no alternative names', extensions='keyUsage=digitalSignature')
    shop.issue('an empty subject', subject='/')
    shop.issue('a long serial number',
               more=('-set_serial', '0x00ff' + 'ab' * 18))
    compare_shop(shop)


@test('any bytes in any kind of name (A3, A8, CVE-2021-44532, 44533)')
@in_folder
def _(shop):
    for what, text in TEXTS.items():
        shop.make(f'DNS: {what}', alt_names(dns(text), dns(b'x.test')))
        shop.make(f'email: {what}', alt_names(email(text)))
        shop.make(f'URI: {what}', alt_names(uri(text)),
                  access((OCSP, uri(text)), (CA_ISSUERS, uri(b'http://x/')),
                         (OCSP, dns(text))))
        shop.make(f'UPN: {what}', alt_names(other_name(UPN, der(UTF8, text))))
        shop.make(f'SRV: {what}', alt_names(other_name(SRV, der(IA5, text))))
        if what != 'Latin-1':  # OpenSSL checks UTF8String while it reads
            shop.make(f'directory: {what}', alt_names(directory(name(
                [('CN', UTF8, text)], [('O', T61, text), ('OU', UTF8, text)]))))
            shop.make(f'UTF8String: {what}', subject=common_name(text))
        for tag in (NUMERIC, PRINTABLE, T61, IA5):
            shop.make(f'{tag}: {what}', subject=common_name(text, tag))
        shop.make(f'BMPString: {what}', subject=common_name(
            text.decode('latin-1').encode('utf-16-be'), BMP))
        shop.make(f'UniversalString: {what}', subject=common_name(
            text.decode('latin-1').encode('utf-32-be'), UNIVERSAL))
    compare_shop(shop)


@test('certificates that are odd in other ways (A18)')
@in_folder
def _(shop):
    shop.make('an unknown curve', spki=sequence(
        sequence(oid(ECDSA), oid('1.2.3.5')), der(3, b'\0\4abcd')))
    shop.make('a point that is not on the curve', spki=sequence(
        sequence(oid(ECDSA), oid('1.2.840.10045.3.1.7')),
        der(3, b'\0\4' + bytes(64))))
    shop.make('an unknown algorithm', spki=sequence(
        sequence(oid('1.2.3.4')), der(3, b'\0abcd')))
    shop.make('a key of RSA that is none', spki=sequence(
        sequence(oid(RSA_KEY), der(5)), der(3, b'\0abcd')))
    shop.make('a name that is no text', issuer=common_name(b'issuer'),
              subject=name([('O', UTF8, b'a')],
                           [('CN', BIT_STRING, b'\0b')]))
    shop.make('addresses of odd lengths',
              alt_names(address(b'abcde'), address(b'')))
    shop.make('an X.400 address', alt_names(der(0xa3, b''), dns(b'a.test')))
    shop.make('an EDI party', alt_names(
        der(0xa5, der(0xa1, der(UTF8, b'x'))), dns(b'a.test')))
    shop.make('a long registered ID',
              alt_names(registered_id('1.2.' + '.'.join(['99999999'] * 40))))
    for what, number in (('names', '2.5.29.17'), ('usages', '2.5.29.37'),
                         ('access', '1.3.6.1.5.5.7.1.1')):
        shop.make(f'broken {what}', extension(number, b'\x30\x05\x82'))
        shop.make(f'empty {what}', extension(number, sequence()))
    shop.make('doubled names', alt_names(dns(b'a.test')),
              alt_names(dns(b'b.test')))
    for number in (0, -1, -129, 1 << 500):
        shop.make(f'serial number {number}', serial=integer(number))
    for first, last in (('500101000000Z', '491231235959Z'),
                        ('20500101000000Z', '99991231235959Z'),
                        ('000229120000Z', '091131095222Z'),
                        ('00000101000000Z', '20160229000000Z'),
                        ('not a time!!!', '20500101000000')):
        shop.make(f'from {first} to {last}', first=first, last=last)
    compare_shop(shop)


@test('ten thousand names and four thousand parts, in bounded time (A17)')
@in_folder
def _(shop):
    shop.make('names', alt_names(*[dns(b'host-%05d.example.test' % i)
                                   for i in range(10000)]))
    shop.make('parts', subject=name(*[[(f'1.2.3.{i}', UTF8, b'v')]
                                      for i in range(4000)]))
    start = time.monotonic()
    ask_us(shop.items.values())
    assert time.monotonic() - start < 5
    compare_shop(shop)


SERVER = '''
const tls = require('tls'), fs = require('fs');
const [key, cert] = process.argv.slice(1).map((name) => fs.readFileSync(name));
const server = tls.createServer({key, cert}, (s) => s.end());
server.listen(0, '127.0.0.1',
              () => console.log('listening on', server.address().port));
'''

CLIENT = '''
const tls = require('tls'), fs = require('fs');
const [port, ca] = process.argv.slice(1);
const s = tls.connect({port, host: '127.0.0.1', ca: fs.readFileSync(ca)});
s.on('secureConnect', () => {
  const plain = (c) => Object.fromEntries(Object.entries(c).map(([k, v]) =>
    [k, Buffer.isBuffer(v) ? v.toString('base64')
      : k === 'issuerCertificate' ? (v === c ? null : plain(v)) : v]));
  console.log(JSON.stringify(plain(s.getPeerCertificate(true))));
  s.end();
});
'''


def strip(chain):
    """Node's properties alone, all the way up."""
    chain = {k: v for k, v in chain.items() if k not in BEYOND}
    if chain.get('issuerCertificate') is None:  # Node's root is its own issuer
        chain.pop('issuerCertificate', None)
    else:
        chain['issuerCertificate'] = strip(chain['issuerCertificate'])
    return chain


@test("the peer's chain up to the root, as Node's client sees it")
@in_folder
def _(shop):
    at = shop.path
    for args in (('ca', '--name', 'Root', '--key', at('root.key'), '--cert',
                  at('root.pem')),
                 ('ca', '--name', 'Middle', '--key', at('middle.key'),
                  '--cert', at('middle.pem'), '--ca', at('root.pem'),
                  '--ca-key', at('root.key')),
                 ('key', '--key', at('leaf.key')),
                 ('request', '--key', at('leaf.key'), '--name', '127.0.0.1',
                  '--request', at('leaf.csr')),
                 ('sign', '--request', at('leaf.csr'), '--ca',
                  at('middle.pem'), '--ca-key', at('middle.key'), '--cert',
                  at('leaf.pem'))):
        check(run('cert', *args), 0)
    with Process('node', '-e', SERVER, at('leaf.key'),
                 at('leaf.pem')) as server:
        port = server.wait_for(rb'listening on (\d+)')[1].decode()
        done = run('connect', f'127.0.0.1:{port}', '--ca', at('root.pem'),
                   '--json')
        check(done, 0)
        facts = json.loads(done.out)
        assert facts['authorized'] is True, facts
        ours = facts['peerCertificate']
        with Process('node', '-e', CLIENT, port, at('root.pem')) as client:
            assert client.wait() == 0, client.output
        nodes = strip(json.loads(client.output['out']))
    assert strip(ours) == nodes, (ours, nodes)
    assert nodes['issuerCertificate']['issuerCertificate']['subject'] == {
        'CN': 'Root'}, nodes


@test('every difference of the table is one')
def _():
    assert seen == set(DIFFERENCES), seen ^ set(DIFFERENCES)


tests_done()
