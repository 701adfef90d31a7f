# SPDX-License-Identifier: MIT
"""STARTTLS with the servers that people run: Postfix, Dovecot, PostgreSQL,
OpenLDAP, vsftpd, MariaDB, Prosody and InspIRCd, each started here on a free port with a certificate of the
test's. `tlstream connect --starttls` and the example's client talk to them, and
others' clients to the example's server."""

import glob
import json
import os
import pwd
import re
import shutil
import smtplib
import socket
import ssl
import struct
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                '..', 'cli'))
from harness import (Authority, BUILD, DEADLINE, Folder, Process, TOOL,  # noqa
                     check, free_port, have, run, skip, test, tests_done)

os.environ['PATH'] += ':/usr/sbin:/sbin'
AS_ROOT = os.geteuid() == 0


def find(*patterns):
    """The path of a program, which need not be on the PATH."""
    for pattern in patterns:
        found = shutil.which(pattern) or max(glob.glob(pattern), default=None)
        if found:
            return found
    return None


def write(folder, name, text):
    path = os.path.join(folder, name)
    with open(path, 'w') as file:
        file.write(text)
    return path


def make(folder, name, owner=None, mode=0o755):
    path = os.path.join(folder, name)
    os.mkdir(path)
    os.chmod(path, mode)
    if owner and AS_ROOT:
        os.chown(path, pwd.getpwnam(owner).pw_uid, -1)
    return path


def as_user(user, *command):
    """As another one, for servers that refuse to be root."""
    if user is None or not AS_ROOT:
        return command
    return ('setpriv', f'--reuid={user}', f'--regid={user}', '--clear-groups',
            *command)


class Server(Process):
    """A server in the foreground. It cannot be asked for a free port, so that
    another one is tried when another process was faster."""
    needs_root = False

    def __init__(self, folder, key, cert):
        for attempt in range(3):
            self.port = free_port()
            place = make(folder, f'{self.name}-{attempt}')
            super().__init__(*self.command(place, key, cert), cwd=place,
                             env=self.environment())
            if self.answers():
                return
            self.kill()
        raise AssertionError(self.output)

    def environment(self):
        return None

    def answers(self):
        end = time.monotonic() + DEADLINE
        while time.monotonic() < end and self.child.poll() is None:
            try:
                socket.create_connection(('127.0.0.1', self.port), 10).close()
                return True
            except ConnectionRefusedError:
                time.sleep(0.02)  # it does not report that it is ready
        return False

    def __exit__(self, *trouble):
        self.child.terminate()
        self.wait()
        super().__exit__(*trouble)


class Postfix(Server):
    name = 'postfix'
    program = find('/usr/lib/postfix/sbin/master', '/usr/libexec/postfix/master')
    needs_root = True

    def command(self, place, key, cert):
        queue = make(place, 'queue')
        data = make(place, 'data', 'postfix', 0o700)
        for name in ('pid', 'private', 'public'):
            make(queue, name, 'postfix')
        write(place, 'main.cf', f"""
compatibility_level = 3.6
queue_directory = {queue}
data_directory = {data}
daemon_directory = {os.path.dirname(self.program)}
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mydestination =
local_recipient_maps =
alias_maps =
smtpd_relay_restrictions = reject
smtpd_peername_lookup = no
smtpd_tls_security_level = may
smtpd_tls_cert_file = {cert}
smtpd_tls_key_file = {key}
maillog_file = {place}/log
maillog_file_prefixes = {place}
""")
        write(place, 'master.cf', f"""
127.0.0.1:{self.port} inet n - n - - smtpd
postlog unix-dgram n - n - 1 postlogd
tlsmgr unix - - n 1000? 1 tlsmgr
anvil unix - - n - 1 anvil
rewrite unix - - n - - trivial-rewrite
proxymap unix - - n - - proxymap
""")
        return self.program, '-d', '-c', place


