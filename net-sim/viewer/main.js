// The page: one time, one thing chosen, and everything that shows them.
import {Charts} from './charts.js';
import {colours, isDark, ofBranch, setDark} from './colours.js';
import {readRun} from './data.js';
import {Detail} from './detail.js';
import {listForks, listReorgs, notes, Story} from './lists.js';
import {Network} from './network.js';
import {Timeline} from './timeline.js';
import {Tree} from './tree.js';
import {branchOf, clock, element, many} from './words.js';
import {above, World} from './world.js';

const SPEEDS = [0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 60, 120, 300, 600, 1800, 3600, 36000];
const WHOLE_RUN = 90;        // seconds in which a run is played, about
const SECONDS_TO_WATCH = 4;  // and a message that somebody looks at
const LONGEST_STEP = 100;    // milliseconds between two pictures that count

const find = (selector) => document.querySelector(selector);
const run = readRun(find('#data').textContent);
const world = new World(run);
const state = {time: 0, playing: false, speed: 0, what: 'none', which: 0};

const lead = {go: (time) => seek(time), choose, watch};
setDark(isDark());
const network = new Network(run, world, find('#network canvas'), (node) => choose('node', node));
const tree = new Tree(run, world, find('#blocks canvas'), (block) => choose('block', block));
const timeline = new Timeline(run, find('#time canvas'));
const charts = new Charts(run, (time) => seek(time));
const detail = new Detail(run, world, find('#about'), lead);
const story = new Story(run, find('#story ol'), lead);

function show() {
  world.seek(state.time);
  network.chosen = state.what === 'node' ? state.which : -1;
  tree.chosen = state.what === 'block' ? state.which : -1;
  const reorg = state.what === 'reorg' ? run.reorgs[state.which] : null;
  network.arrow = reorg && reorg.sender !== null
    ? [run.nodes.place(reorg.sender), run.nodes.place(reorg.node)] : null;
  network.draw();
  tree.draw();
  charts.at(state.time);
  story.at(state.time);
  detail.show(state.what, state.which);
  for (const place of document.querySelectorAll('.clock')) place.textContent = clock(state.time);
  find('#slider').value = state.time;
  find('#slider').setAttribute('aria-valuetext', clock(state.time));
  showLegend();
}

// Who follows what, in words.
function showLegend() {
  const tips = world.tips();
  const sum = (wanted) =>
    tips.reduce((all, [block, count]) => (wanted(block) ? all + count : all), 0);
  const branch = (block) => run.blocks.branch[block];
  const key = (colour, text, square) => {
    const mark = element('i', square ? {class: 'square'} : {});
    mark.style.background = colour;
    return element('span', {}, mark, text);
  };
  const leader = world.leader();
  const upTo = sum((block) => block === leader);
  const behind = sum((block) => branch(block) < 0) - upTo;
  const height = run.blocks.height[leader];
  const parts = [key(colours().main, `${many(upTo, 'node')} at height ${height}`)];
  if (behind > 0) parts.push(key(colours().behind, `${many(behind, 'node')} behind on that chain`));
  for (const [i, fork] of [...new Set(tips.map(([block]) => branch(block)))].entries()) {
    if (fork < 0) continue;
    if (i > 5) break;
    const nodes = many(sum((block) => branch(block) === fork), 'node');
    parts.push(key(ofBranch(fork), `${nodes} on the ${branchOf(run, run.forks[fork])}`, true));
  }
  const text = parts.map((part) => part.textContent).join(', ');
  if (find('#legend').textContent === text.replaceAll(', ', '')) return;
  find('#legend').replaceChildren(...parts);
  find('#network canvas').setAttribute('aria-label', `The network: ${text}`);
}

function seek(time) {
  state.time = Math.max(0, Math.min(run.end, time));
  tree.follows = true;
  show();
}

function choose(what, which) {
  Object.assign(state, {what, which});
  if (what === 'node') find('#detail input').value = run.nodes.name(which);
  show();
}

// A short while, in some seconds.
function watch(from, to) {
  const wanted = (to - from) / 1e6 / SECONDS_TO_WATCH;
  const faster = SPEEDS.findIndex((speed) => speed > wanted);
  setSpeed(faster < 0 ? SPEEDS.length - 1 : faster - 1);
  seek(from);
  play(true);
}

function play(on) {
  if (on && state.time >= run.end) state.time = 0;
  if (on) tree.follows = true;
  state.playing = on;
  find('#play').textContent = on ? '❚❚' : '▶';
  find('#play').setAttribute('aria-label', on ? 'Pause' : 'Play');
  if (on) requestAnimationFrame((now) => step(now, now));
}

