// The sentences of what happened, and the lists of forks and reorgs: all lead to a time.
import {ofBranch} from './colours.js';
import {branchOf, element, many, moment, number} from './words.js';

const FORKS_LISTED = 30;
const REORGS_LISTED = 200;

export class Story {
  constructor(run, list, {go, choose}) {
    this.run = run;
    this.items = run.story.map((line) => {
      const lead = () => {
        go(line.at);
        if (line.reorg !== undefined) choose('reorg', line.reorg);
      };
      return element('li', {}, element('button', {type: 'button', class: line.kind, click: lead},
                                       element('b', {}, moment(line.at)), ' ', line.text));
    });
    list.append(...this.items);
  }

  // The last sentence that has come true is lit.
  at(time) {
    let last = -1;
    this.run.story.forEach((line, i) => {
      if (line.at <= time) last = i;
    });
    if (last === this.last) return;
    this.last = last;
    this.items.forEach((item, i) => {
      item.firstChild.toggleAttribute('data-now', i === last);
      item.firstChild.toggleAttribute('data-past', i < last);
    });
    // Only inside its box, if that scrolls: the page stays where it is.
    const box = this.items[0].closest('section');
    const item = this.items[Math.max(0, last)];
    const far = item.getBoundingClientRect().top - box.getBoundingClientRect().top;
    const seen = far > 40 && far + item.clientHeight < box.clientHeight;
    if (!seen) box.scrollTop += far - box.clientHeight / 2;
  }
}

function more(list, shown, noun) {
  const rest = list.length - shown;
  return rest > 0 ? [element('p', {class: 'faint'}, `and ${many(rest, `further ${noun}`)}`)] : [];
}

export function listForks(run, place, {go, choose}) {
  const rows = run.forks.slice(0, FORKS_LISTED).map((fork, i) => {
    const {height} = run.blocks;
    const row = element('button', {type: 'button', class: 'row fork', click: () => {
      go(fork.at);
      choose('block', fork.root);
    }}, element('b', {}, moment(fork.at)),
    ` the ${branchOf(run, fork)} at height ${height[fork.root]}: ` +
    `${many(fork.blocks, 'block')}, ` +
    (fork.still > 0 ? `${many(fork.still, 'node')} still on it at the end`
      : fork.leavers > 0 ? `given up by ${many(fork.leavers, 'node')} until ${moment(fork.left)}`
        : 'followed by nobody else'));
    row.style.setProperty('--colour', ofBranch(i));
    return row;
  });
  place.replaceChildren(...(rows.length > 0 ? rows : ['None.']),
                        ...more(run.forks, FORKS_LISTED, 'fork'));
}

// The deepest, in order of time.
export function listReorgs(run, place, {go, choose}) {
  const deepest = run.reorgs.map((reorg, i) => ({...reorg, i}))
    .sort((a, b) => b.depth - a.depth || a.i - b.i)
    .slice(0, REORGS_LISTED)
    .sort((a, b) => a.i - b.i);
  const lead = (reorg) => () => {
    go(reorg.at);
    choose('reorg', reorg.i);
  };
  const rows = deepest.map((reorg) => element('button', {
    type: 'button', class: 'row', click: lead(reorg),
  }, element('b', {}, moment(reorg.at)), ` node ${reorg.node} gives up ${number(reorg.depth)}`,
  reorg.sender === null ? ', by a block of its own'
    : ` after ${run.types[reorg.type]} from node ${reorg.sender}`));
  place.replaceChildren(...(rows.length > 0 ? rows : ['None.']),
                        ...more(run.reorgs, REORGS_LISTED, 'reorg'));
}

// What the page shows, and what not.
export function notes(run) {
  const {nodes, messages, tips, links} = run;
  const parts = [`seed ${run.seed}, digest ${run.digest}, simchain ${run.version}`];
  if (nodes.stride > 1) {
    parts.push(`${number(nodes.count)} of ${number(nodes.total)} nodes are drawn, every ` +
      `${number(nodes.stride)}th; the sentences tell of all`);
  }
  if (run.cut_short) {
    parts.push(`the run is too long: the picture ends at ${moment(run.end)} of ` +
      moment(run.whole));
  }
  const drawn = messages.count + tips.cause.filter((cause) => cause === 0).length;
  parts.push(`of ${number(messages.sentInAll)} messages ${number(drawn)} are drawn, all that ` +
    'changed a tip among them; at high speed slower than they are');
  if (run.reorgs_left_out > 0) {
    parts.push(`only the first ${number(run.reorgs.length)} reorgs are told of; ` +
      `${number(run.reorgs_left_out)} came later`);
  }
  if (links.leftOut > 0) parts.push(`${number(links.leftOut)} links are not drawn`);
  return parts.map((text) => element('p', {}, `${text}.`));
}