class Dovecot(Server):
    name = 'dovecot'
    program = find('dovecot')
    user = pwd.getpwuid(os.geteuid()).pw_name
    protocols = ('imap', 'pop3')
    secured = ('imaps', 'pop3s')  # listeners to leave out

    def listeners(self):
        """Each login service on its port; the first on `port`."""
        for protocol in self.protocols:
            port = (self.port if protocol == self.protocols[0]
                    else free_port())
            setattr(self, f'{protocol}_port', port)
            yield f"""
service {protocol}-login {{
  inet_listener {protocol} {{
    address = 127.0.0.1
    port = {port}
  }}
"""
            for name in self.secured:
                if name.startswith(protocol):
                    yield f'  inet_listener {name} {{\n    port = 0\n  }}\n'
            yield '}\n'

    def command(self, place, key, cert):
        internal = 'dovecot' if AS_ROOT else self.user
        login = 'dovenull' if AS_ROOT else self.user
        services = [f'{protocol}-login' for protocol in self.protocols]
        chroots = '' if AS_ROOT else '\n'.join(
            f'service {name} {{\n  chroot =\n}}'
            for name in (*services, 'anvil'))
        write(place, 'dovecot.conf', f"""
base_dir = {place}/run
log_path = {place}/log
protocols = {' '.join(self.protocols)}
listen = 127.0.0.1
ssl = yes
ssl_cert = <{cert}
ssl_key = <{key}
default_internal_user = {internal}
default_login_user = {login}
passdb {{
  driver = static
  args = password=secret
}}
{''.join(self.listeners())}
{chroots}
{self.more(place)}
""")
        return (find('dovecot'), '-F', '-c',
                os.path.join(place, 'dovecot.conf'))

    def more(self, place):
        return ''


class Managesieve(Dovecot):
    name = 'managesieve'
    program = find('/usr/lib/dovecot/managesieve-login')
    protocols = ('sieve',)

    def listeners(self):
        return [text.replace('service sieve-login', 'service managesieve-login')
                for text in super().listeners()]


class Lmtp(Dovecot):
    """Without a login: it takes mail for anybody."""
    name = 'lmtp'
    program = find('/usr/lib/dovecot/lmtp')
    protocols = ('lmtp',)

    def listeners(self):
        return [text.replace('service lmtp-login', 'service lmtp')
                for text in super().listeners()]


class Postgres(Server):
    """It refuses to be root."""
    name = 'postgres'
    program = find('/usr/lib/postgresql/*/bin/postgres', 'postgres')
    user = 'postgres' if AS_ROOT else None

    def environment(self):
        return {'LC_ALL': 'C', 'TZ': 'UTC'}

    def answers(self):
        self.wait_for(rb'ready to accept connections')
        return True

    def command(self, place, key, cert):
        data = make(place, 'data', self.user, 0o700)
        initdb = os.path.join(os.path.dirname(self.program), 'initdb')
        made = subprocess.run(
            as_user(self.user, initdb, '-D', data, '-A', 'trust', '-U', 'tester',
                         '-N', '-E', 'UTF8'),
            capture_output=True, timeout=3 * DEADLINE, cwd=place,
            env={**os.environ, **self.environment()})
        assert made.returncode == 0, made
        own_key = shutil.copy(key, os.path.join(data, 'server.key'))
        os.chmod(own_key, 0o600)
        if self.user:
            os.chown(own_key, pwd.getpwnam(self.user).pw_uid, -1)
        return as_user(self.user, 
            self.program, '-D', data, '-p', str(self.port), '-k', '',
            '-h', '127.0.0.1', '-c', 'ssl=on', '-c', f'ssl_cert_file={cert}',
            '-c', 'fsync=off', '-c', f'ssl_key_file={own_key}')


class Slapd(Server):
    name = 'slapd'
    program = find('slapd')

    def command(self, place, key, cert):
        write(place, 'slapd.conf', f"""
pidfile {place}/pid
TLSCACertificateFile {ca.ca}
TLSCertificateFile {cert}
TLSCertificateKeyFile {key}
""")
        return (self.program, '-f', os.path.join(place, 'slapd.conf'), '-d',
                '0', '-h', f'ldap://127.0.0.1:{self.port}')


class Vsftpd(Server):
    name = 'vsftpd'
    program = find('vsftpd')

    def command(self, place, key, cert):
        make(place, 'empty', mode=0o555)
        config = write(place, 'vsftpd.conf', f"""
listen=YES
listen_address=127.0.0.1
listen_port={self.port}
background=NO
run_as_launching_user=YES
anonymous_enable=YES
ssl_enable=YES
allow_anon_ssl=YES
rsa_cert_file={cert}
rsa_private_key_file={key}
secure_chroot_dir={place}/empty
anon_root={place}/empty
xferlog_enable=NO
seccomp_sandbox=NO
""")
        return self.program, config