// Also says how many pictures a second there are.
function step(now, before) {
  if (!state.playing) return;
  const passed = Math.min(now - before, LONGEST_STEP);
  state.time = Math.min(run.end, state.time + passed * 1000 * SPEEDS[state.speed]);
  show();
  pictures.push(now);
  if (pictures.length > 60) pictures.shift();
  if (pictures.length > 1) {
    document.body.dataset.fps = Math.round(1000 * (pictures.length - 1) / (now - pictures[0]));
  }
  if (state.time >= run.end) return play(false);
  requestAnimationFrame((next) => step(next, now));
}
const pictures = [];

function setSpeed(index) {
  state.speed = Math.max(0, Math.min(SPEEDS.length - 1, index));
  network.speed = SPEEDS[state.speed];
  find('#speed').textContent = `${SPEEDS[state.speed]}×`;
}

// To the next of ascending times, or the one before.
function stepTo(times, forwards) {
  play(false);
  const next = forwards ? times[above(times, state.time)]
                        : times[above(times, state.time - 1) - 1];
  seek(next ?? (forwards ? run.end : 0));
}

const reorgTimes = run.reorgs.map((reorg) => reorg.at);
const KEYS = {
  ' ': () => play(!state.playing),
  ArrowRight: (event) => stepTo(event.shiftKey ? reorgTimes : run.blocks.found, true),
  ArrowLeft: (event) => stepTo(event.shiftKey ? reorgTimes : run.blocks.found, false),
  '+': () => setSpeed(state.speed + 1),
  '=': () => setSpeed(state.speed + 1),
  '-': () => setSpeed(state.speed - 1),
  Home: () => seek(0),
  End: () => seek(run.end),
  '?': () => find('#help').click(),
};

function listen() {
  document.addEventListener('keydown', (event) => {
    const typing = event.target.matches('input[type=number]');
    const pressing = event.key === ' ' && event.target.matches('button');
    if (typing || pressing || event.ctrlKey || event.metaKey || event.altKey) return;
    if (!KEYS[event.key]) return;
    event.preventDefault();
    KEYS[event.key](event);
  });
  find('#slider').addEventListener('input', (event) => seek(Number(event.target.value)));
  find('#play').addEventListener('click', () => play(!state.playing));
  find('#slower').addEventListener('click', () => setSpeed(state.speed - 1));
  find('#faster').addEventListener('click', () => setSpeed(state.speed + 1));
  find('#help').addEventListener('click', () => {
    find('#keys').hidden = !find('#keys').hidden;
    find('#help').setAttribute('aria-expanded', String(!find('#keys').hidden));
  });
  find('#theme').addEventListener('click', () => {
    setDark(!isDark());
    redraw();
  });
  find('#detail form').addEventListener('submit', (event) => {
    event.preventDefault();
    const node = run.nodes.place(Number(find('#detail input').value || 0));
    if (node >= 0 && node < run.nodes.count) choose('node', node);
  });
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', (event) => {
    setDark(event.matches);
    redraw();
  });
}

function redraw() {
  detail.shown = '';
  find('#legend').replaceChildren();
  listForks(run, find('#forks .rows'), lead);
  show();
  charts.redraw();
  timeline.draw();
}

// Where the page opens: `#t=1298.5&node=31`; or just before what healed the weightiest fork, or, if
// nothing did, at the end.
function open() {
  const asked = new URLSearchParams(location.hash.slice(1));
  const fork = run.forks[0];
  const healed = fork && !fork.still && fork.turning !== null;
  const telling = healed ? run.reorgs[fork.turning].at - 1 : run.end;
  if (healed) choose('reorg', fork.turning);
  else if (fork?.still) choose('block', fork.root);
  const node = asked.has('node') ? run.nodes.place(Number(asked.get('node'))) : -1;
  if (node >= 0 && node < run.nodes.count) choose('node', node);
  if (run.reorgs[asked.get('reorg') ?? -1]) choose('reorg', Number(asked.get('reorg')));
  seek(asked.has('t') ? Number(asked.get('t')) * 1e6 : telling);
}

window.viewed = {run, world, network, tree};  // for the console, and for tests
document.title = `${run.scenario} · simchain`;
find('#title').textContent = run.scenario;
find('#question').textContent = run.question;
find('#headline').textContent = run.headline;
find('#slider').max = run.end;
find('#notes').replaceChildren(...notes(run));
setSpeed(SPEEDS.findIndex((speed) => speed >= run.end / 1e6 / WHOLE_RUN));
listen();
listReorgs(run, document.querySelectorAll('#forks .rows')[1], lead);
redraw();
open();
