// Distinct tips and traffic over time. A line shows where the page is; a click leads there.
import uPlot from 'uplot';
import {colours} from './colours.js';
import {bytes, clock, moment} from './words.js';
import {above} from './world.js';

const HEIGHT = 190;
const STEPS = [0.1, 1, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 7200, 36000, 86400, 864000];
const HUES = ['#2f6fab', '#d55e00', '#a8448c', '#008660', '#c58a00', '#7a5c3e', '#6a5acd',
              '#d9628c', '#6b9a00', '#0097a7'];

function chart(place, series, data, format, run, seek) {
  const line = document.createElement('div');
  line.className = 'now';
  let now = 0;
  let told = -1;
  // The line, and the legend while no pointer is in the chart.
  const point = (plot) => {
    line.style.transform = `translateX(${plot.valToPos(now, 'x')}px)`;
    const index = Math.max(0, above(data[0], now) - 1);
    if (plot.cursor.left >= 0 || index === told) return;
    told = index;
    plot.setLegend({idx: index}, false);
  };
  const axis = () => colours().faint;
  // Lines on whole numbers.
  const whole = [1, 2, 5].flatMap((first) => Array.from({length: 13}, (_, i) => first * 10 ** i))
    .sort((a, b) => a - b);
  const grid = {stroke: () => colours().link, width: 1};
  const plot = new uPlot({
    width: Math.max(120, place.clientWidth),
    height: HEIGHT,
    cursor: {y: false, drag: {x: false, y: false}},
    legend: {live: true, markers: {width: 2}},
    scales: {
      x: {time: false, range: [0, run.end]},
      y: {range: (_, __, most) => [0, most * 1.1 || 1]},
    },
    axes: [
      {stroke: axis, grid, values: (_, splits) => splits.map(moment), space: 70,
       incrs: STEPS.map((seconds) => seconds * 1e6)},
      {stroke: axis, grid, size: 62, incrs: whole, space: 26,
       values: (_, splits) => splits.map(format)},
    ],
    series: [{label: 'at', value: (_, time) => (time == null ? '–' : clock(time))}, ...series],
    hooks: {
      draw: [(drawn) => {
        told = -1;
        requestAnimationFrame(() => point(drawn));  // when all of it is in place
      }],
    },
  }, data, place);
  plot.over.append(line);
  plot.ctx.canvas.setAttribute('aria-hidden', 'true');  // its section has a name, its legend words
  plot.over.addEventListener('click', () => {
    if (plot.cursor.idx != null) seek(plot.posToVal(plot.cursor.left, 'x'));
  });
  new ResizeObserver(() => {
    plot.setSize({width: Math.max(120, place.clientWidth), height: HEIGHT});
  }).observe(place);
  return {
    at: (time) => {
      now = time;
      point(plot);
    },
    redraw: () => plot.redraw(false),
  };
}

export class Charts {
  constructor(run, seek) {
    const stepped = uPlot.paths.stepped({align: 1});
    const {at, distinct} = run.distinct;
    this.tips = chart(
      document.querySelector('#tips .plot'),
      [{label: 'different tips', stroke: () => colours().cut, width: 1.5, paths: stepped,
        points: {show: false}, value: (_, value) => value ?? '–'}],
      [[...at, run.end], [...distinct, distinct.at(-1)]], String, run, seek);
    const {bin, bytes: sent} = run.traffic;
    const bins = Math.max(1, ...Object.values(sent).map((list) => list.length));
    const rate = (value) => (value == null ? '–' : `${bytes(value)}/s`);
    this.traffic = chart(
      document.querySelector('#traffic .plot'),
      Object.keys(sent).map((type, i) => ({
        label: type, stroke: HUES[i % HUES.length], width: 1.2, points: {show: false},
        value: (_, value) => rate(value),
      })),
      [Array.from({length: bins}, (_, i) => (i + 0.5) * bin),
       ...Object.values(sent).map((list) => list.map((each) => (each * 1e6) / bin))],
      (value) => bytes(value), run, seek);
  }

  at(time) {
    this.tips.at(time);
    this.traffic.at(time);
  }

  redraw() {
    this.tips.redraw();
    this.traffic.redraw();
  }
}
