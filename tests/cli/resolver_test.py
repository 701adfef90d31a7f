# SPDX-License-Identifier: MIT
"""A resolver that does not answer delays `tlstream connect` for as long as its
timeout says, and not until it answers."""

import json
import os
import sys
import time

from harness import Process, TOOL, check, run, test, tests_done

SLOW = {'LD_PRELOAD': os.path.abspath(sys.argv[2])}


@test('connect ends when it says that it does')
def _():
    began = time.monotonic()
    result = run('connect', 'host.test', '--json', env=SLOW)
    took = time.monotonic() - began
    check(result, 1, '^ERR_TLSTREAM_CONNECT_TIMEOUT')
    assert took < 18, took  # 10, and what a busy machine needs
    error = json.loads(result.out)['error']
    assert error['code'] == 'ERR_TLSTREAM_CONNECT_TIMEOUT', result


@test('its messages and its JSON may be written to full disks meanwhile')
def _():
    with open('/dev/full', 'wb') as full:
        with Process(TOOL, 'connect', 'host.test', '--json', env=SLOW,
                     stdout=full, apart=True) as client:
            assert client.wait() == 2, client.output
            assert b'cannot write to standard output' in client.output['err']


tests_done()
