// The dashboard: what GET /events tells, drawn. No library; one function for each part of the page.
//
// /events is read with fetch, since an EventSource cannot send the token that the API may ask for.
// Everything that came from the network becomes text by textContent, never markup.

const $ = (id) => document.getElementById(id);
const TOKEN = 'chainnode-token';
const PAGE = 20; // blocks in the list

const state = {
  status: null, // the last event
  tree: [], // blocks of the last 100 heights, the highest first
  listed: null, // height of the first block in the list; null: the newest
  chosen: null, // hash of the block in detail
  rate: null, // hashes a second
};

// --- Asking --------------------------------------------------------------------------------------

function headers(more = {}) {
  const token = sessionStorage.getItem(TOKEN);
  return token ? {...more, Authorization: `Bearer ${token}`} : more;
}

// `shown`: a token that is wrong, or null. Asks the person for it, unless there is another by now.
function ask_for_token(shown) {
  if (sessionStorage.getItem(TOKEN) !== shown) return;
  $('token-answer').textContent = shown !== null ? 'That is not the token of this node.' : '';
  $('token-answer').classList.add('bad');
  sessionStorage.removeItem(TOKEN);
  $('token-form').hidden = false;
  document.querySelector('main').hidden = true;
}

async function call(path, options = {headers: headers()}) {
  const shown = sessionStorage.getItem(TOKEN);
  const response = await fetch(path, options);
  if (response.status === 401) ask_for_token(shown);
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw new Error(answer.error ?? `the node answered ${response.status}`);
  return answer;
}

// `value`: nothing, or what becomes JSON.
const post = (path, value) => call(path, {
  method: 'POST',
  headers: headers(value === undefined ? {} : {'Content-Type': 'application/json'}),
  body: value === undefined ? undefined : JSON.stringify(value),
});

// --- Words ---------------------------------------------------------------------------------------

const short = (hash) => hash.replace(/^0+(?=.{10})/, '').slice(0, 10);

function ago(ms) {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 172_800) return `${Math.floor(seconds / 3600)} h`;
  return `${Math.floor(seconds / 86_400)} d`;
}

// A block may say any time; what no calendar has stays a number.
function date_of(ms) {
  const date = new Date(ms);
  return Number.isNaN(date.getTime()) ? String(ms) : date.toISOString();
}

function scaled(value, unit, step = 1000) {
  const prefixes = ['', 'k', 'M', 'G', 'T'];
  let power = 0;
  while (value >= step && power < prefixes.length - 1) {
    value /= step;
    ++power;
  }
  const digits = power === 0 || value >= 100 ? 0 : 1;
  return `${value.toFixed(digits)} ${prefixes[power]}${unit}`;
}

const bytes = (count) => count === null ? '–' : scaled(count, 'B');
const plural = (count, word) => `${count} ${word}${count === 1 ? '' : 's'}`;

function say(id, text, kind = '') {
  $(id).textContent = text;
  $(id).className = `answer ${kind}`;
}

// Makes the rows of a table's body say so: cells are texts, or [text, class]. What is there is
// kept, so that focus and selection outlive the next second. Returns the rows.
function fill(body, rows) {
  while (body.rows.length > rows.length) body.deleteRow(-1);
  rows.forEach((cells, at) => {
    const line = body.rows[at] ?? body.insertRow();
    cells.forEach((cell, column) => {
      const [text, kind] = Array.isArray(cell) ? cell : [cell, ''];
      const td = line.cells[column] ?? line.insertCell();
      if (td.textContent !== text) td.textContent = text;
      td.className = kind;
    });
  });
  return [...body.rows];
}

// --- The parts of the page -----------------------------------------------------------------------

function draw_figures(status) {
  $('version').textContent = status.version;
  $('height').textContent = status.learning ? '–' : String(status.height);
  const behind = status.headers_height - status.height;
  $('behind').textContent = status.learning ? 'waiting for the first peer\'s genesis' :
    behind > 0 ? `${plural(behind, 'block')} to fetch` : 'up to date';
  $('age').textContent = ago(status.tip_age_ms);
  $('tip').textContent = status.tip ? short(status.tip) : '';
  $('tip').title = status.tip ?? '';
  $('rate').textContent = state.rate === null ? '–' : scaled(state.rate, 'H/s');
  const waiting = status.mining_requests_waiting;
  $('mining').textContent = status.disk_full ? 'the disk is full' :
    waiting > 0 ? `${plural(waiting, 'request')} waiting` : status.mining ? 'mining' : 'idle';
  $('peer-count').textContent = String(status.peers.length);
  $('elsewhere').textContent = status.peers_on_another_tip > 0 ?
    `${status.peers_on_another_tip} on another tip` : `${bytes(status.received_bytes)} in, ` +
    `${bytes(status.sent_bytes)} out`;
}