class Mariadb(Server):
    name = 'mariadb'
    program = find('mariadbd', 'mysqld')
    user = 'mysql' if AS_ROOT else pwd.getpwuid(os.geteuid()).pw_name

    def answers(self):
        self.wait_for(rb'ready for connections')
        return True

    def command(self, place, key, cert):
        data = make(place, 'data', 'mysql', 0o700)
        made = subprocess.run(
            [find('mariadb-install-db', 'mysql_install_db'), '--no-defaults',
             f'--datadir={data}', f'--user={self.user}', '--skip-test-db',
             '--auth-root-authentication-method=normal'],
            capture_output=True, timeout=3 * DEADLINE, cwd=place)
        assert made.returncode == 0, made
        own_key = shutil.copy(key, os.path.join(data, 'server.key'))
        shutil.chown(own_key, self.user)
        return (self.program, '--no-defaults', f'--datadir={data}',
                f'--user={self.user}', '--bind-address=127.0.0.1',
                f'--port={self.port}', f'--socket={data}/socket',
                f'--pid-file={data}/pid', f'--ssl-cert={cert}',
                f'--ssl-key={own_key}', '--innodb-flush-method=fsync',
                '--innodb-use-native-aio=0')


class Prosody(Server):
    name = 'prosody'
    program = find('prosody')

    def command(self, place, key, cert):
        self.server_port = free_port()
        data = make(place, 'data', 'prosody')
        own_key = shutil.copy(key, os.path.join(place, 'server.key'))
        if AS_ROOT:
            shutil.chown(own_key, 'prosody')
        write(place, 'prosody.cfg.lua', f"""
run_as_root = false
daemonize = false
pidfile = "{data}/pid"
data_path = "{data}"
log = {{ {{ levels = {{ min = "info" }}, to = "console" }} }}
interfaces = {{ "127.0.0.1" }}
modules_enabled = {{ "tls", "saslauth", "dialback" }}
modules_disabled = {{ "http" }}
c2s_ports = {{ {self.port} }}
s2s_ports = {{ {self.server_port} }}
c2s_require_encryption = true
s2s_require_encryption = true
VirtualHost "localhost"
  ssl = {{ key = "{own_key}", certificate = "{cert}" }}
""")
        return (*as_user('prosody', self.program), '--config',
                os.path.join(place, 'prosody.cfg.lua'), '-F')


class Inspircd(Server):
    name = 'inspircd'
    program = find('inspircd')

    def command(self, place, key, cert):
        own_key = shutil.copy(key, os.path.join(place, 'server.key'))
        os.chmod(own_key, 0o644)
        make(place, 'data', 'irc')
        config = write(place, 'inspircd.conf', f"""
<server name="irc.test" description="test" network="test">
<admin name="a" nick="a" email="a@irc.test">
<path datadir="{place}/data" logdir="{place}/data" runtimedir="{place}/data">
<pid file="{place}/data/pid">
<module name="ssl_gnutls">
<module name="starttls">
<sslprofile name="Clients" provider="gnutls" certfile="{cert}" keyfile="{own_key}">
<bind address="127.0.0.1" port="{self.port}" type="clients">
<starttls sslprofile="Clients">
<connect allow="*" timeout="60">
<class name="x"><type name="x" classes="x">
<options>
<performance>
<security>
<log method="stdout" type="*" level="default">
""")
        user = ('--runasroot',) if AS_ROOT else ()
        return (self.program, '--nofork', *user, '--config', config)


# The domain that is asked for, where that is not the host that is connected to.
NAMES = {'xmpp': ('--name', 'localhost'), 'xmpp-server': ('--name', 'localhost')}


class Talk(Process):
    """A dialogue inside TLS, at the pace of the server: some drop their
    answers when they read the end of the input."""

    def __init__(self, protocol, port, *args):
        super().__init__(TOOL, 'connect', f'127.0.0.1:{port}', '--starttls',
                         protocol, '--info', '/dev/stderr',
                         *NAMES.get(protocol, ()), *args, apart=True)

    def ask(self, question, answer):
        self.send(question)
        self.wait_for(answer)

    def facts(self):
        line = self.wait_for(rb'(?m)^\{.*\}$', 'err')[0]
        return json.loads(line)


