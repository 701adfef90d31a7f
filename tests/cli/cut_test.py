# SPDX-License-Identifier: MIT
"""The connection is cut at any byte: truncated data is never reported as
complete, and neither side waits for ever."""

import selectors
import socket
import threading

from harness import (DEADLINE, Authority, Folder, Serve, reset, run, test,
                     tests_done)

STEP = 41  # bytes proxy one cut and the next
WHOLE = b'welcome!\nhello\n'


class CuttingProxy:
    """A proxy proxy a client and `port`. It cuts both connections after
    `limit` bytes from the server."""

    def __init__(self, port, limit, cut):
        self.port, self.limit, self.cut = port, limit, cut
        self.forwarded = 0
        self.listener = socket.create_server(('127.0.0.1', 0))
        self.address = 'localhost:%d' % self.listener.getsockname()[1]
        self.thread = threading.Thread(target=self._work, daemon=True)
        self.thread.start()

    def _work(self):
        client, _ = self.listener.accept()
        server = socket.create_connection(('127.0.0.1', self.port), DEADLINE)
        with client, server:
            self._forward(client, server)
            self.cut(client)
            self.cut(server)

    def _forward(self, client, server):
        with selectors.DefaultSelector() as ready:
            ready.register(client, selectors.EVENT_READ)
            ready.register(server, selectors.EVENT_READ)
            while self.forwarded < self.limit and ready.get_map():
                for key, _ in ready.select(DEADLINE):
                    if not self._move(key.fileobj, client, server):
                        ready.unregister(key.fileobj)

    def _move(self, source, client, server):
        room = self.limit - self.forwarded if source is server else 65536
        if room == 0:
            return True
        try:
            data = source.recv(room)
            sink = client if source is server else server
            if not data:
                sink.shutdown(socket.SHUT_WR)
                return False
            sink.sendall(data)
        except OSError:
            return False  # the other side is closed already
        self.forwarded += len(data) if source is server else 0
        return True

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.thread.join(DEADLINE)
        self.listener.close()


def cut_everywhere(server, ca, version, cut, options, whole):
    """Return the number of places where it was cut before it was complete. What
    is accepted is one of `whole`, and has a line on stderr if it came without
    close_notify."""
    places = 0
    while True:
        limit = places * STEP
        with CuttingProxy(server.port, limit, cut) as proxy:
            result = run('connect', proxy.address, '--ca', ca.ca, '--quiet',
                         '--end', '--tls-max', version, *options, stdin=b'hello\n')
            lines = result.err.splitlines()
            if result.status == 0:
                assert result.out in whole, result
                if not lines:
                    return places
                assert lines[0].startswith('warning: '), result
                places += 1
                continue
            assert result.status == 1, (limit, result)
            assert len(lines) == 1 and ': ' in lines[0], (limit, result)
            assert WHOLE.startswith(result.out), (limit, result)
        places += 1
        assert places < 200, 'it was never complete'


with Folder() as folder:
    ca = Authority(folder)
    key, cert = ca.leaf('server')
    with Serve('--key', key, '--cert', cert) as server:
        for name, cut in (('closed', socket.socket.close), ('reset', reset)):
            for version in ('1.2', '1.3'):

                @test(f'{name} at any byte, TLS {version}')
                def _():
                    assert cut_everywhere(server, ca, version, cut,
                                          ['--strict-end'], [WHOLE]) > 20

        for version in ('1.2', '1.3'):

            @test(f'what is accepted ends with a record, TLS {version}')
            def _():
                assert cut_everywhere(server, ca, version,
                                      socket.socket.close, [],
                                      [b'welcome!\n', WHOLE]) > 20

        @test('the server works as before')
        def _():
            assert server.stop() == 0, server.log

    tests_done()
