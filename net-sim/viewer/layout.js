// Where nodes stand: forces between linked nodes, worked out once. Those of one side of a cut, or
// of one region, are drawn to one place, since that is what a person looks for.
import {forceCollide, forceLink, forceManyBody, forceSimulation, forceX, forceY} from 'd3-force';

const TICKS_OF_A_LARGE_NETWORK = 120;  // 1,000 nodes in less than a second
const MOST_PULLING_LINKS = 4_000;

function sides(run) {
  if (run.cuts.length > 0) return run.cuts[0].groups;
  return run.nodes.region.length > 0 ? run.nodes.region : null;
}

// [x, y] of each node, between 0 and 1.
export function layOut(run) {
  const count = run.nodes.count;
  const groups = sides(run);
  const kinds = groups ? [...new Set(groups)].sort((a, b) => a - b) : [0];
  const reach = 12 * Math.sqrt(count) + 20;
  const centre = (i) => {
    if (kinds.length < 2) return [0, 0];
    const place = kinds.indexOf(groups[i]);
    if (kinds.length === 2) return [(place === 0 ? -1 : 1) * reach, 0];
    const angle = (2 * Math.PI * place) / kinds.length + Math.PI;
    return [1.5 * reach * Math.cos(angle), reach * Math.sin(angle)];
  };
  const nodes = Array.from({length: count}, (_, i) => {
    const angle = i * 2.399963;  // of a sunflower's seeds
    const [x, y] = centre(i);
    const far = 9 * Math.sqrt(i + 1);
    return {x: x + far * Math.cos(angle), y: y + far * Math.sin(angle)};
  });
  const links = [];
  const step = Math.ceil(run.links.count / MOST_PULLING_LINKS) || 1;
  for (let i = 0; i < run.links.count; i += step) {
    links.push({source: run.links.a[i], target: run.links.b[i]});
  }
  const ticks = count > 300 ? TICKS_OF_A_LARGE_NETWORK : 300;
  const pull = kinds.length < 2 ? 0.05 : 0.35;
  forceSimulation(nodes)
    .alphaDecay(1 - 0.001 ** (1 / ticks))
    .force('link', forceLink(links).distance(30).strength(kinds.length < 2 ? 0.15 : 0.02))
    .force('charge', forceManyBody().strength(-60).theta(1.1).distanceMax(400))
    .force('apart', forceCollide(9))
    .force('x', forceX((_, i) => centre(i)[0]).strength(pull))
    .force('y', forceY((_, i) => centre(i)[1]).strength(pull))
    .stop()
    .tick(ticks);
  const span = (key) => {
    const values = nodes.map((node) => node[key]);
    const low = Math.min(...values);
    return [low, Math.max(...values) - low || 1];
  };
  const [left, width] = span('x');
  const [top, height] = span('y');
  return nodes.map((node) => [(node.x - left) / width, (node.y - top) / height]);
}
