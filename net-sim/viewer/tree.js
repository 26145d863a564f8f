// The block tree: a column for each height, the main chain on the first row, branches below it.
//
// A path keeps its row: of a block's children the one on the main chain goes on with it, else that
// with the longest descent; the others open rows of their own, which end with them and are used
// again. The picture follows the newest block until somebody moves it.
import {colours, ofBlock} from './colours.js';
import {Stage} from './stage.js';
import {clock} from './words.js';

const COLUMN = 33;
const BLOCK = 24;   // its width
const TALL = 20;    // and its height, where there is room
const FONT = '600 10px system-ui, sans-serif';
const MARK = 3;     // columns that the words behind a branch take

function rowsOf({count, parent, height, main}) {
  const deepest = Int32Array.from(height);
  for (let block = count - 1; block > 0; block--) {
    const up = parent[block];
    if (up >= 0) deepest[up] = Math.max(deepest[up], deepest[block]);
  }
  const heir = new Int32Array(count).fill(-1);
  for (let block = 0; block < count; block++) {
    const up = parent[block];
    if (up < 0) continue;
    const now = heir[up];
    const better = now < 0 || (main[block] && !main[now]) ||
      (!main[now] && deepest[block] > deepest[now]);
    if (better) heir[up] = block;
  }
  const row = new Int32Array(count);
  const taken = [];  // by row: the heights that paths have there
  const free = (at, low, high) => (taken[at] ??= []).every(([a, b]) => high < a || low > b);
  for (let block = 0; block < count; block++) {
    const up = parent[block];
    if (up >= 0 && heir[up] === block) {
      row[block] = row[up];
      continue;
    }
    let end = block;
    while (heir[end] >= 0) end = heir[end];
    const low = up < 0 ? height[block] : height[up];
    const first = main[block] ? 0 : 1;
    row[block] = first;
    while (!free(row[block], low, height[end] + MARK)) row[block]++;
    taken[row[block]].push([low, height[end] + MARK]);
  }
  return {row, heir, rows: taken.length};
}

export class Tree {
  constructor(run, world, canvas, choose) {
    this.run = run;
    this.world = world;
    Object.assign(this, rowsOf(run.blocks));
    let highest = 0;
    this.highest = run.blocks.height.map((height) => (highest = Math.max(highest, height)));
    this.offset = 0;
    this.follows = true;
    this.chosen = -1;
    canvas.parentElement.style.height = `${34 + Math.min(Math.max(this.rows, 2), 7) * 34}px`;
    this.stage = new Stage(canvas, () => this.draw());
    // For each node that left a branch for good: where the branch's longest end is.
    this.ends = run.forks.map((fork) => this.longest(fork.root));
    this.listen(canvas, choose);
  }

  longest(block) {
    while (this.heir[block] >= 0) block = this.heir[block];
    return block;
  }

  listen(canvas, choose) {
    let from = null;
    let moved = 0;
    canvas.addEventListener('pointerdown', (event) => {
      from = event.clientX;
      moved = 0;
      canvas.setPointerCapture(event.pointerId);
    });
    canvas.addEventListener('pointermove', (event) => {
      if (from === null) return;
      moved += Math.abs(event.clientX - from);
      this.move(from - event.clientX);
      from = event.clientX;
    });
    canvas.addEventListener('pointerup', (event) => {
      from = null;
      const block = this.blockAt(...this.stage.at(event));
      if (moved < 6 && block >= 0) choose(block);
    });
    canvas.addEventListener('wheel', (event) => {
      if (Math.abs(event.deltaX) <= Math.abs(event.deltaY)) return;  // the page scrolls
      event.preventDefault();
      this.move(event.deltaX);
    }, {passive: false});
  }

  get rowHeight() {
    return Math.min(34, (this.stage.height - 30) / Math.max(this.rows, 1));
  }

  get furthest() {
    const height = this.highest[this.world.blocksFound - 1];
    return Math.max(0, (height + 2) * COLUMN - this.stage.width);
  }

