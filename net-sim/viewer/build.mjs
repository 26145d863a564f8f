// Bundles the page of `simchain view` into one HTML text, and that into a C++ source.
//
//   node build.mjs MODULES OUTPUT      MODULES: the node_modules that `npm ci` has made
//
// The page holds every script, style and licence; only the data of a run is missing, whose place
// view_command.cpp fills. The text is cut into pieces, since compilers bound a literal's length.
import {readFileSync, writeFileSync} from 'node:fs';
import {createRequire} from 'node:module';
import {dirname, join} from 'node:path';
import {fileURLToPath} from 'node:url';

const PIECE = 16_000;  // bytes of a literal
const LINE = 80;       // bytes of a line of it

const here = dirname(fileURLToPath(import.meta.url));
const [modules, output] = process.argv.slice(2);
process.env.NODE_PATH = modules;
const esbuild = createRequire(join(modules, 'esbuild/'))('esbuild');

function bundle(entry) {
  const built = esbuild.buildSync({
    entryPoints: [join(here, entry)],
    bundle: true,
    minify: true,
    write: false,
    outdir: '.',
    format: 'iife',
    charset: 'ascii',
    legalComments: 'none',
    nodePaths: [modules],
    target: ['chrome100', 'firefox100', 'safari15'],
  });
  return built.outputFiles[0].text.trim();
}

// Of every package that may be in the page, its own words.
function licences() {
  const lock = JSON.parse(readFileSync(join(here, 'package-lock.json'), 'utf8'));
  const names = Object.entries(lock.packages)
    .filter(([path, entry]) => path && !entry.dev)
    .map(([path]) => path.replace('node_modules/', ''));
  const texts = names.map((name) => `${name}\n${readFileSync(join(modules, name, 'LICENSE'))}`);
  return `This page holds code of others:\n\n${texts.join('\n\n')}`.replaceAll('--', '- -');
}

function literal(bytes) {
  const lines = [];
  for (let at = 0; at < bytes.length; at += LINE) {
    const line = [...bytes.subarray(at, at + LINE)].map((byte) => {
      const plain = byte >= 32 && byte < 127 && !'"\\?'.includes(String.fromCharCode(byte));
      return plain ? String.fromCharCode(byte) : `\\${byte.toString(8).padStart(3, '0')}`;
    });
    lines.push(`    "${line.join('')}"`);
  }
  return lines.join('\n');
}

const parts = {
  '/* the style */': bundle('style.css'),
  '/* the program */': bundle('main.js').replaceAll('</script', '<\\/script'),
  'the licences': licences(),
};
let page = readFileSync(join(here, 'index.html'), 'utf8');
for (const [place, text] of Object.entries(parts)) page = page.replace(place, () => text);

const bytes = Buffer.from(page);
const pieces = [];
for (let at = 0; at < bytes.length; at += PIECE) {
  pieces.push(literal(bytes.subarray(at, at + PIECE)));
}
writeFileSync(output, `#include "net-sim/view_command.h"

namespace sim {

std::string viewer_template() {
  static constexpr std::string_view kPieces[] = {
${pieces.join(',\n')}};
  std::string page;
  for (const std::string_view piece : kPieces) page += piece;
  return page;
}

}  // namespace sim
`);
