// SPDX-License-Identifier: MIT
'use strict';

const { tls, log, certs, run, listen, connect } = require('../program');

function frame(value) {
  const body = Buffer.from(JSON.stringify(value));
  const head = Buffer.alloc(4);
  head.writeUInt32BE(body.length);
  return Buffer.concat([head, body]);
}

function onFrames(socket, take) {
  let got = Buffer.alloc(0);
  socket.on('data', (each) => {
    got = Buffer.concat([got, each]);
    while (got.length >= 4 && got.length >= 4 + got.readUInt32BE()) {
      const end = 4 + got.readUInt32BE();
      take(JSON.parse(got.subarray(4, end)));
      got = got.subarray(end);
    }
  });
}

function caller(socket) {
  const waiting = new Map();
  let last = 0;
  onFrames(socket, ({ id, result }) => {
    waiting.get(id)(result);
    waiting.delete(id);
  });
  return (method, ...values) => new Promise((done) => {
    waiting.set(++last, done);
    socket.write(frame({ id: last, method, values }));
  });
}

const METHODS = {
  sum: (...values) => values.reduce((a, b) => a + b),
  repeat: (text, count) => text.repeat(count),
};

run(async () => {
  const port = await listen(tls.createServer(certs.ec, (socket) =>
    onFrames(socket, ({ id, method, values }) =>
      socket.write(frame({ id, result: METHODS[method](...values) })))));
  const call = caller(connect(port));
  log('sum', await call('sum', 1, 2, 3));
  log('long', (await call('repeat', 'x', 300000)).length);
  const results = await Promise.all(Array.from({ length: 200 },
    (_, i) => call('sum', i, i)));
  log('many', results.every((each, i) => each === 2 * i));
});
