// Starts the page: theme, graph, panels, keys.

function setTheme(name) {
  theme = name;
  document.documentElement.dataset.theme = name;
  if (cy) {
    cy.style().fromJson(styleFor(name)).update();
    startLegend();
    startTexts();
    decorate();
  }
}

const zoomBy = (factor) => cy.zoom({ level: cy.zoom() * factor, renderedPosition: { x: cy.width() / 2, y: cy.height() / 2 } });

const isTyping = (event) => /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName) && event.target.type !== 'range' && event.target.type !== 'checkbox';

function arrow(key) {
  if (overlay?.frames.length && (key === 'ArrowLeft' || key === 'ArrowRight')) {
    pause();
    setStep(step + (key === 'ArrowRight' ? 1 : -1));
    return;
  }
  const by = { ArrowLeft: { x: 60, y: 0 }, ArrowRight: { x: -60, y: 0 }, ArrowUp: { x: 0, y: 60 }, ArrowDown: { x: 0, y: -60 } };
  cy.panBy(by[key]);
}

const KEYS = {
  '/': () => $('search').focus(),
  '+': () => zoomBy(1.3),
  '=': () => zoomBy(1.3),
  '-': () => zoomBy(1 / 1.3),
  0: fitAll,
  ' ': play,
  d: () => setTheme(theme === 'dark' ? 'light' : 'dark'),
  f: () => { const node = cy.nodes(':selected').first(); if (node.nonempty()) toggleFold(frameOf(node.data('box'))); },
  '?': () => $('keys').showModal(),
  Escape: () => { pause(); deselect(); },
  ArrowLeft: () => arrow('ArrowLeft'),
  ArrowRight: () => arrow('ArrowRight'),
  ArrowUp: () => arrow('ArrowUp'),
  ArrowDown: () => arrow('ArrowDown'),
};

function startKeys() {
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event) || $('keys').open) return;
    const onButton = event.target.tagName === 'BUTTON' && event.key === ' ';
    if (!Object.hasOwn(KEYS, event.key) || onButton) return;
    event.preventDefault();
    KEYS[event.key]();
  });
  $('zoom-in').addEventListener('click', () => zoomBy(1.3));
  $('zoom-out').addEventListener('click', () => zoomBy(1 / 1.3));
  $('fit').addEventListener('click', fitAll);
  $('theme').addEventListener('click', KEYS.d);
  $('help').addEventListener('click', KEYS['?']);
  $('levels').addEventListener('change', () => setLevels($('levels').value));
}

function start() {
  const dark = matchMedia('(prefers-color-scheme: dark)');
  setTheme(dark.matches ? 'dark' : 'light');
  dark.addEventListener('change', () => setTheme(dark.matches ? 'dark' : 'light'));
  startGraph($('graph'));
  startTexts();
  startTips();
  startSearch();
  startOverlay();
  startKeys();
  decorate();
  cy.on('tap', (event) => {
    if (event.target === cy) deselect();
    else if (isThing(event.target)) select(event.target);
  });
  cy.on('dbltap', 'node', (event) => {
    const box = event.target.data('box');
    if (box !== undefined && isFrame(boxes[box])) toggleFold(box);
  });
  let before = theme;
  addEventListener('beforeprint', () => { before = theme; setTheme('light'); cy.resize(); fitAll(); });
  addEventListener('afterprint', () => { setTheme(before); cy.resize(); fitAll(); });
  // For scripts and tests.
  window.tuttiPage = {
    cy, data, folded, goToBox, goToConnector, setLevels, setStep, toggleFold,
    readyMillis: performance.now(),
  };
}

start();
