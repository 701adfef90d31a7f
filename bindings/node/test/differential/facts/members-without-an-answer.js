// SPDX-License-Identifier: MIT
'use strict';

const { PassThrough } = require('node:stream');
const { tls, log, certs, run, use, pair } = require('../program');
const { closed, refusal } = require('../parts');

const NAMES = ['getSession', 'getTLSTicket', 'isSessionReused', 'getFinished',
  'getPeerFinished', 'getSharedSigalgs', 'getEphemeralKeyInfo'];
// What a client has in Node, and here not yet.
const LATER = { getSession: undefined, getFinished: undefined,
  getPeerFinished: undefined, getEphemeralKeyInfo: {} };

function answers(socket, names) {
  return names.map((name) => [name, socket[name]()]);
}

run(async () => {
  const unused = use(new tls.TLSSocket(new PassThrough(),
    { servername: 'localhost' }));
  // Without the last one: Node 26 crashes.
  log('unused', answers(unused, NAMES.slice(0, -1)), refusal(() =>
    unused.exportKeyingMaterial(10, 'label')));
  for (const [name, wrong] of [['setMaxSendFragment', 'x'],
    ['exportKeyingMaterial', 'x'], ['exportKeyingMaterial', 1]]) {
    log(name, refusal(() => unused[name](wrong))?.code);
  }

  const { client, socket, server } = await pair(certs.ec, { ca: certs.ca });
  for (const name of NAMES) {
    const answer = client[name]();
    if (!(name in LATER)) log(name, answer);
    else log.differs('later', { node: true, tlstream: false },
      JSON.stringify(answer) !== JSON.stringify(LATER[name]));
  }
  log('on the server', socket.getEphemeralKeyInfo(), socket.isSessionReused());
  log('set', client.setSession(Buffer.from('no session')),
    client.disableRenegotiation());
  log.differs('later', { node: true, tlstream: false },
    client.setMaxSendFragment(1024));
  client.destroy();
  await closed(client);
  log('after', answers(client, NAMES));

  const keys = server.getTicketKeys();
  log('keys', Buffer.isBuffer(keys), keys.length,
    keys.equals(server.getTicketKeys()));
  const own = Buffer.alloc(48, 'k');
  log('set keys', server.setTicketKeys(own),
    server.getTicketKeys().equals(own));
  log('wrong keys', refusal(() => server.setTicketKeys('x')));
});
