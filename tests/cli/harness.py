# SPDX-License-Identifier: MIT
"""Shared by the tests of the command and of interoperability: processes with
deadlines, certificates, and servers that misbehave on purpose."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import traceback

DEADLINE = 20  # seconds; everything here should take less than one

# Programs are started as at a terminal, also where these tests run in the
# background: nohup's SIG_IGN would be inherited.
signal.signal(signal.SIGHUP, signal.SIG_DFL)

TOOL = os.path.abspath(os.environ.get('TLSTREAM_TOOL', sys.argv[1]
                                      if len(sys.argv) > 1 else 'tlstream'))

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
BUILD = os.path.dirname(os.path.dirname(os.path.dirname(TOOL)))


class Result:
    """The exit status, stdout and stderr of a command."""

    def __init__(self, status, out, err):
        self.status = status
        self.out = out
        self.err = err.decode('utf-8', 'replace')

    def __str__(self):
        return f'status {self.status}\nstdout {self.out!r}\nstderr {self.err}'


def run(*args, stdin=b'', env=None, cwd=None, stdout=subprocess.PIPE):
    """Run tlstream with these arguments until it exits."""
    child = subprocess.Popen([TOOL, *map(str, args)], stdin=subprocess.PIPE,
                             stdout=stdout, stderr=subprocess.PIPE, cwd=cwd,
                             env={**os.environ, **(env or {})},
                             start_new_session=True)
    try:
        out, err = child.communicate(stdin, timeout=DEADLINE)
    except subprocess.TimeoutExpired:
        child.kill()
        out, err = child.communicate()
        raise AssertionError(f'{args} did not end: {out!r} {err!r}')
    return Result(child.returncode, out or b'', err)


def check(result, status, *patterns):
    """The result has this exit status, and stderr matches all patterns."""
    assert result.status == status, f'wanted status {status}\n{result}'
    for pattern in patterns:
        assert re.search(pattern, result.err), f'wanted {pattern!r}\n{result}'


class Process:
    """A program that runs while the test uses it. Its stdout and stderr are
    collected together, or separately with `apart`."""

    def __init__(self, *args, apart=False, cwd=None, env=None,
                 stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=None):
        self.args = args
        self.child = subprocess.Popen(
            list(map(str, args)), stdin=stdin, stdout=stdout, cwd=cwd,
            stderr=stderr or (subprocess.PIPE if apart else subprocess.STDOUT),
            env={**os.environ, **(env or {})}, start_new_session=True)
        self.output = {}
        self.changed = threading.Condition()
        self.readers = [self._collect(name, pipe) for name, pipe in
                        (('out', self.child.stdout), ('err', self.child.stderr))
                        if pipe is not None]

    def _collect(self, name, pipe):
        self.output[name] = b''

        def work():
            while chunk := os.read(pipe.fileno(), 65536):
                with self.changed:
                    self.output[name] += chunk
                    self.changed.notify_all()
            with self.changed:
                self.changed.notify_all()

        thread = threading.Thread(target=work, daemon=True)
        thread.start()
        return thread

    def wait_for(self, pattern, stream='out'):
        """Wait until its output matches the pattern, and return the match."""
        end = time.monotonic() + DEADLINE
        with self.changed:
            while True:
                match = re.search(pattern, self.output[stream])
                if match:
                    return match
                left = end - time.monotonic()
                alive = any(reader.is_alive() for reader in self.readers)
                assert left > 0 and alive, (
                    f'{self.args} never printed {pattern!r}: {self.output}')
                self.changed.wait(min(left, 0.2))

    def send(self, data):
        self.child.stdin.write(data)
        self.child.stdin.flush()

    def end_input(self):
        self.child.stdin.close()

    def wait(self):
        """Wait until it exits and return the status."""
        try:
            status = self.child.wait(DEADLINE)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f'{self.args} did not end: {self.output}')
        for reader in self.readers:
            reader.join(DEADLINE)
        return status

    def signal(self, number):
        self.child.send_signal(number)

    def kill(self):
        if self.child.poll() is None:
            self.child.kill()
        self.child.wait()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.kill()
        for pipe in (self.child.stdin, self.child.stdout, self.child.stderr):
            if pipe is not None:
                try:
                    pipe.close()
                except BrokenPipeError:
                    pass


class Serve(Process):
    """`tlstream serve` on a port that the system chooses."""

    def __init__(self, *args, env=None):
        super().__init__(TOOL, 'serve', '--port', '0', *args, apart=True,
                         env=env)
        line = self.wait_for(rb'listening on (\S+):(\d+)\n', 'err')
        self.port = int(line[2])
        self.address = f'{line[1].decode()}:{self.port}'

    def stop(self):
        self.signal(signal.SIGTERM)
        return self.wait()

    @property
    def log(self):
        return self.output['err'].decode('utf-8', 'replace')


class Stage:
    """A server that accepts one connection and runs `act` with its socket."""

    def __init__(self, act, family=socket.AF_INET, host='127.0.0.1'):
        self.listener = socket.create_server((host, 0), family=family)
        self.port = self.listener.getsockname()[1]
        self.address = f'127.0.0.1:{self.port}'
        self.error = None
        self.thread = threading.Thread(target=self._play, args=(act,),
                                       daemon=True)
        self.thread.start()

    def _play(self, act):
        self.listener.settimeout(DEADLINE)
        try:
            peer, _ = self.listener.accept()
            peer.settimeout(DEADLINE)
            with peer:
                act(peer)
        except Exception as error:  # raised by __exit__
            self.error = error

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        self.thread.join(DEADLINE)
        self.listener.close()
        if kind is None and self.error is not None:
            raise self.error


def reset(peer):
    """Close a socket so that the peer sees a reset."""
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                     b'\x01\x00\x00\x00\x00\x00\x00\x00')
    peer.close()


def free_port():
    """A port that was just free, for programs that cannot use port 0."""
    with socket.create_server(('127.0.0.1', 0)) as probe:
        return probe.getsockname()[1]


class Authority:
    """A CA for a test run, made by openssl, and the certificates it signs."""

    def __init__(self, folder):
        self.folder = folder
        self.ca = self.path('ca.pem')
        self._openssl('req', '-x509', '-newkey', 'ec', '-pkeyopt',
                      'ec_paramgen_curve:P-256', '-nodes', '-keyout',
                      self.path('ca-key.pem'), '-out', self.ca, '-days', '30',
                      '-subj', '/CN=tlstream test CA')

    def path(self, name):
        return os.path.join(self.folder, name)

    def _openssl(self, *args):
        done = subprocess.run(['openssl', *args], stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, timeout=DEADLINE)
        assert done.returncode == 0, done.stdout.decode()

    def leaf(self, name, kind='ecdsa', days=30, subject='/CN=localhost',
             hosts='DNS:localhost,IP:127.0.0.1', access=None):
        """Make NAME-key.pem and NAME-cert.pem; return both paths."""
        key, cert = self.path(f'{name}-key.pem'), self.path(f'{name}-cert.pem')
        request, extensions = self.path(f'{name}.csr'), self.path(f'{name}.cnf')
        new = (['rsa:2048'] if kind == 'rsa' else
               ['ec', '-pkeyopt', 'ec_paramgen_curve:P-256'])
        self._openssl('req', '-new', '-newkey', *new, '-nodes', '-keyout', key,
                      '-out', request, '-subj', subject, '-utf8')
        with open(extensions, 'w') as out:
            out.write(f'subjectAltName={hosts}\n'
                      'extendedKeyUsage=serverAuth,clientAuth\n'
                      'basicConstraints=CA:FALSE\n')
            if access is not None:
                out.write(f'authorityInfoAccess={access}\n')
        self._openssl('x509', '-req', '-in', request, '-CA', self.ca, '-CAkey',
                      self.path('ca-key.pem'), '-CAcreateserial', '-days',
                      str(days), '-extfile', extensions, '-out', cert)
        return key, cert

    def encrypt(self, key, name, passphrase):
        out = self.path(name)
        self._openssl('pkey', '-in', key, '-aes-256-cbc', '-passout',
                      f'pass:{passphrase}', '-out', out)
        return out


class Folder:
    """A temporary folder, removed after the test."""

    def __enter__(self):
        self.path = tempfile.mkdtemp(prefix='tlstream-test-')
        return self.path

    def __exit__(self, *_):
        shutil.rmtree(self.path)


def have(program):
    return shutil.which(program) is not None


ran = []


def test(title):
    """Run the function at once, as the test with this title."""
    def decorate(function):
        try:
            function()
        except Exception as error:
            ran.append(False)
            print(f'not ok {len(ran)} - {title}')
            for line in traceback.format_exc().splitlines():
                print(f'# {line}')
        else:
            ran.append(True)
            print(f'ok {len(ran)} - {title}')
        sys.stdout.flush()
    return decorate


def skip(title, reason):
    """Skip a test; in CI it fails, because everything must be installed."""
    in_ci = os.environ.get('CI') == 'true'
    ran.append(not in_ci)
    print(f'not ok {len(ran)} - {title}: {reason}' if in_ci else
          f'ok {len(ran)} - {title} # SKIP {reason}')


def tests_done():
    print(f'1..{len(ran)}')
    sys.exit(0 if all(ran) else 1)
