# SPDX-License-Identifier: MIT
"""scripts/bootstrap on a machine that lacks things: a PATH with a few tools and
an apt-get that only writes down what it was called with."""

import os
import pty
import subprocess

from harness import DEADLINE, Folder, ROOT, test, tests_done

SCRIPT = os.path.join(ROOT, 'scripts', 'bootstrap')
APT = '#!/bin/sh\necho "$*" >>"$APT_LOG"\n'


def machine(folder, *tools):
    """A folder of commands for PATH."""
    path = os.path.join(folder, 'bin')
    os.mkdir(path)
    for name in ('sh', 'id', 'dirname', *tools):
        found = subprocess.check_output(['sh', '-c', f'command -v {name}'],
                                        text=True).strip()
        os.symlink(found, os.path.join(path, name))
    for name in ('apt-get', 'sudo'):
        with open(os.path.join(path, name), 'w') as file:
            file.write(APT if name == 'apt-get' else '#!/bin/sh\nexec "$@"\n')
        os.chmod(os.path.join(path, name), 0o755)
    return {'PATH': path, 'APT_LOG': os.path.join(folder, 'log')}


def installed(env):
    try:
        with open(env['APT_LOG']) as file:
            return file.read()
    except FileNotFoundError:
        return ''


def bootstrap(env, *options):
    # The script adds /usr/sbin and /sbin, where no compiler is.
    return subprocess.run(['/bin/sh', SCRIPT, *options], env=env,
                          stdin=subprocess.DEVNULL, capture_output=True,
                          text=True, timeout=DEADLINE)


def at_a_terminal(env, answer):
    """Run it at a terminal; return its exit status and what it printed."""
    child, terminal = pty.fork()
    if child == 0:
        os.execve('/bin/sh', ['sh', SCRIPT], env)
    os.write(terminal, answer + b'\n')
    shown = b''
    while True:
        try:
            chunk = os.read(terminal, 4096)
        except OSError:
            break
        if not chunk:
            break
        shown += chunk
    os.close(terminal)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), shown


@test('the build asks for nothing that only the tests need')
def _():
    with Folder() as folder:
        env = machine(folder)
        done = bootstrap(env)
        assert done.returncode == 0, done
        assert 'libuv1-dev' in done.stdout, done
        for package in ('nodejs', 'gnutls-bin', 'curl', 'libevent-dev'):
            assert package not in done.stdout + installed(env), package


@test('the packages are listed before they are installed')
def _():
    with Folder() as folder:
        env = machine(folder)
        done = bootstrap(env, '--tests')
        assert done.stdout.startswith('bootstrap: missing, and to be '
                                      'installed with apt-get:'), done
        for package in ('libssl-dev', 'nodejs', 'gnutls-bin'):
            assert package in done.stdout, done
            assert package in installed(env), installed(env)


@test('at a terminal nothing is installed without a yes')
def _():
    for answer in (b'n', b''):
        with Folder() as folder:
            env = machine(folder)
            status, shown = at_a_terminal(env, answer)
            assert status == 1 and b'nothing was installed' in shown, shown
            assert installed(env) == '', installed(env)


@test('at a terminal they are installed after a yes')
def _():
    with Folder() as folder:
        env = machine(folder)
        status, shown = at_a_terminal(env, b'y')
        assert status == 0, shown
        assert 'libssl-dev' in installed(env), installed(env)


@test('a complete machine is left alone')
def _():
    with Folder() as folder:
        env = machine(folder, 'cc', 'meson', 'ninja', 'pkg-config')
        # Debian's pkg-config looks at its own folders, whatever PATH says.
        done = bootstrap({**os.environ, **env})
        assert installed(env) == '', installed(env)
        assert (done.returncode, done.stdout) == (0, ''), done

tests_done()