  move(far) {
    this.follows = false;
    this.offset = Math.max(0, Math.min(this.furthest, this.offset + far));
    this.draw();
  }

  place(block) {
    const {height} = this.run.blocks;
    return [12 + height[block] * COLUMN - this.offset, 24 + this.row[block] * this.rowHeight];
  }

  blockAt(x, y) {
    for (let block = this.world.blocksFound - 1; block >= 0; block--) {
      const [left, top] = this.place(block);
      const inside = x >= left - 3 && x <= left + BLOCK + 3 && y >= top - 4 && y <= top + TALL + 4;
      if (inside) return block;
    }
    return -1;
  }

  // Of a fork that has ended, how many blocks were given up: behind the branch's end.
  drawMarks() {
    const {context} = this.stage;
    this.run.forks.forEach((fork, i) => {
      if (fork.left === null || fork.left > this.world.time || fork.leavers === 0) return;
      const [x, y] = this.place(this.ends[i]);
      if (x < -60 || x > this.stage.width) return;
      context.fillStyle = colours().faint;
      context.textAlign = 'left';
      context.fillText(`⟲ ${fork.deepest} given up`, x + BLOCK + 5, y + TALL / 2);
    });
  }

  drawBlock(block) {
    const {run, world, stage: {context}} = this;
    const [x, y] = this.place(block);
    const size = Math.min(TALL, this.rowHeight - 6);
    const fork = run.forks[run.blocks.branch[block]];
    const lost = fork && fork.left !== null && fork.left <= world.time;
    context.fillStyle = context.strokeStyle = ofBlock(run, block);
    context.beginPath();
    context.roundRect(x, y, BLOCK, size, 4);
    if (lost) context.stroke();
    else context.fill();
    if (block === this.chosen) {
      context.strokeStyle = colours().chosen;
      context.lineWidth = 2.5;
      context.strokeRect(x - 3, y - 3, BLOCK + 6, size + 6);
      context.lineWidth = 1.2;
    }
    context.textAlign = 'center';
    context.fillStyle = lost ? colours().faint : colours().paper;
    const height = run.blocks.height[block];
    context.font = `600 ${height > 999 ? 8 : 10}px system-ui, sans-serif`;
    if (size >= 12) context.fillText(height, x + BLOCK / 2, y + size / 2 + 0.5);
    context.font = FONT;
    if (world.followers[block] === 0 || this.rowHeight < 20) return;
    context.fillStyle = ofBlock(run, block);
    context.fillText(world.followers[block], x + BLOCK / 2, y - 7);
  }

  drawEdge(block) {
    const up = this.run.blocks.parent[block];
    if (up < 0) return;
    const {context} = this.stage;
    const half = Math.min(TALL, this.rowHeight - 6) / 2;
    const [x, y] = this.place(block);
    const [upX, upY] = this.place(up);
    context.strokeStyle = ofBlock(this.run, block);
    context.beginPath();
    context.moveTo(upX + BLOCK, upY + half);
    if (y === upY) context.lineTo(x, y + half);
    else context.bezierCurveTo(upX + BLOCK + 6, upY + half, x - 8, y + half, x, y + half);
    context.stroke();
  }

  draw() {
    const {stage, world} = this;
    if (this.follows) this.offset = this.furthest;
    this.offset = Math.min(this.offset, this.furthest);
    stage.clear();
    const {context} = stage;
    context.font = FONT;
    context.textBaseline = 'middle';
    context.lineWidth = 1.2;
    const low = Math.floor(this.offset / COLUMN) - 2;
    const high = low + stage.width / COLUMN + 4;
    const {height} = this.run.blocks;
    const seen = [];
    for (let block = 0; block < world.blocksFound; block++) {
      if (height[block] >= low && height[block] <= high) seen.push(block);
    }
    for (const block of seen) this.drawEdge(block);
    for (const block of seen) this.drawBlock(block);
    this.drawMarks();
    const last = world.blocksFound - 1;
    stage.canvas.setAttribute('aria-label', `${last} blocks found by ${clock(world.time)}`);
  }
}
