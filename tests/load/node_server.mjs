// A node of the tutorial's kind, as fast as Node.js can have it: every message is parsed, every
// answer made anew. For tools/throughput.
//
//   node node_server.mjs MODULES    prints its port
//
// Type 0 is answered with the tip; of type 2, a whole chain, is checked what the original checks;
// if it is longer, it is followed and said again.
import {createHash} from 'node:crypto';
import {createRequire} from 'node:module';
import {join} from 'node:path';

const {WebSocketServer} = createRequire(join(process.argv[2], 'ws/'))('ws');
const sha256 = (text) => createHash('sha256').update(text).digest('hex');

const hash_of = (b) => sha256(`${b.version}${b.timestamp}${b.height}${b.merkleRoot}` +
                              `${b.previousHash}${b.difficulty}${b.nonce}`);
const follows = (block, parent) => block.height === parent.height + 1 &&
  block.previousHash === parent.hash && block.hash === hash_of(block);

let chain = [{version: '1.0.0', height: 0, hash: '0'.repeat(64), timestamp: 1231006506,
  previousHash: '0'.repeat(64), merkleRoot: '0'.repeat(64), difficulty: 0, nonce: 0,
  data: ['GENESIS BLOCK']}];

const server = new WebSocketServer({host: '127.0.0.1', port: 0, perMessageDeflate: false});
server.on('listening', () => console.log(server.address().port));
server.on('connection', (socket) => {
  socket.on('message', (text) => {
    const {type, payload} = JSON.parse(text);
    if (type === 0) socket.send(JSON.stringify({type: 1, payload: [chain.at(-1)]}));
    if (type !== 2) return;
    for (let i = 1; i < payload.length; ++i) {
      if (!follows(payload[i], payload[i - 1])) return;
    }
    if (payload.length <= chain.length) return;
    chain = payload;
    socket.send(JSON.stringify({type: 2, payload: chain}));
  });
});
