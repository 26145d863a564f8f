// How the network stands at a time: who follows which block, who is there. It is moved to a time
// from where it stands, forwards and backwards, by the changes that lie between.

// The first index of an ascending list whose value is above `value`.
export function above(list, value, count = list.length) {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (list[middle] > value) high = middle;
    else low = middle + 1;
  }
  return low;
}

export class World {
  constructor(run) {
    this.run = run;
    this.time = 0;
    this.tip = new Int32Array(run.nodes.count);
    this.up = new Uint8Array(run.nodes.count).fill(1);
    this.followers = new Int32Array(run.blocks.count);
    this.followers[0] = run.nodes.count;
    this.tipsDone = 0;
    this.livesDone = 0;
    // Who begins its life later is not there before.
    const seen = new Set();
    for (const life of run.lives) {
      if (!seen.has(life.node) && life.up) this.setUp(life.node, false);
      seen.add(life.node);
    }
    this.seek(0);
  }

  setUp(node, up) {
    if (this.up[node] === Number(up)) return;
    this.up[node] = Number(up);
    this.followers[this.tip[node]] += up ? 1 : -1;
  }

  follow(node, block) {
    if (this.up[node]) {
      this.followers[this.tip[node]]--;
      this.followers[block]++;
    }
    this.tip[node] = block;
  }

  seek(time) {
    const {tips, lives} = this.run;
    for (; this.tipsDone < tips.count && tips.at[this.tipsDone] <= time; this.tipsDone++) {
      this.follow(tips.node[this.tipsDone], tips.to[this.tipsDone]);
    }
    while (this.tipsDone > 0 && tips.at[this.tipsDone - 1] > time) {
      this.tipsDone--;
      this.follow(tips.node[this.tipsDone], tips.before[this.tipsDone]);
    }
    for (; this.livesDone < lives.length && lives[this.livesDone].at <= time; this.livesDone++) {
      this.setUp(lives[this.livesDone].node, lives[this.livesDone].up);
    }
    while (this.livesDone > 0 && lives[this.livesDone - 1].at > time) {
      this.livesDone--;
      this.setUp(lives[this.livesDone].node, !lives[this.livesDone].up);
    }
    this.time = time;
    this.blocksFound = Math.max(1, above(this.run.blocks.found, time));
  }

  // The blocks that some node follows, the most followed first: [block, nodes].
  tips() {
    const found = [];
    for (let block = 0; block < this.blocksFound; block++) {
      if (this.followers[block] > 0) found.push([block, this.followers[block]]);
    }
    return found.sort((a, b) => b[1] - a[1]);
  }

  // The highest block of the main chain that somebody follows.
  leader() {
    for (let block = this.blocksFound - 1; block > 0; block--) {
      if (this.followers[block] > 0 && this.run.blocks.main[block]) return block;
    }
    return 0;
  }

  // The cuts that are open.
  cuts() {
    return this.run.cuts.filter(({from, to}) => from <= this.time && this.time < to);
  }
}
