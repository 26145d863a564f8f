// Times, numbers and names as people read them.

// With tenths of a second always, for what runs; `moment` without those that are none.
export const moment = (time) => clock(time).replace(/\.0$/, '');
export function clock(time) {
  const tenths = Math.floor(time / 100_000);
  const two = (number) => String(number).padStart(2, '0');
  const minutes = Math.floor(tenths / 600);
  const seconds = `${two(Math.floor(tenths / 10) % 60)}.${tenths % 10}`;
  return minutes < 60 ? `${minutes}:${seconds}`
                      : `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${seconds}`;
}

export function span(time) {
  if (time < 1_000_000) return `${Math.round(time / 100) / 10} ms`;
  if (time < 120_000_000) return `${Math.round(time / 100_000) / 10} s`;
  return `${Math.round(time / 6_000_000) / 10} min`;
}

export const number = (value) => Math.round(value).toLocaleString('en');

export function bytes(value) {
  const units = ['B', 'kB', 'MB', 'GB'];
  let unit = 0;
  for (; value >= 1000 && unit < 3; unit++) value /= 1000;
  const whole = value >= 100 || unit === 0;
  return `${whole ? Math.round(value) : Math.round(value * 10) / 10} ${units[unit]}`;
}

// The branch of a fork, by who found its first block.
export const branchOf = (run, fork) => {
  const finder = run.blocks.finder[fork.root];
  return finder < 0 ? 'chain of another first block' : `branch of node ${finder}`;
};

export const many = (count, noun) => `${number(count)} ${noun}${count === 1 ? '' : 's'}`;

// What messages are, in a few words.
const MEANINGS = {
  QueryLatest: 'asks for the newest block', LatestBlock: "the sender's newest block",
  WholeChain: "the sender's whole chain", Hello: 'who the sender is, and its newest block',
  GetHeaders: 'asks for headers', Headers: 'headers of blocks', Inv: 'names a new block',
  GetBlocks: 'asks for blocks', Blocks: 'blocks', GetPeers: 'asks for addresses',
  Peers: 'addresses', Ping: 'are you there?', Pong: 'yes', Reject: 'why the connection ends',
};
export const meaning = (type) => MEANINGS[type] ?? '';

// An element with its children; a function among the attributes listens to clicks.
export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === 'function') made.addEventListener('click', value);
    else if (value !== undefined) made.setAttribute(key, value);
  }
  made.append(...children);
  return made;
}
