// One colour for each branch, the same wherever it is drawn: the main chain is calm, the others are
// of Okabe and Ito's palette, which people of all kinds of sight tell apart. Shape says it again:
// who follows the main chain is a circle, who follows another a square.

const LIGHT = {
  main: '#2f6fab', behind: '#9dc0de', down: '#b5b5b0', link: '#8a93a055', text: '#1d2430',
  faint: '#66707e', paper: '#ffffff', cut: '#c2410c', chosen: '#111111', message: '#7d8794',
  branches: ['#d55e00', '#a8448c', '#008660', '#c58a00', '#7a5c3e', '#6a5acd'],
};
const DARK = {
  main: '#5aa2e0', behind: '#34577a', down: '#5d646e', link: '#8fa0b63a', text: '#e6eaf0',
  faint: '#9aa6b4', paper: '#171c24', cut: '#ff8a4c', chosen: '#ffffff', message: '#8b96a5',
  branches: ['#ff8b3d', '#e58ac2', '#2fc79b', '#f0c541', '#c9a27c', '#a99bff'],
};

let dark = matchMedia('(prefers-color-scheme: dark)').matches;

export const isDark = () => dark;
export function setDark(wanted) {
  dark = wanted;
  document.documentElement.dataset.theme = dark ? 'dark' : 'light';
}
export const colours = () => (dark ? DARK : LIGHT);

export const ofBranch = (branch) => {
  const {main, branches} = colours();
  return branch < 0 ? main : branches[branch % branches.length];
};
export const ofBlock = (run, block) =>
  block < 0 ? colours().message : ofBranch(run.blocks.branch[block]);
