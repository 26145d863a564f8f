// What is told of one node, one block or one reorg.
import {ofBlock} from './colours.js';
import {branchOf, bytes, element, many, meaning, moment, number, span} from './words.js';

const TIPS_TOLD = 40;
const CHAIN_TOLD = 12;

export class Detail {
  // `go(time)`, `choose(what, which)` lead there; `watch(from, to)` plays that slowly.
  constructor(run, world, place, {go, choose, watch}) {
    Object.assign(this, {run, world, place, go, choose, watch});
    this.tipsOf = Array.from({length: run.nodes.count}, () => []);
    for (let i = 0; i < run.tips.count; i++) this.tipsOf[run.tips.node[i]].push(i);
    this.reorgAt = new Map(run.reorgs.map((each, i) => [`${each.node} ${each.at} ${each.to}`, i]));
    this.shown = '';
  }

  // A block as a word that leads to it.
  block(id) {
    if (id < 0) return element('span', {}, 'no block');
    const {blocks} = this.run;
    const chip = element('button', {type: 'button', class: 'chip',
                                    click: () => this.choose('block', id)},
                         `${blocks.height[id]} · ${blocks.name(id)}`);
    chip.style.setProperty('--colour', ofBlock(this.run, id));
    return chip;
  }

  node(name) {
    return element('button', {type: 'button', class: 'word',
                              click: () => this.choose('node', this.run.nodes.place(name))},
                   `node ${name}`);
  }

  moment(time) {
    return element('button', {type: 'button', class: 'time', click: () => this.go(time)},
                   moment(time));
  }

  message(type) {
    const name = this.run.types[type];
    return element('span', {title: meaning(name)}, name);
  }

  side(block) {
    const branch = this.run.blocks.branch[block];
    if (branch < 0) return 'on the main chain';
    return `on the ${branchOf(this.run, this.run.forks[branch])}`;
  }

  how(tip) {
    const {tips} = this.run;
    if (tips.cause[tip] === 1) return ['found by itself'];
    if (tips.cause[tip] === 2) return ['kept over a restart'];
    const parts = [this.message(tips.type[tip]), ' from ', this.node(tips.from[tip]),
                   `, ${span(tips.travel[tip])} on its way`];
    if (tips.waited[tip] > 0) parts.push(`, ${span(tips.waited[tip])} to check`);
    return parts;
  }

  // The parts of a page, and a key: while it stays the same, the page is not made again.
  parts(what, which) {
    if (what === 'node') return this.ofNode(which);
    if (what === 'block') return this.ofBlock(which);
    if (what === 'reorg') return this.ofReorg(which);
    return ['none', () => [element('p', {class: 'faint'},
      'Click on a node to see its chain and what it knew when, on a block, or on a reorg in the ' +
      'lists below to see which messages caused it.')]];
  }

  show(what, which) {
    const [key, make] = this.parts(what, which);
    if (key === this.shown) return;
    this.shown = key;
    this.place.replaceChildren(...make());
  }

  ofNode(node) {
    const {run, world} = this;
    const list = this.tipsOf[node];
    let known = 0;
    while (known < list.length && run.tips.at[list[known]] <= world.time) known++;
    const name = run.nodes.name(node);
    return [`node ${node} ${known} ${world.up[node]}`, () => {
      const facts = [['header_first', 'push_chain'][1 - run.nodes.protocol[node]]];
      if (run.nodes.regions) facts.push(run.nodes.regions[run.nodes.region[node]]);
      facts.push(`${Math.round(run.nodes.power[node] * 1000) / 10} % of the mining power`);
      const behaviour = run.nodes.behaviour[name];
      if (behaviour) facts.push(`an attacker: ${behaviour}`);
      if (!world.up[node]) facts.push('not there now');
      const tip = world.tip[node];
      return [
        element('h3', {}, `Node ${name}`),
        element('p', {class: 'faint'}, facts.join(' · ')),
        element('p', {}, 'Follows ', this.block(tip), ` ${this.side(tip)}.`),
        element('h4', {}, 'Its chain'), this.chain(tip),
        element('h4', {}, 'What it knew when'), this.history(name, list.slice(0, known)),
      ];
    }];
  }

  chain(tip) {
    const row = element('p', {class: 'chain'});
    let block = tip;
    for (let i = 0; i < CHAIN_TOLD && block >= 0; i++, block = this.run.blocks.parent[block]) {
      row.append(i > 0 ? ' → ' : '', this.block(block));
    }
    if (block >= 0) row.append(` … ${many(this.run.blocks.height[block] + 1, 'more block')}`);
    return row;
  }

