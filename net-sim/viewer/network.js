// The picture of the network: links, nodes in the colour of their tip, messages on their way.
//
// Links change seldom and are drawn once for each change. A message that takes longer than it is
// usual waits for the other side of a cut: it stands at its sender's until it goes on. At high
// speed a message is drawn slower than it is, or nobody would see it.
import {colours, ofBlock} from './colours.js';
import {layOut} from './layout.js';
import {Stage} from './stage.js';
import {above} from './world.js';

const HELD = 5_000_000;         // microseconds; longer is not under way but held back
const SEEN = 350_000;           // of a person's time that a message is seen at least
const MOST_NUMBERED = 60;       // nodes that bear their number
const MOST_MESSAGES = 1_500;    // in one picture

// All that travels, by time of sending: what brought tips, and the rest, of which there is a part.
function travels(run) {
  const {tips, messages} = run;
  const list = [];
  for (let i = 0; i < tips.count; i++) {
    const from = tips.cause[i] === 0 ? run.nodes.place(tips.from[i]) : -1;
    if (from < 0) continue;
    const arrived = tips.at[i] - tips.waited[i];
    list.push([arrived - tips.travel[i], arrived, from, tips.node[i], tips.to[i]]);
  }
  for (let i = 0; i < messages.count; i++) {
    const arrived = messages.travel[i] < 0 ? Infinity : messages.sent[i] + messages.travel[i];
    list.push([messages.sent[i], arrived, messages.from[i], messages.to[i], messages.block[i]]);
  }
  list.sort((a, b) => a[0] - b[0]);
  return {
    quick: list.filter(([sent, arrived]) => arrived - sent <= HELD),
    held: list.filter(([sent, arrived]) => arrived - sent > HELD),
  };
}

export class Network {
  constructor(run, world, canvas, choose) {
    this.run = run;
    this.world = world;
    this.places = layOut(run);
    this.stage = new Stage(canvas, () => {
      this.linksDrawn = null;
      this.draw();
    });
    this.linkCanvas = document.createElement('canvas');
    const {quick, held} = travels(run);
    this.quick = quick;
    this.quickSent = quick.map((each) => each[0]);
    this.held = held;
    this.linkTimes = [...run.links.from, ...run.links.to.filter((time) => time >= 0)].sort(
      (a, b) => a - b);
    this.speed = 1;
    this.chosen = -1;
    this.arrow = null;  // [from, to] of a chosen reorg
    canvas.addEventListener('click', (event) => {
      const node = this.nodeAt(...this.stage.at(event));
      if (node >= 0) choose(node);
    });
    canvas.addEventListener('pointermove', (event) => {
      const node = this.nodeAt(...this.stage.at(event));
      canvas.style.cursor = node >= 0 ? 'pointer' : '';
      canvas.title = node >= 0 ? `node ${run.nodes.name(node)}` : '';
    });
  }

  get radius() {
    const {width, height} = this.stage;
    const room = Math.sqrt((width * height) / this.run.nodes.count);
    return Math.max(3, Math.min(18, room * 0.18));
  }

  place(node) {
    const edge = this.radius + 8;
    const [x, y] = this.places[node];
    return [edge + x * (this.stage.width - 2 * edge), edge + y * (this.stage.height - 2 * edge)];
  }

  nodeAt(x, y) {
    let best = -1;
    let distance = Math.max(12, this.radius + 5) ** 2;
    for (let node = 0; node < this.run.nodes.count; node++) {
      const [nodeX, nodeY] = this.place(node);
      const squared = (x - nodeX) ** 2 + (y - nodeY) ** 2;
      if (squared < distance) [best, distance] = [node, squared];
    }
    return best;
  }

  // Those across a cut are dashed.
  drawLinks(cuts) {
    const {stage, linkCanvas, run} = this;
    const key = [above(this.linkTimes, this.world.time), cuts.map((cut) => cut.key), stage.width,
                 stage.height, colours().link].join();
    if (this.linksDrawn === key) return;
    this.linksDrawn = key;
    linkCanvas.width = stage.canvas.width;
    linkCanvas.height = stage.canvas.height;
    const context = linkCanvas.getContext('2d');
    context.setTransform(stage.context.getTransform());
    context.lineWidth = run.links.count > 2_000 ? 0.4 : 1;
    const across = new Path2D();
    const inside = new Path2D();
    const {a, b, from, to} = run.links;
    for (let i = 0; i < run.links.count; i++) {
      if (from[i] > this.world.time || (to[i] >= 0 && to[i] <= this.world.time)) continue;
      const path = cuts.some(({groups}) => groups[a[i]] !== groups[b[i]]) ? across : inside;
      path.moveTo(...this.place(a[i]));
      path.lineTo(...this.place(b[i]));
    }
    context.strokeStyle = colours().link;
    if (run.links.count > 2_000) context.globalAlpha = 0.5;
    context.stroke(inside);
    context.setLineDash([2, 5]);
    context.globalAlpha = run.links.count > 2_000 ? 0.25 : 0.6;
    context.strokeStyle = colours().cut;
    context.stroke(across);
  }

