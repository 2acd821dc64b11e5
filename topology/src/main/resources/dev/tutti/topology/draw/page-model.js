// What the page knows: the data that was written into it, and what is folded.

const data = JSON.parse(document.getElementById('data').textContent);
const { nodes, boxes, links, connectors } = data;
const overlay = data.overlay ?? null;

// Fields of a link, in the order in which they were written.
const [FROM, TO, KIND, LANES, CAPACITY, LATENCY, MEASURED, LOW, HIGH, MEASURED_LATENCY, ORIGIN] =
  Array.from({ length: 11 }, (_, i) => i);

const ROLE = { GROUP: 'group', HOST: 'host', AREA: 'area', ITEM: 'item' };
const isFrame = (box) => box.role === ROLE.HOST || box.role === ROLE.GROUP;

boxes.forEach((box, index) => {
  box.index = index;
  box.parent = box.parent ?? -1;
  box.children = [];
  [box.x, box.y, box.width, box.height] = box.at;
  if (box.parent >= 0) boxes[box.parent].children.push(index);
});
connectors.forEach((connector, index) => { connector.index = index; });

const boxOfNode = new Map();
boxes.forEach((box) => box.nodes.forEach((node) => boxOfNode.set(node, box.index)));
const connectorOfLink = new Map();
connectors.forEach((connector) =>
  connector.links.forEach((link) => connectorOfLink.set(link, connector.index)));
const connectorsOfEnds = new Map();
links.forEach((link, index) => {
  if (!connectorOfLink.has(index)) return;
  const key = `${link[FROM]}>${link[TO]}`;
  if (!connectorsOfEnds.has(key)) connectorsOfEnds.set(key, []);
  connectorsOfEnds.get(key).push(connectorOfLink.get(index));
});

const isIll = (health) => !['good', 'measured', 'unknown'].includes(health);
const linksOfBox = new Map();
data.findings.forEach((finding) => {
  for (const end of [FROM, TO]) {
    for (let at = boxOfNode.get(links[finding.link][end]) ?? -1; at >= 0; at = boxes[at].parent) {
      if (!linksOfBox.has(at)) linksOfBox.set(at, new Set());
      linksOfBox.get(at).add(finding.link);
    }
  }
});

/** Says how many links in and at a box fall short. */
function illnessOf(index) {
  const count = linksOfBox.get(index)?.size ?? 0;
  return count === 1 ? '1 link falls short' : `${count} links fall short`;
}

const frames = boxes.filter(isFrame);
const hosts = frames.filter((box) => box.role === ROLE.HOST);
const items = boxes.filter((box) => box.role === ROLE.ITEM).length;

// So many boxes may be open at once; above that, levels fold by themselves.
const OPEN_ITEMS = 420;
const folded = new Set();
// What the user opened or folded by hand stays so until the levels are set anew.
const pinned = new Set();
let levels = 'auto';

/** Returns the box that stands for a box now: the outermost folded frame around it, or itself. */
function shownFor(index) {
  let shown = index;
  for (let at = index; at >= 0; at = boxes[at].parent) {
    if (folded.has(at)) shown = at;
  }
  return shown;
}

const isVisible = (index) => shownFor(index) === index;

/** Returns the frame around a box, the innermost one that can fold. */
function frameOf(index) {
  for (let at = index; at >= 0; at = boxes[at].parent) {
    if (isFrame(boxes[at])) return at;
  }
  return -1;
}

/** Opens everything around a box. Returns whether anything changed. */
function reveal(index) {
  let changed = false;
  for (let at = boxes[index].parent; at >= 0; at = boxes[at].parent) {
    if (folded.delete(at)) {
      pinned.add(at);
      changed = true;
    }
  }
  return changed;
}

function foldAll(role) {
  folded.clear();
  pinned.clear();
  frames.filter((box) => box.role === role && box.children.length).forEach((box) => folded.add(box.index));
}

/** Counts items below a box. */
function itemsIn(index) {
  const box = boxes[index];
  if (box.items === undefined) {
    box.items = box.role === ROLE.ITEM ? 1 : 0;
    box.children.forEach((child) => { box.items += itemsIn(child); });
  }
  return box.items;
}

/**
 * Folds and opens by what can be seen: frames that are large on the screen open, others fold.
 * Returns whether anything changed.
 */
function foldByView(extent, zoom) {
  if (levels !== 'auto' || items <= OPEN_ITEMS) return false;
  let changed = false;
  let open = 0;
  const middleX = (extent.x1 + extent.x2) / 2;
  const middleY = (extent.y1 + extent.y2) / 2;
  const far = (box) => Math.hypot(box.x + box.width / 2 - middleX, box.y + box.height / 2 - middleY);
  for (const box of [...frames].sort((a, b) => far(a) - far(b))) {
    if (!box.children.length || pinned.has(box.index)) continue;
    const near = box.x < extent.x2 && box.x + box.width > extent.x1
      && box.y < extent.y2 && box.y + box.height > extent.y1;
    const least = box.role === ROLE.HOST ? 340 : 160;
    let opens = near && box.width * zoom > least;
    if (opens && box.role === ROLE.HOST) {
      open += itemsIn(box.index);
      opens = open <= OPEN_ITEMS;
    }
    if (box.role === ROLE.GROUP && hosts.length <= 400) opens = true; // groups hold what is wanted
    if (opens === folded.has(box.index)) {
      if (opens) folded.delete(box.index); else folded.add(box.index);
      changed = true;
    }
  }
  return changed;
}

// Numbers as people read them.

function significant(value) {
  const size = Math.abs(value);
  if (size === 0) return '0';
  const decimals = size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : Math.min(12, Math.ceil(-Math.log10(size)) + 2);
  return String(Number(value.toFixed(decimals)));
}

const rate = (bytes) => (bytes === null || bytes === undefined ? '?' : `${significant(bytes / 1e9)} GB/s`);

function time(seconds) {
  if (seconds === null || seconds === undefined) return '?';
  if (seconds === 0 || seconds >= 1) return `${significant(seconds)} s`;
  if (seconds >= 1e-3) return `${significant(seconds * 1e3)} ms`;
  return seconds >= 1e-6 ? `${significant(seconds * 1e6)} µs` : `${significant(seconds * 1e9)} ns`;
}

function size(bytes) {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let unit = 0;
  let value = bytes;
  while (value >= 1024 && unit < units.length - 1) { value /= 1024; unit += 1; }
  return `${significant(value)} ${units[unit]}`;
}
