(() => {
'use strict';

const data = JSON.parse(document.getElementById('data').textContent);
const [current, ...earlier] = data.runs;
const COLORS = ['#0072B2', '#D55E00', '#009E73', '#CC79A7', '#E69F00', '#56B4E9', '#8F6BD0', '#B8A900'];
const WIDTH = 520;
const HEIGHT = 300;

const $ = (id) => document.getElementById(id);
const dark = window.matchMedia('(prefers-color-scheme: dark)').matches;
const ink = dark ? '#9aa7b5' : '#5b6673';
const grid = dark ? '#262e38' : '#e9edf1';

function element(name, text, style) {
  const made = document.createElement(name);
  if (text !== undefined) made.textContent = text;
  if (style) made.className = style;
  return made;
}

const size = (bytes) => {
  const units = ['', 'K', 'M', 'G', 'T'];
  let unit = 0;
  let value = bytes;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${+value.toPrecision(3)}${units[unit]}`;
};
const figure = (value) => (value >= 1000 ? value.toFixed(0) : `${+value.toPrecision(3)}`);

/** Rows of a run in lines: one per transport and kind. */
function lines(run, collective) {
  const found = new Map();
  run.rows.filter((row) => row.collective === collective).forEach((row) => {
    const key = `${row.transport}|${row.kind}|${row.ranks}`;
    if (!found.has(key)) found.set(key, []);
    found.get(key).push(row);
  });
  found.forEach((rows) => rows.sort((a, b) => a.bytes - b.bytes));
  return found;
}

const collectives = [...new Set(current.rows.map((row) => row.collective))];
const sameKinds = (collective) =>
  new Set(data.runs.flatMap((run) => run.rows.filter((row) => row.collective === collective).map((row) => row.kind))).size === 1;
const sameRanks = new Set(data.runs.flatMap((run) => run.rows.map((row) => row.ranks))).size === 1;

function label(collective, key, run) {
  const [transport, kind, ranks] = key.split('|');
  return transport + (sameKinds(collective) ? '' : ` ${kind}`) + (sameRanks ? '' : ` ${ranks} ranks`) + (run === current ? '' : `, ${run.name}`);
}

function series(collective, value) {
  const sizes = [...new Set(data.runs.flatMap((run) => run.rows.filter((row) => row.collective === collective).map((row) => row.bytes)))].sort((a, b) => a - b);
  const made = [];
  const colorOf = new Map();
  data.runs.forEach((run, r) => {
    lines(run, collective).forEach((rows, key) => {
      if (!colorOf.has(key)) colorOf.set(key, COLORS[colorOf.size % COLORS.length]);
      const byBytes = new Map(rows.map((row) => [row.bytes, value(row)]));
      made.push({
        label: label(collective, key, run), color: colorOf.get(key), dash: r === 0 ? undefined : [2 + 2 * r, 4], width: r === 0 ? 2.2 : 1.4,
        values: sizes.map((bytes) => byBytes.get(bytes) ?? null),
      });
    });
  });
  return { sizes, made };
}

function limit(collective, sizes) {
  const known = new Map();
  current.rows.filter((row) => row.collective === collective && row.percent > 0)
    .forEach((row) => { if (!known.has(row.bytes)) known.set(row.bytes, row.busbw * 100 / row.percent); });
  return known.size === 0 ? null : sizes.map((bytes) => known.get(bytes) ?? null);
}

function chart(where, title, collective, value, unit, withLimit) {
  const box = element('div');
  box.append(element('h3', title));
  where.append(box);
  const { sizes, made } = series(collective, value);
  const bound = withLimit ? limit(collective, sizes) : null;
  if (bound) made.push({ label: 'limit (memory)', color: ink, dash: [8, 5], width: 1.4, values: bound });
  const axis = { stroke: ink, grid: { stroke: grid, width: 1 }, ticks: { stroke: grid, width: 1 } };
  const plot = new uPlot({
    width: WIDTH, height: HEIGHT,
    cursor: { focus: { prox: 24 } },
    scales: { x: { time: false, distr: 3, log: 2 }, y: { distr: 3, log: 10 } },
    axes: [
      { ...axis, values: (_, splits) => splits.map((bytes) => (bytes === null || Math.log2(bytes) % 4 ? '' : size(bytes))) },
      { ...axis, size: 62, values: (_, splits) => splits.map((number) => (number === null || (Math.log10(number) % 1 && made.length && !shortRange(made)) ? '' : figure(number))) },
    ],
    series: [
      { label: 'size', value: (_, bytes) => (bytes === null ? '–' : size(bytes)) },
      ...made.map((line) => ({
        label: line.label, stroke: line.color, width: line.width, dash: line.dash, spanGaps: true, points: { size: line.dash ? 3 : 6 },
        value: (_, number) => (number === null ? '–' : `${figure(number)} ${unit}`),
      })),
    ],
  }, [sizes, ...made.map((line) => line.values)], box);
  const fit = () => plot.setSize({ width: Math.max(300, box.clientWidth), height: HEIGHT });
  fit();
  window.addEventListener('resize', fit);
}

/** Within two decades every tick may have its number. */
function shortRange(made) {
  const values = made.flatMap((line) => line.values.filter((value) => value > 0));
  return Math.max(...values) / Math.min(...values) < 20;
}

const last = (rows) => rows[rows.length - 1];
const median = (values) => {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
};

/** How many times as fast as an earlier run: the median over sizes. */
function ratio(rows, run, collective, key) {
  const before = new Map((lines(run, collective).get(key) ?? []).map((row) => [row.bytes, row.micros]));
  const ratios = rows.filter((row) => before.has(row.bytes)).map((row) => before.get(row.bytes) / row.micros);
  return ratios.length ? median(ratios) : null;
}

function summary() {
  const table = $('summary');
  const head = element('tr');
  ['collective', 'transport', 'smallest size', 'time', 'largest size', 'bus bandwidth', '% of limit', ...earlier.map((run) => `against ${run.name}`)]
    .forEach((text, i) => head.append(element('th', text, i < 2 ? 'text' : '')));
  table.append(head);
  collectives.forEach((collective) => {
    lines(current, collective).forEach((rows, key) => {
      const line = element('tr');
      const end = last(rows);
      const barrier = end.bytes === 0;
      line.append(element('td', collective, 'text'), element('td', label(collective, key, current), 'text'),
        element('td', barrier ? '' : size(rows[0].bytes)), element('td', `${figure(rows[0].micros)} µs`),
        element('td', barrier ? '' : size(end.bytes)), element('td', barrier ? '' : `${figure(end.busbw)} GB/s`),
        element('td', end.percent > 0 ? `${figure(end.percent)} %` : ''));
      earlier.forEach((run) => {
        const times = ratio(rows, run, collective, key);
        const style = times === null ? '' : times > 1.1 ? 'good' : times < 0.9 ? 'bad' : '';
        line.append(element('td', times === null ? '–' : `${times.toFixed(2)} × as fast`, style));
      });
      table.append(line);
    });
  });
}

function figures() {
  const table = $('figures');
  const head = element('tr');
  ['run', 'collective', 'transport', 'kind', 'ranks', 'bytes', 'time µs', 'p99 µs', 'busbw GB/s', '% of limit', 'algorithm', 'wrong']
    .forEach((text, i) => head.append(element('th', text, i < 4 ? 'text' : '')));
  table.append(head);
  data.runs.forEach((run) => run.rows.forEach((row) => {
    const line = element('tr');
    [run.name, row.collective, row.transport, row.kind].forEach((text) => line.append(element('td', text, 'text')));
    [row.ranks, row.bytes, figure(row.micros), figure(row.p99), figure(row.busbw), row.percent > 0 ? figure(row.percent) : '', row.algorithm]
      .forEach((text) => line.append(element('td', text)));
    line.append(element('td', row.wrong < 0 ? 'unchecked' : row.wrong, row.wrong > 0 ? 'bad' : ''));
    table.append(line);
  }));
}

$('title').textContent = document.title;
data.runs.forEach((run) => {
  const facts = [run.date, run.machine, run.java, run.version && `tutti ${run.version}`, run.launches > 1 && `medians of ${run.launches} launches`, run.command].filter(Boolean);
  $('about').append(element('dt', run.name), element('dd', facts.join(' · ') || 'nothing is known about this run'));
});
if (current.failures.length) {
  $('failures-panel').hidden = false;
  current.failures.forEach((text) => $('failures').append(element('li', text, 'bad')));
}
summary();
collectives.forEach((collective) => {
  const hasSizes = current.rows.some((row) => row.collective === collective && row.bytes > 0);
  if (!hasSizes) return;
  const section = element('section');
  section.append(element('h2', collective));
  const pair = element('div', undefined, 'pair');
  section.append(pair);
  $('charts').append(section);
  chart(pair, 'Bus bandwidth, GB/s', collective, (row) => row.busbw, 'GB/s', true);
  chart(pair, 'Time, µs', collective, (row) => row.micros, 'µs', false);
});
figures();
document.documentElement.dataset.ready = 'true';
})();