def talk(protocol, port, steps):
    """The same in both versions, with the server's identity checked."""
    for version in ('1.2', '1.3'):
        with Talk(protocol, port, '--end', '--ca', ca.ca, '--tls-min', version,
                  '--tls-max', version) as client:
            facts = client.facts()
            assert facts['protocol'] == f'TLSv{version}', facts
            assert facts['authorized'] is True, facts
            for question, answer in steps:
                client.ask(question, answer)
            client.end_input()
            client.wait()
    refused = ['connect', f'127.0.0.1:{port}', '--starttls', protocol,
               *NAMES.get(protocol, ())]
    check(run(*refused, stdin=b'secret'), 1, r'^(UNABLE_TO_VERIFY|SELF_SIGNED_CERT)_')
    check(run(*refused, '--ca', ca.ca, '--verify-name', 'other.test',
              stdin=b'secret'), 1, r'^ERR_TLSTREAM_WRONG_NAME')


def example(name):
    return os.path.join(BUILD, 'examples', name)


def run_example_client(protocol, port):
    done = subprocess.run([example('starttls-client'), protocol, '127.0.0.1',
                           str(port), 'localhost', ca.ca],
                          capture_output=True, timeout=DEADLINE)
    assert done.returncode == 0, done
    assert done.stdout.startswith(b'secure: TLSv1.3\n'), done
    refused = subprocess.run([example('starttls-client'), protocol,
                              '127.0.0.1', str(port), 'other.test', ca.ca],
                             capture_output=True, timeout=DEADLINE)
    assert refused.returncode == 1, refused
    assert b'ERR_TLSTREAM_WRONG_NAME' in refused.stderr, refused


def startup(user):
    """PostgreSQL's first message, which names the user."""
    words = b'user\0' + user + b'\0database\0postgres\0\0'
    return struct.pack('>II', 8 + len(words), 196608) + words


def query(text):
    return b'Q' + struct.pack('>I', 5 + len(text)) + text + b'\0'


def login_to_mysql():
    """HandshakeResponse41 of the account without a password."""
    words = (struct.pack('<IIB', 0x88a05, 1 << 24, 45) + bytes(23) + b'root\0' +
             b'\0' + b'mysql_native_password\0')
    return struct.pack('<I', len(words))[:3] + b'\x02' + words


BIND = bytes.fromhex('300c020102600702010304008000')
BOUND = bytes.fromhex('300c02010261070a010004000400')

SMTP = [(b'EHLO me\r\n', rb'(?m)^250 .*\r$'), (b'QUIT\r\n', rb'\n221 ')]
IMAP = [(b'c CAPABILITY\r\n', rb'AUTH=PLAIN(.|\n)*c OK '),
        (b'd LOGOUT\r\n', rb'd OK ')]
POP3 = [(b'CAPA\r\n', rb'\+OK\r\n(.|\n)*\n\.\r'),
        (b'QUIT\r\n', rb'Logging out')]
POSTGRES = [(startup(b'tester'), rb'Z\0\0\0\x05I'),
            (query(b'SELECT ssl FROM pg_stat_ssl WHERE pid=pg_backend_pid()'),
             rb'D\0\0\0\x0b\0\x01\0\0\0\x01t'), (b'X\0\0\0\x04', rb'')]
LDAP = [(BIND, re.escape(BOUND))]
SIEVE = [(b'CAPABILITY\r\n', rb'"SASL" "PLAIN(.|\n)*OK '),
         (b'LOGOUT\r\n', rb'OK "Logout')]
LMTP = [(b'LHLO me\r\n', rb'(?m)^250 .*\r$'), (b'QUIT\r\n', rb'221 ')]
MYSQL = [(login_to_mysql(), rb'\x00\x00\x03\x00\x00\x00\x02'),
         (b'\x01\0\0\0\x01', rb'')]
XMPP = [(b"<stream:stream to='localhost' version='1.0' xmlns='jabber:client' "
         b"xmlns:stream='http://etherx.jabber.org/streams'>",
         rb'<mechanism>PLAIN</mechanism>'), (b'</stream:stream>', rb'')]
XMPP_SERVER = [(XMPP[0][0].replace(b'client', b'server'), rb'features'),
               (b'</stream:stream>', rb'')]
IRC = [(b'NICK me\r\nUSER me 0 * :me\r\n', rb' 001 me '),
       (b'QUIT\r\n', rb'ERROR')]
FTP = [(b'PBSZ 0\r\n', rb'200 PBSZ'), (b'PROT P\r\n', rb'200 PROT'),
       (b'USER anonymous\r\n', rb'331 '), (b'QUIT\r\n', rb'221 ')]