function draw_peers(status) {
  $('no-peers').hidden = status.peers.length > 0;
  fill($('peers'), status.peers.map((peer) => [
    [peer.address ?? peer.remote, 'hash'],
    peer.direction,
    peer.protocol ?? 'undecided',
    [peer.latency_ms === null ? '–' : `${peer.latency_ms.toFixed(1)} ms`, 'right'],
    [bytes(peer.received_bytes), 'right'],
    [bytes(peer.sent_bytes), 'right'],
    [peer.height === null ? '–' : `${peer.height}${peer.on_our_chain ? '' : ' *'}`, 'right'],
    ago(status.now_ms - Date.parse(peer.since)),
  ]));
}

function draw_reorgs(status) {
  const {log, count, deepest} = status.reorgs;
  $('reorg-count').textContent = count > 0 ? `${count}, the deepest ${deepest}` : '';
  $('no-reorgs').hidden = log.length > 0;
  fill($('reorgs'), log.toReversed().map((reorg) => [
    `${ago(status.now_ms - Date.parse(reorg.time))} ago`,
    [plural(reorg.depth, 'block'), 'right'],
    [String(reorg.height), 'right'],
    [short(reorg.from), 'hash'],
    [short(reorg.to), 'hash'],
  ]));
}

function draw_blocks(blocks) {
  const first = state.listed ?? Infinity;
  const shown = blocks.filter((block) => block.height <= first).slice(0, PAGE);
  const now = state.status?.now_ms ?? Date.now();
  const lines = fill($('blocks'), shown.map((block) => [
    String(block.height), [short(block.hash), 'hash'],
    block.height === 0 ? 'genesis' : `${ago(now - block.timestamp)} ago`,
    [block.bytes === null ? 'no body' : bytes(block.bytes), 'right'],
  ]));
  shown.forEach((block, at) => {
    const line = lines[at];
    line.tabIndex = 0;
    line.dataset.hash = block.hash;
    line.title = block.main ? block.hash : `${block.hash}, on a side branch`;
    line.classList.toggle('side', !block.main);
    line.classList.toggle('chosen', block.hash === state.chosen);
  });
  $('newer').disabled = state.listed === null;
  $('older').disabled = shown.length === 0 || shown.at(-1).height === 0;
}

// A lane for each branch: the chain has 0, side branches the first below it that is free at their
// heights. Returns hash -> lane, and how many lanes there are.
function lanes_of(blocks) {
  const lane = new Map();
  const free_until = []; // of each lane: the height from which on down it is free
  for (const block of blocks) { // from the highest on
    if (block.main) {
      lane.set(block.hash, 0);
      continue;
    }
    let mine = lane.get(block.hash);
    if (mine === undefined) { // the end of a branch
      mine = 1;
      while (free_until[mine] !== undefined && free_until[mine] <= block.height) ++mine;
      lane.set(block.hash, mine);
    }
    free_until[mine] = block.height - 1;
    if (!lane.has(block.previousHash)) lane.set(block.previousHash, mine);
  }
  return {lane, count: Math.max(1, free_until.length)};
}

