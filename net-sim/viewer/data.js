// The run, unpacked: the other side of net-sim/view_data.cpp.
//
// Times are microseconds from the start. A shown node is its place in the list, `name(i)` the
// number that the run knows it by; a node that is not shown is -1.

// Zigzag numbers of seven bits a byte, in base64; `steps`: each is the step from the one before.
function unpack(text, count, steps) {
  const bytes = Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
  const numbers = new Float64Array(count);
  let last = 0;
  for (let at = 0, i = 0; i < count; i++) {
    let value = 0;
    let scale = 1;
    while (bytes[at] >= 128) {
      value += (bytes[at++] - 128) * scale;
      scale *= 128;
    }
    value += bytes[at++] * scale;
    value = value % 2 === 1 ? -(value + 1) / 2 : value / 2;
    last = steps ? last + value : value;
    numbers[i] = last;
  }
  return numbers;
}

function table(json, ascending) {
  const columns = {count: json.count};
  for (const [name, value] of Object.entries(json)) {
    if (name === 'count' || name === 'names' || typeof value !== 'string') continue;
    columns[name] = unpack(value, json.count, ascending.includes(name));
  }
  return columns;
}

// The branch of each block: -1 on the main chain, else the place of its fork in `forks`.
function branches(blocks, forks) {
  const of = new Int32Array(blocks.count).fill(-1);
  const rooted = new Map(forks.map((fork, i) => [fork.root, i]));
  for (let block = 0; block < blocks.count; block++) {
    if (blocks.main[block]) continue;
    of[block] = rooted.has(block) ? rooted.get(block) : of[blocks.parent[block]];
  }
  return of;
}

function heights(blocks) {
  const height = new Int32Array(blocks.count);
  for (let block = 0; block < blocks.count; block++) {
    if (blocks.parent[block] >= 0) height[block] = height[blocks.parent[block]] + 1;
  }
  return height;
}

// Every cut: from when to when, and the side of each node.
function cutsOf(happenings) {
  const cuts = [];
  const open = [];
  const heal = (at, healed) => {
    for (let i = open.length - 1; i >= 0; i--) {
      if (!healed(open[i])) continue;
      open[i].to = at;
      open.splice(i, 1);
    }
  };
  for (const {what, undo, key, at, text, groups} of happenings) {
    if (groups) {
      const cut = {key, from: at, to: Infinity, groups, name: text.match(/name: ([^,}]+)/)?.[1]};
      cuts.push(cut);
      open.push(cut);
    } else if (what === 'partition' && undo) {
      heal(at, (cut) => cut.key === key);
    } else if (what === 'heal') {
      heal(at, (cut) => text === 'all' || text === cut.name);
    }
  }
  return cuts;
}

export function readRun(text) {
  const json = JSON.parse(text);
  const stride = json.nodes.stride;
  const count = json.nodes.protocol.length;
  const place = (node) => (node >= 0 && node % stride === 0 ? node / stride : -1);
  const places = (column) => Int32Array.from(column, place);

  const blocks = table(json.blocks, ['parent', 'found', 'bytes']);
  blocks.height = heights(blocks);
  blocks.branch = branches(blocks, json.forks);
  blocks.name = (block) => json.blocks.names.substr(block * 8, 8);
  const tips = table(json.tips, ['at', 'to']);
  tips.node = places(tips.node);
  // What a node followed before.
  const now = new Int32Array(count);
  tips.before = new Int32Array(tips.count);
  for (let i = 0; i < tips.count; i++) {
    tips.before[i] = now[tips.node[i]];
    now[tips.node[i]] = tips.to[i];
  }
  const messages = table(json.messages, ['sent', 'block']);
  messages.sentInAll = json.messages.sent_in_all;
  messages.from = places(messages.from);
  messages.to = places(messages.to);
  const links = table(json.links, ['from']);
  links.leftOut = json.links.left_out;
  links.a = places(links.a);
  links.b = places(links.b);
  const lives = json.lives.map(([at, node, up]) => ({at, node: place(node), up: up === 1}));
  return {...json, nodes: {...json.nodes, count, place, name: (i) => i * stride}, blocks, tips,
          messages, links, lives, cuts: cutsOf(json.happenings)};
}