  drawNodes() {
    const {world, run, stage: {context}} = this;
    const radius = this.radius;
    const {main, behind, down} = colours();
    const height = run.blocks.height[world.leader()];
    const numbered = run.nodes.count <= MOST_NUMBERED && radius >= 8;
    context.font = `600 ${Math.round(radius * 0.95)}px system-ui, sans-serif`;
    context.textAlign = 'center';
    context.textBaseline = 'middle';
    for (let node = 0; node < run.nodes.count; node++) {
      const [x, y] = this.place(node);
      const tip = world.tip[node];
      const onMain = run.blocks.branch[tip] < 0;
      const late = onMain && run.blocks.height[tip] < height;
      const colour = !onMain ? ofBlock(run, tip) : late ? behind : main;
      context.beginPath();
      if (onMain) context.arc(x, y, radius, 0, 7);
      else context.rect(x - radius * 0.9, y - radius * 0.9, radius * 1.8, radius * 1.8);
      if (world.up[node]) {
        context.fillStyle = colour;
        context.fill();
      } else {
        context.strokeStyle = down;
        context.setLineDash([2, 2]);
        context.stroke();
        context.setLineDash([]);
      }
      if (run.nodes.behaviour[run.nodes.name(node)]) this.ring(x, y, radius + 3, colours().cut, 2);
      if (node === this.chosen) this.ring(x, y, radius + 5, colours().chosen, 2.5);
      if (!numbered) continue;
      context.fillStyle = world.up[node] ? (late ? colours().text : colours().paper) : down;
      context.fillText(run.nodes.name(node), x, y + 0.5);
    }
  }

  ring(x, y, radius, colour, width) {
    const {context} = this.stage;
    context.beginPath();
    context.arc(x, y, radius, 0, 7);
    context.strokeStyle = colour;
    context.lineWidth = width;
    context.stroke();
    context.lineWidth = 1;
  }

  dot(message, share, size = Math.max(1.5, Math.min(3.5, this.radius * 0.32))) {
    const [, , from, to, block] = message;
    const [x, y] = this.place(from);
    const [toX, toY] = this.place(to);
    const {context} = this.stage;
    context.fillStyle = ofBlock(this.run, block);
    context.beginPath();
    context.arc(x + (toX - x) * share, y + (toY - y) * share, block < 0 ? 1.5 : size, 0, 7);
    context.fill();
    context.stroke();
  }

  drawMessages() {
    const {world: {time}, stage: {context}} = this;
    context.strokeStyle = colours().paper;
    context.lineWidth = 0.8;
    const seen = SEEN * this.speed;
    const last = above(this.quickSent, time);
    let drawn = 0;
    for (let i = last - 1; i >= 0 && drawn < MOST_MESSAGES; i--) {
      const [sent, arrived] = this.quick[i];
      if (sent < time - Math.max(HELD, seen)) break;
      const takes = Math.max(arrived - sent, seen);
      if (time - sent >= takes) continue;
      this.dot(this.quick[i], (time - sent) / takes);
      drawn++;
    }
    context.globalAlpha = 0.7;
    for (const message of this.held) {
      const [sent, arrived] = message;
      if (sent > time) break;
      if (arrived <= time || drawn++ > MOST_MESSAGES) continue;
      const rest = Math.max(seen, 200_000);
      const goes = Math.max(0, 1 - (arrived - time) / rest);
      const comes = Math.min(1, (time - sent) / rest);
      this.dot(message, 0.28 * comes + 0.72 * goes, 1.8);
    }
    context.globalAlpha = 1;
    context.lineWidth = 1;
  }

  drawArrow() {
    if (!this.arrow || this.arrow.some((node) => node < 0)) return;
    const {context} = this.stage;
    const [[x, y], [toX, toY]] = this.arrow.map((node) => this.place(node));
    const angle = Math.atan2(toY - y, toX - x);
    const gap = this.radius + 7;
    const [endX, endY] = [toX - gap * Math.cos(angle), toY - gap * Math.sin(angle)];
    context.strokeStyle = context.fillStyle = colours().chosen;
    context.lineWidth = 2.5;
    context.beginPath();
    context.moveTo(x + gap * Math.cos(angle), y + gap * Math.sin(angle));
    context.lineTo(endX, endY);
    context.stroke();
    context.beginPath();
    context.moveTo(toX - (gap - 6) * Math.cos(angle), toY - (gap - 6) * Math.sin(angle));
    for (const turn of [2.6, -2.6]) {
      context.lineTo(endX + 9 * Math.cos(angle + turn), endY + 9 * Math.sin(angle + turn));
    }
    context.fill();
    context.lineWidth = 1;
  }

  draw() {
    if (!this.quickSent) return;
    const cuts = this.world.cuts();
    this.stage.clear();
    this.drawLinks(cuts);
    const {context, width, height} = this.stage;
    context.drawImage(this.linkCanvas, 0, 0, width, height);
    this.drawMessages();
    this.drawNodes();
    this.drawArrow();
    if (cuts.length > 0) {
      context.fillStyle = colours().cut;
      context.font = '600 13px system-ui, sans-serif';
      context.textAlign = 'center';
      context.textBaseline = 'top';
      context.fillText('✂ cut', width / 2, 4);
    }
  }
}