function svg(name, attributes) {
  const made = document.createElementNS('http://www.w3.org/2000/svg', name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

function draw_tree(blocks) {
  const box = $('tree');
  if (blocks.length === 0) return box.replaceChildren();
  const top = blocks[0].height;
  const bottom = blocks.at(-1).height;
  const step = Math.max(12, Math.min(40, (box.clientWidth - 24) / (top - bottom + 1)));
  const {lane, count} = lanes_of(blocks);
  const place = (block) => ({
    x: 12 + step * (block.height - bottom + 0.5), y: 14 + 20 * lane.get(block.hash),
  });
  const width = Math.ceil(24 + step * (top - bottom + 1));
  const height = 20 * count + 28;
  const picture = svg('svg', {width, height, viewBox: `0 0 ${width} ${height}`});
  const by_hash = new Map(blocks.map((block) => [block.hash, block]));
  for (const block of blocks) {
    const parent = by_hash.get(block.previousHash);
    if (parent === undefined) continue;
    const [from, to] = [place(parent), place(block)];
    picture.append(svg('line', {x1: from.x, y1: from.y, x2: to.x, y2: to.y}));
  }
  for (const block of blocks) {
    const {x, y} = place(block);
    const dot = svg('circle', {cx: x, cy: y, r: Math.min(6, step / 2.6)});
    dot.dataset.hash = block.hash;
    dot.classList.toggle('main', block.main);
    dot.classList.toggle('bare', block.bytes === null);
    dot.classList.toggle('chosen', block.hash === state.chosen);
    dot.append(svg('title', {}));
    dot.firstChild.textContent = `${block.height}: ${block.hash}`;
    picture.append(dot);
  }
  const every = Math.ceil(60 / step);
  for (let at = top; at >= bottom; at -= every) {
    const label = svg('text', {x: 12 + step * (at - bottom + 0.5), y: height - 4});
    label.textContent = String(at);
    picture.append(label);
  }
  const was_at_end = box.scrollLeft + box.clientWidth >= box.scrollWidth - 2 * step;
  const scrolled = box.scrollLeft;
  box.replaceChildren(picture);
  box.scrollLeft = was_at_end ? box.scrollWidth : scrolled;
  $('tree-range').textContent = `heights ${bottom} to ${top}`;
  const side = blocks.filter((block) => !block.main).length;
  $('tree-words').textContent = side === 0 ? 'No block stands beside the chain.' :
    `${plural(side, 'block')} beside the chain.`;
}

async function choose(hash) {
  state.chosen = hash;
  for (const marked of document.querySelectorAll('[data-hash]')) {
    marked.classList.toggle('chosen', marked.dataset.hash === hash);
  }
  try {
    draw_detail(await call(`/blocks/${hash}`));
  } catch (error) {
    $('detail-hint').hidden = false;
    $('detail-hint').textContent = error.message;
  }
}

function draw_detail(block) {
  const known = state.tree.find((other) => other.hash === block.hash);
  const stands = known === undefined ? '' : known.main ? 'on the chain' : 'on a side branch';
  $('detail-name').textContent = `${block.height} ${stands}`;
  $('detail-hint').hidden = true;
  const facts = [
    ['Hash', block.hash], ['Previous', block.previousHash],
    ['Merkle root', block.merkleRoot ?? 'none'], ['Time', date_of(block.timestamp)],
    ['Difficulty', block.difficulty], ['Nonce', block.nonce], ['Version', block.version],
  ];
  $('detail-list').replaceChildren(...facts.flatMap(([name, value]) => {
    const [term, text] = [document.createElement('dt'), document.createElement('dd')];
    term.textContent = name;
    text.textContent = String(value);
    return [term, text];
  }));
  $('detail-data').hidden = false;
  $('detail-data').textContent = block.data.join('\n');
}

// --- What the node tells -------------------------------------------------------------------------

async function list_blocks() {
  if (state.listed === null) return draw_blocks(state.tree);
  draw_blocks((await call(`/tree?to=${state.listed}`)).blocks);
}

async function fetch_tree() {
  state.tree = (await call('/tree')).blocks;
  draw_tree(state.tree);
  await list_blocks();
}

function rate_between(before, after) {
  const seconds = (after.now_ms - before.now_ms) / 1000;
  return seconds < 0.5 ? state.rate : (after.hashes - before.hashes) / seconds;
}

let rate_from = null; // the event that the hash rate is counted from

function on_status(status) {
  const moved = status.tip !== state.status?.tip ||
    status.headers_height !== state.status?.headers_height;
  if (rate_from !== null && status.hashes >= rate_from.hashes) {
    state.rate = rate_between(rate_from, status);
  }
  if (rate_from === null || status.now_ms - rate_from.now_ms >= 500) rate_from = status;
  state.status = status;
  document.querySelector('main').hidden = false;
  draw_figures(status);
  draw_peers(status);
  draw_reorgs(status);
  if (status.learning) return;
  if (moved) {
    fetch_tree().catch(() => {});
  } else if (state.listed === null) {
    draw_blocks(state.tree); // their ages
  }
}

function show_live(text, kind) {
  $('live').textContent = text;
  $('live').className = `pill ${kind}`;
}

// Reads events until the connection ends. Throws if there is none.
async function follow() {
  const shown = sessionStorage.getItem(TOKEN);
  const response = await fetch('/events', {headers: headers(), cache: 'no-store'});
  if (response.status === 401) {
    ask_for_token(shown);
    return 'token';
  }
  if (!response.ok) throw new Error(`the node answered ${response.status}`);
  $('token-form').hidden = true;
  show_live('live', 'good');
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  for (;;) {
    const {done, value} = await reader.read();
    if (done) return 'ended';
    const events = (text + value).split('\n\n');
    text = events.pop();
    const last = events.at(-1); // each is the whole of it
    if (last !== undefined) on_status(JSON.parse(last.slice(last.indexOf('data: ') + 6)));
  }
}

let go_on = () => {}; // ends the pause of follow_for_ever

// Called once: whatever happens, one connection tells of the node.
async function follow_for_ever() {
  for (let pause = 500; ; pause = Math.min(2 * pause, 10_000)) {
    let why = 'lost';
    try {
      why = await follow();
      pause = 500;
    } catch {} // told below
    rate_from = null;
    const needs_token = why === 'token' && sessionStorage.getItem(TOKEN) === null;
    show_live(needs_token ? 'token needed' : 'no connection', 'bad');
    await new Promise((resume) => {
      go_on = resume; // when the form is sent
      if (!needs_token) setTimeout(resume, pause);
    });
  }
}

// --- What a person does --------------------------------------------------------------------------

const lines_of = (id) => $(id).value.split('\n').map((line) => line.trim()).filter(Boolean);

function on_submit(id, action) {
  $(id).addEventListener('submit', async (event) => {
    event.preventDefault();
    const button = event.target.querySelector('button');
    button.disabled = true;
    try {
      await action();
    } finally {
      button.disabled = false;
    }
  });
}

on_submit('mine', async () => {
  say('mine-answer', 'mining …');
  try {
    const block = await post('/mineBlock', {data: lines_of('mine-text')});
    say('mine-answer', `Block ${block.height} is on the chain.`, 'good');
    $('mine-text').value = '';
  } catch (error) {
    say('mine-answer', error.message, 'bad');
  }
});

on_submit('connect', async () => {
  say('connect-answer', 'dialling …');
  const urls = lines_of('connect-text');
  try {
    const reports = await post('/addPeers', urls.length > 0 ? urls : undefined);
    const fine = reports.every((report) => report.state !== 'invalid');
    say('connect-answer', reports.map((report) => `${report.peer}: ${report.state}` +
      (report.reason ? `, ${report.reason}` : '')).join('\n') || 'The peers file is empty.',
    fine ? 'good' : 'bad');
  } catch (error) {
    say('connect-answer', error.message, 'bad');
  }
});

on_submit('find', async () => {
  const text = $('find-text').value.trim();
  if (/^\d{1,9}$/.test(text)) {
    const block = await call(`/block-height/${text}`).catch(() => null);
    if (block !== null) {
      state.listed = block.height;
      await list_blocks();
      return choose(block.hash);
    }
  }
  await choose(text.toLowerCase());
});

on_submit('token-form', async () => {
  sessionStorage.setItem(TOKEN, $('token').value.trim());
  $('token').value = '';
  go_on();
});

// A block in the list or in the tree.
function choose_under(event) {
  const hash = event.target.closest('[data-hash]')?.dataset.hash;
  if (hash !== undefined && (event.type === 'click' || event.key === 'Enter')) choose(hash);
}
$('tree').addEventListener('click', choose_under);
$('blocks').addEventListener('click', choose_under);
$('blocks').addEventListener('keydown', choose_under);

$('older').addEventListener('click', () => {
  const heights = [...$('blocks').children].map((line) => Number(line.firstChild.textContent));
  state.listed = Math.max(0, Math.min(...heights) - 1);
  list_blocks().catch(() => {});
});
$('newer').addEventListener('click', () => {
  state.listed = null;
  list_blocks().catch(() => {});
});
window.addEventListener('resize', () => draw_tree(state.tree));

follow_for_ever();