  history(name, known) {
    const {tips} = this.run;
    const rows = known.slice(-TIPS_TOLD).reverse().map((tip) => {
      const row = element('li', {}, this.moment(tips.at[tip]), ' ', this.block(tips.to[tip]), ' ',
                          ...this.how(tip));
      const reorg = this.reorgAt.get(`${name} ${tips.at[tip]} ${tips.to[tip]}`);
      if (reorg !== undefined) row.append(' ', this.reorgButton(reorg));
      return row;
    });
    if (known.length > TIPS_TOLD) {
      rows.push(element('li', {class: 'faint'}, `${number(known.length - TIPS_TOLD)} earlier`));
    }
    return rows.length > 0 ? element('ol', {class: 'history'}, ...rows)
                           : element('p', {class: 'faint'}, 'Nothing but the first block yet.');
  }

  reorgButton(reorg) {
    const {depth} = this.run.reorgs[reorg];
    return element('button', {type: 'button', class: 'reorg',
                              click: () => this.choose('reorg', reorg)}, `⟲ gave up ${depth}`);
  }

  ofBlock(block) {
    const {run, world} = this;
    const {blocks} = run;
    const followers = world.followers[block];
    return [`block ${block} ${followers}`, () => {
      const parts = [
        element('h3', {}, `Block ${blocks.height[block]} · ${blocks.name(block)}`),
        element('p', {}, block === 0 || blocks.finder[block] < 0 ? 'The first block, known to all.'
          : element('span', {}, 'Found by ', this.node(blocks.finder[block]), ' at ',
                    this.moment(blocks.found[block]), `, ${bytes(blocks.bytes[block])}, `,
                    `${this.side(block)}.`)),
        element('p', {}, `Now followed by ${many(followers, 'node')}.`),
        element('h4', {}, 'The chain to it'), this.chain(block),
      ];
      const fork = run.forks[blocks.branch[block]];
      if (fork) parts.push(element('h4', {}, 'Its branch'), this.forkText(fork));
      return parts;
    }];
  }

  forkText(fork) {
    const text = element('p', {}, `${many(fork.blocks, 'block')}; forked at `,
                         this.moment(fork.at));
    if (fork.leavers > 0) {
      text.append(`; ${many(fork.leavers, 'node')} gave up at most ${many(fork.deepest, 'block')}`);
    }
    text.append(fork.still > 0 ? `; ${many(fork.still, 'node')} still there at the end.` : '.');
    if (fork.turning !== null) text.append(' ', this.reorgButton(fork.turning));
    return text;
  }

  ofReorg(which) {
    const {run} = this;
    const reorg = run.reorgs[which];
    return [`reorg ${which}`, () => {
      const {height} = run.blocks;
      const taken = height[reorg.to] - height[reorg.from] + reorg.depth;
      const parts = [
        element('h3', {}, `Node ${reorg.node} changes chains`),
        element('p', {}, 'At ', this.moment(reorg.at), ' ', this.node(reorg.node),
                ` gives up ${many(reorg.depth, 'block')}, up to `, this.block(reorg.from),
                `, and takes ${many(taken, 'other')}, up to `, this.block(reorg.to), '.'),
        element('h4', {}, 'The message that caused it'),
      ];
      parts.push(reorg.sender === null
        ? element('p', {}, 'None: it found a block itself.')
        : element('p', {id: 'cause'}, this.message(reorg.type),
                  ` (${meaning(run.types[reorg.type])}) from `, this.node(reorg.sender), ' to ',
                  this.node(reorg.node), ', sent at ', this.moment(reorg.sent),
                  `, ${span(reorg.at - reorg.sent)} before. `,
                  element('button', {type: 'button', class: 'reorg',
                                     click: () => this.watch(reorg.sent, reorg.at)},
                          '▶ watch it slowly')));
      if (reorg.before.length > 0) {
        parts.push(element('h4', {}, 'What was said before'),
                   element('ol', {class: 'history'},
                           ...reorg.before.map((each) => this.said(each))));
      }
      return parts;
    }];
  }

  said([at, heard, other, type, block]) {
    const words = element('li', {}, this.moment(at), heard ? ' heard from ' : ' said to ',
                          this.node(other), ': ', this.message(type));
    if (block >= 0) words.append(' ', this.block(block));
    return words;
  }
}
