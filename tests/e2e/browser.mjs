// A headless Chromium for tests in Python: a command a line on stdin, its answer a line on stdout.
//
//   {"do": "open", "url": "file:///...", "width": 1280, "height": 800, "dark": false}
//   click SELECTOR [x, y] | press KEY | fill SELECTOR TEXT | text SELECTOR | count SELECTOR
//   evaluate CODE | until CODE | shot FILE
//
// What a page logs as an error, or requests from anywhere but its own file or node, is answered as
// such.
import {createInterface} from 'node:readline';
import {createRequire} from 'node:module';
import {join} from 'node:path';

const [modules, program, ...flags] = process.argv.slice(2);
const {chromium} = createRequire(join(modules, 'playwright-core/'))('playwright-core');
const browser = await chromium.launch({
  executablePath: program, args: ['--no-sandbox', '--disable-gpu', ...flags],
});
let page = null;
let faults = [];

async function open({url, width, height, dark}) {
  await page?.context().close();
  const context = await browser.newContext({
    viewport: {width, height}, colorScheme: dark ? 'dark' : 'light',
  });
  page = await context.newPage();
  page.setDefaultTimeout(20_000);
  faults = [];
  page.on('pageerror', (error) => faults.push(String(error)));
  page.on('console', (message) => message.type() === 'error' && faults.push(message.text()));
  const home = new URL(url).origin; // of a file: "null"
  const is_own = ({origin, protocol}) =>
    protocol === 'file:' || protocol === 'data:' || (origin === home && home !== 'null');
  page.on('request', (request) => is_own(new URL(request.url())) || faults.push(request.url()));
  await page.goto(url);
}

// From outside: the page's own waitForFunction needs eval, which a page may forbid. While the page
// goes from one document to the next nothing is true.
async function until({code}) {
  const deadline = Date.now() + 20_000;
  const between_pages = (error) => {
    if (!/context was destroyed/.test(error)) throw error;
  };
  while (!await page.evaluate(code).catch(between_pages)) {
    if (Date.now() > deadline) throw new Error(`never true: ${code}`);
    await page.waitForTimeout(20);
  }
  return true;
}

const COMMANDS = {
  open,
  click: ({selector, x, y}) =>
    page.locator(selector).first().click(x === undefined ? {} : {position: {x, y}}),
  press: ({key}) => page.keyboard.press(key),
  fill: ({selector, text}) => page.locator(selector).fill(text),
  text: ({selector}) => page.locator(selector).first().innerText(),
  count: ({selector}) => page.locator(selector).count(),
  evaluate: ({code}) => page.evaluate(code),
  until,
  shot: ({file}) => page.screenshot({path: file}).then(() => file),
  faults: () => faults,
};

for await (const line of createInterface({input: process.stdin})) {
  const {do: command, ...options} = JSON.parse(line);
  let answer;
  try {
    answer = {result: (await COMMANDS[command](options)) ?? null};
  } catch (error) {
    answer = {error: String(error)};
  }
  console.log(JSON.stringify(answer));
}
await browser.close();
