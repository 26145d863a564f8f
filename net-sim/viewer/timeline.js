// The strip above the slider: cuts as bands, blocks as ticks, reorgs as bars by their depth, other
// events as dots.
import {colours} from './colours.js';
import {Stage} from './stage.js';

const THUMB = 8;  // half the slider's thumb: its middle moves between these

export class Timeline {
  constructor(run, canvas) {
    this.run = run;
    this.stage = new Stage(canvas, () => this.draw());
  }

  x(time) {
    return THUMB + (time / this.run.end) * (this.stage.width - 2 * THUMB);
  }

  draw() {
    if (!this.stage) return;
    const {stage, run} = this;
    const {context, height} = stage;
    const {cut, main, behind, faint} = colours();
    stage.clear();
    context.globalAlpha = 0.22;
    context.fillStyle = cut;
    for (const {from, to} of run.cuts) {
      const last = Math.min(to, run.end);
      context.fillRect(this.x(from), 0, Math.max(2, this.x(last) - this.x(from)), height);
    }
    context.globalAlpha = 1;
    for (let block = 1; block < run.blocks.count; block++) {
      context.fillStyle = run.blocks.main[block] ? behind : faint;
      context.fillRect(this.x(run.blocks.found[block]), height - 6, 1, 6);
    }
    const deepest = run.reorgs.reduce((most, {depth}) => Math.max(most, depth), 1);
    context.fillStyle = cut;
    for (const {at, depth} of run.reorgs) {
      const tall = 4 + (height - 14) * (depth / deepest);
      context.fillRect(this.x(at) - 0.5, height - 7 - tall, 1.5, tall);
    }
    context.fillStyle = main;
    for (const {at, what} of run.happenings) {
      if (what === 'partition' || what === 'heal') continue;
      context.fillRect(this.x(at) - 1.5, 0, 3, 3);
    }
  }
}
