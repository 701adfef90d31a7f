// SPDX-License-Identifier: MIT
'use strict';

// arguments: --expose-gc
const { tls, log, certs, run, listen, connect, once, read } =
  require('../program');
const { bytes, digest, closed, wire, upgrade } = require('../parts');

async function collecting(promise) {
  global.gc();
  const result = await promise;
  global.gc();
  return result;
}

run(async () => {
  const server = tls.createServer(certs.ec, (socket) => {
    global.gc();
    socket.pipe(socket);
  });
  const port = await collecting(listen(server));
  const [near, far] = wire();
  server.emit('connection', far);
  for (const start of [() => connect(port), () => upgrade(near)]) {
    const client = start();
    await collecting(once(client, 'secureConnect'));
    const data = bytes(500000);
    client.write(data.subarray(0, 100000), () => global.gc());
    client.end(data.subarray(100000));
    log('the same', await collecting(digest(client)) === await digest(data));
    await collecting(closed(client));
    log('closed', client.destroyed);
  }
});
