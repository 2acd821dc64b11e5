// What is shown over the graph: the cut that limits, what links carry, paths, and steps in time.

const shownPaths = new Set();
let step = -1;
let playing = 0;

const shownBox = (node) => (boxOfNode.has(node) ? shownFor(boxOfNode.get(node)) : -1);

/** Marks what the overlay marks among the elements that are there now. */
function decorate() {
  if (!overlay) return;
  cy.batch(() => {
    cy.elements('.side').removeClass('side');
    cy.elements('.cut').removeClass('cut');
    cy.elements('.load').removeClass('load');
    if (overlay.cut && $('cut').checked) decorateCut();
    if (overlay.loads.length && $('loads').checked) decorateLoads();
    cy.elements('.hop').remove();
    overlay.paths.forEach((path, index) => { if (shownPaths.has(index)) addHops(path, index); });
    if (step >= 0) addMoves(overlay.frames[step]);
  });
}

function linesBetween(from, to) {
  const wantedLines = new Set(connectorsOfEnds.get(`${from}>${to}`) ?? []);
  return cy.edges('.line').filter((edge) => wantedLines.has(edge.data('connector')));
}

function decorateCut() {
  overlay.cut.side.forEach((node) => {
    const box = shownBox(node);
    if (box >= 0) cy.getElementById(`b${box}`).addClass('side');
  });
  overlay.cut.links.forEach(([from, to]) => linesBetween(from, to).addClass('cut'));
}

function decorateLoads() {
  const byConnector = new Map();
  overlay.loads.forEach(([from, to, bytes, busy]) => {
    for (const connector of connectorsOfEnds.get(`${from}>${to}`) ?? []) {
      const load = byConnector.get(connector) ?? { bytes: 0, busy: 0 };
      byConnector.set(connector, { bytes: Math.max(load.bytes, bytes), busy: Math.max(load.busy, busy) });
    }
  });
  cy.edges('.line').forEach((edge) => {
    const load = byConnector.get(edge.data('connector'));
    if (!load) return;
    const label = edge.hasClass('lead') ? '' : `${Math.round(load.busy * 100)} %`;
    edge.data({ load: label, busy: 1 + load.busy * 7 }).addClass('load');
  });
}

function hopElement(id, from, to, properties, classes) {
  const a = boxes[from];
  const b = boxes[to];
  const length = Math.hypot(a.x - b.x + (a.width - b.width) / 2, a.y - b.y + (a.height - b.height) / 2);
  // To the right of the way it goes: there and back do not cover each other.
  const inRow = a.y < b.y + b.height && b.y < a.y + a.height;
  const bend = -Math.max(inRow ? 24 : 18, Math.min(130, length * 0.2));
  // In a row there goes above, back below.
  const side = b.x > a.x ? -0.5 : 0.5;
  const start = inRow ? `0px ${a.height * side}px` : 'outside-to-node';
  const end = inRow ? `0px ${b.height * side}px` : 'outside-to-node';
  const data = { id, source: `b${from}`, target: `b${to}`, bend, start, end, ...properties };
  return { group: 'edges', classes: `hop ${classes}`, selectable: false, data };
}

function addHops(path, index) {
  const color = data.ways[index % data.ways.length];
  const seen = new Set();
  path.hops.forEach(([from, to]) => {
    const a = shownBox(from);
    const b = shownBox(to);
    if (a < 0 || b < 0 || a === b || seen.has(`${a}>${b}`)) return;
    seen.add(`${a}>${b}`);
    cy.add(hopElement(`p${index}:${a}:${b}`, a, b, { color, label: '' }, 'path'));
  });
}

function addMoves(frame) {
  const moves = new Map();
  frame.moves.forEach(([from, to, bytes, label]) => {
    const a = shownBox(from);
    const b = shownBox(to);
    if (a < 0 || b < 0 || a === b) return;
    const move = moves.get(`${a}>${b}`) ?? { a, b, bytes: 0, labels: new Set() };
    move.bytes += bytes;
    if (label) move.labels.add(label);
    moves.set(`${a}>${b}`, move);
  });
  const few = moves.size <= 40;
  moves.forEach(({ a, b, bytes, labels }) => {
    const text = [...labels].slice(0, 2).join(', ') + (labels.size > 2 ? ' …' : '');
    const label = few ? `${text} ${size(bytes)}`.trim() : '';
    cy.add(hopElement(`m${a}:${b}`, a, b, { color: data.themes[theme].link['below-75'], label }, 'move'));
  });
}

function setStep(next) {
  if (!overlay?.frames.length) return;
  step = Math.max(-1, Math.min(overlay.frames.length - 1, next));
  $('step').value = step;
  decorate();
  clock();
}

function clock() {
  if (step < 0) {
    $('clock').textContent = `${overlay.frames.length} steps, ${time(overlay.frames.at(-1).end)}`;
    return;
  }
  const frame = overlay.frames[step];
  const bytes = frame.moves.reduce((sum, move) => sum + move[2], 0);
  $('clock').textContent = `step ${step + 1} of ${overlay.frames.length} · ${time(frame.start)} – ${time(frame.end)} · `
    + `${frame.moves.length} transfers · ${size(bytes)}`;
}

function pause() {
  clearInterval(playing);
  playing = 0;
  $('play').textContent = '▶';
  $('play').setAttribute('aria-label', 'Play');
}

function play() {
  if (!overlay?.frames.length) return;
  if (playing) { pause(); return; }
  setStep(step >= overlay.frames.length - 1 ? 0 : step + 1);
  $('play').textContent = '⏸';
  $('play').setAttribute('aria-label', 'Pause');
  const pace = Math.max(120, Math.min(900, 20000 / overlay.frames.length));
  playing = setInterval(() => {
    if (step >= overlay.frames.length - 1) pause();
    else setStep(step + 1);
  }, pace);
}

function startOverlay() {
  if (!overlay) return;
  $('overlay-panel').hidden = false;
  $('overlay-title').textContent = overlay.title;
  if (overlay.cut) {
    $('cut-panel').hidden = false;
    const across = overlay.cut.links.length ? `${rate(overlay.cut.bytesPerSecond)} across. ` : '';
    $('cut-note').textContent = across + overlay.cut.note;
    $('cut').addEventListener('change', decorate);
  }
  $('load-panel').hidden = !overlay.loads.length;
  $('loads').addEventListener('change', decorate);
  $('paths').hidden = !overlay.paths.length;
  overlay.paths.forEach((path, index) => {
    const box = make('input', { type: 'checkbox', onchange: () => {
      if (box.checked) shownPaths.add(index); else shownPaths.delete(index);
      decorate();
    } });
    const mark = make('i');
    mark.style.background = data.ways[index % data.ways.length];
    $('paths').append(make('label', {}, box, mark, path.label));
  });
  if (overlay.frames.length) {
    $('player').hidden = false;
    $('step').min = -1;
    $('step').max = overlay.frames.length - 1;
    $('step').value = -1;
    $('step').addEventListener('input', () => { pause(); setStep(Number($('step').value)); });
    $('play').addEventListener('click', play);
    $('back').addEventListener('click', () => { pause(); setStep(step - 1); });
    $('forward').addEventListener('click', () => { pause(); setStep(step + 1); });
    clock();
  }
}