ROWS = [
    (Postfix, [('smtp', 'port', SMTP)]),
    (Dovecot, [('imap', 'port', IMAP), ('pop3', 'pop3_port', POP3)]),
    (Managesieve, [('sieve', 'port', SIEVE)]),
    (Lmtp, [('lmtp', 'port', LMTP)]),
    (Postgres, [('postgres', 'port', POSTGRES)]),
    (Slapd, [('ldap', 'port', LDAP)]),
    (Vsftpd, [('ftp', 'port', FTP)]),
    (Mariadb, [('mysql', 'port', MYSQL)]),
    (Prosody, [('xmpp', 'port', XMPP), ('xmpp-server', 'server_port',
                                        XMPP_SERVER)]),
    (Inspircd, [('irc', 'port', IRC)]),
]

def talk_by_openssl(port):
    with Process('openssl', 's_client', '-quiet', '-starttls', 'smtp',
                 '-connect', f'127.0.0.1:{port}', '-CAfile', ca.ca,
                 '-verify_return_error', '-verify_ip', '127.0.0.1') as client:
        client.wait_for(rb'250 STARTTLS')  # printed when TLS has begun
        client.send(b'NOOP\r\n')
        client.wait_for(rb'250 ok')
        client.send(b'quit\r\n')  # an upper-case Q would be s_client's own
        client.wait_for(rb'221 bye')


def talk_by_curl(port):
    done = subprocess.run(['curl', '-sS', '--ssl-reqd', '--cacert', ca.ca,
                           '-X', 'NOOP', f'smtp://localhost:{port}'],
                          capture_output=True, timeout=DEADLINE)
    assert done.returncode == 0, done


def talk_by_python(port):
    trust = ssl.create_default_context(cafile=ca.ca)
    with smtplib.SMTP('localhost', port, timeout=DEADLINE) as client:
        assert client.noop()[0] == 530
        client.starttls(context=trust)
        assert client.noop()[0] == 250


def talk_by_us(port):
    with Talk('smtp', port, '--ca', ca.ca) as client:
        client.ask(b'NOOP\r\n', rb'250 ok')
        client.ask(b'QUIT\r\n', rb'221 bye')
        client.end_input()
        assert client.wait() == 0


def inject(port):
    """A command in the same segment as STARTTLS, in the clear."""
    with socket.create_connection(('127.0.0.1', port), DEADLINE) as client:
        client.sendall(b'STARTTLS\r\nMAIL FROM:<mallory@example.com>\r\n')
        client.settimeout(DEADLINE)
        output = b''.join(iter(lambda: client.recv(4096), b''))
    assert output.startswith(b'220 ready\r\n220 go ahead\r\n'), output
    assert b'250' not in output, output


def run_example_server(key, cert):
    place = make(folder, 'example')
    shutil.copy(key, os.path.join(place, 'server-key.pem'))
    shutil.copy(cert, os.path.join(place, 'server-cert.pem'))
    with Process(example('starttls-server'), '0', cwd=place) as server:
        port = int(server.wait_for(rb'listening on port (\d+)')[1])
        for name, talk_by in (('openssl s_client', talk_by_openssl),
                              ('curl', talk_by_curl),
                              ("Python's smtplib", talk_by_python),
                              ('tlstream connect', talk_by_us)):
            title = f'the example server changes to TLS for {name}'
            if name == 'curl' and not have('curl'):
                skip(title, f'{name} is not installed')
                continue

            @test(title)
            def _():
                talk_by(port)

        @test('the example server obeys nothing that stands behind STARTTLS')
        def _():
            inject(port)
            server.wait_for(rb'ERR_TLSTREAM_NOT_TLS: .*MAIL FROM')
            talk_by_us(port)  # and goes on


with Folder() as folder:
    os.chmod(folder, 0o755)  # some servers change their user
    ca = Authority(folder)
    key, cert = ca.leaf('server', 'rsa')
    for Kind, dialogues in ROWS:
        titles = [f'{protocol}: {Kind.name} changes to TLS and goes on'
                  for protocol, _, _ in dialogues]
        reason = (f'{Kind.name} is not installed' if Kind.program is None else
                  f'{Kind.name} has to be started by root'
                  if Kind.needs_root and not AS_ROOT else None)
        if reason:
            for title in titles:
                skip(title, reason)
            continue
        with Kind(folder, key, cert) as server:
            for title, (protocol, port, steps) in zip(titles, dialogues):

                @test(title)
                def _():
                    talk(protocol, getattr(server, port), steps)
                    if protocol in ('smtp', 'imap', 'postgres'):
                        run_example_client(protocol, getattr(server, port))

    run_example_server(key, cert)
    tests_done()
