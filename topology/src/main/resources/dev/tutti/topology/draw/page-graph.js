// The graph: boxes and lines as elements of Cytoscape. Places are fixed; folding only decides which
// elements are there.

const FONT = '"Inter","Segoe UI","Helvetica Neue",Arial,"DejaVu Sans",sans-serif';

let theme = 'light';

function styleFor(name) {
  const colors = data.themes[name];
  const style = [
    { selector: 'node', style: {
      width: 'data(width)', height: 'data(height)', shape: 'round-rectangle', 'corner-radius': '6', 'font-size': 'data(size)',
      label: 'data(label)', color: colors.ink, 'font-family': FONT, 'font-weight': 600,
      'text-valign': 'center', 'text-halign': 'center', 'text-wrap': 'ellipsis', 'text-max-width': 'data(room)',
      'min-zoomed-font-size': 4, 'border-width': 1.2, 'z-index-compare': 'manual', 'z-index': 6,
      'overlay-opacity': 0, 'transition-duration': 0 } },
    { selector: 'node.frame', style: {
      label: '', 'background-color': colors.frame, 'border-color': colors.border, 'border-width': 1,
      'corner-radius': '10', 'z-index': 2 } },
    { selector: 'node.group', style: {
      'background-color': colors.background, 'border-style': 'dashed', 'z-index': 0 } },
    { selector: 'node.area', style: { 'background-color': colors.area, 'z-index': 3, events: 'no' } },
    { selector: 'node.text', style: {
      shape: 'rectangle', 'background-opacity': 0, 'border-width': 0, events: 'no', 'z-index': 7,
      'text-wrap': 'none' } },
    { selector: 'node.sub', style: { color: colors.faint, 'font-weight': 400 } },
    { selector: 'node.title', style: {
      'text-halign': 'right', 'text-valign': 'center', 'text-background-color': colors.frame,
      'text-background-opacity': 0.8, 'text-background-padding': '1px' } },
    { selector: 'node.closed', style: { 'z-index': 6, 'border-width': 'data(border)', 'border-style': 'solid' } },
    { selector: 'node.two', style: { 'text-margin-y': -7 } },
    { selector: 'edge', style: {
      width: 'data(width)', 'curve-style': 'straight', 'source-endpoint': 'data(start)', 'target-endpoint': 'data(end)',
      'z-index-compare': 'manual', 'z-index': 4, 'line-color': colors.link.unknown,
      'overlay-opacity': 0, 'arrow-scale': 0.9, 'line-cap': 'round',
      color: colors.ink, 'font-family': FONT, 'font-size': 10, 'min-zoomed-font-size': 5 } },
    { selector: 'edge.curve', style: {
      'curve-style': 'unbundled-bezier', 'edge-distances': 'endpoints',
      'control-point-weights': 'data(weights)', 'control-point-distances': 'data(distances)' } },
    { selector: 'edge.elbow', style: {
      'curve-style': 'round-segments', 'edge-distances': 'endpoints', 'segment-radii': '7',
      'segment-weights': 'data(weights)', 'segment-distances': 'data(distances)' } },
    { selector: 'edge.beneath', style: { 'z-index': 1 } },
    { selector: 'edge.faint', style: { opacity: 0.2 } },
    { selector: 'edge.one-way', style: { 'target-arrow-shape': 'triangle' } },
    { selector: 'edge.dashed', style: { 'line-style': 'dashed', 'line-cap': 'butt' } },
  ];
  for (const kind of Object.keys(colors.fill)) {
    style.push({ selector: `node.${kind}.item, node.${kind}.closed`, style: {
      'background-color': colors.fill[kind], 'border-color': colors.edge[kind] } });
  }
  for (const health of Object.keys(colors.link)) {
    style.push({ selector: `edge.${health}`, style: {
      'line-color': colors.link[health], 'target-arrow-color': colors.link[health] } });
    if (isIll(health)) {
      style.push({ selector: `node.${health}.item, node.${health}.frame`, style: {
        'border-color': colors.link[health], 'border-width': 2.6 } });
      style.push({ selector: `node.${health}.closed`, style: { 'border-color': colors.link[health] } });
      style.push({ selector: `node.text.${health}`, style: { color: colors.link[health], 'border-width': 0 } });
      style.push({ selector: `edge.${health}.labelled`, style: {
        label: 'data(label)', color: colors.background, 'text-background-color': colors.link[health],
        'text-background-opacity': 1, 'text-background-shape': 'round-rectangle', 'text-background-padding': '3px',
        'font-weight': 700, 'z-index': 5 } });
    }
  }
  style.push(
    { selector: 'edge.labelled.good, edge.labelled.measured, edge.labelled.unknown', style: {
      label: 'data(label)', 'text-background-color': colors.background, 'text-background-opacity': 0.9,
      'text-background-padding': '2px', color: colors.faint } },
    { selector: 'node.side', style: { 'underlay-color': '#CC79A7', 'underlay-opacity': 0.35, 'underlay-padding': 5 } },
    { selector: 'edge.cut', style: { 'underlay-color': '#CC79A7', 'underlay-opacity': 0.6, 'underlay-padding': 5, 'z-index': 5 } },
    { selector: 'edge.load', style: {
      label: 'data(load)', color: colors.ink, 'font-weight': 400, 'underlay-color': '#E69F00', 'underlay-opacity': 0.45, 'underlay-padding': 'data(busy)',
      'text-background-color': colors.background, 'text-background-opacity': 0.85, 'text-rotation': 'none' } },
    { selector: 'edge.hop', style: {
      'curve-style': 'unbundled-bezier', 'control-point-distances': 'data(bend)', 'control-point-weights': '0.5',
      'edge-distances': 'endpoints',
      width: 3, 'target-arrow-shape': 'triangle', 'line-color': 'data(color)', 'target-arrow-color': 'data(color)',
      'z-index': 8, opacity: 0.9 } },
    { selector: 'edge.move', style: {
      label: 'data(label)', width: 3.5, 'line-style': 'dashed', 'line-dash-pattern': [9, 5], 'arrow-scale': 1.2,
      'text-background-color': colors.background, 'text-background-opacity': 0.9, 'text-background-padding': '2px' } },
    { selector: '.dim', style: { opacity: 0.18 } },
    { selector: 'node.hit', style: { 'underlay-color': colors.link.good, 'underlay-opacity': 0.5, 'underlay-padding': 6 } },
    { selector: 'node:selected', style: { 'border-color': colors.link.good, 'border-width': 3 } },
    { selector: 'edge:selected, edge.hover, edge.near', style: { opacity: 1 } },
    { selector: 'edge:selected, edge.hover', style: {
      'underlay-color': colors.link.good, 'underlay-opacity': 0.35, 'underlay-padding': 4, 'z-index': 7 } },
  );
  return style;
}

// So many lines between hosts and switches hide each other: only what is pointed at stands out.
const manyBeneath = connectors.filter((connector) => connector.leads).length > 160;

const ruler = document.createElement('canvas').getContext('2d');

/** Returns how wide a text is. */
function textWidth(text, fontSize, weight = 400) {
  ruler.font = `${weight} 100px ${FONT}`;
  return ruler.measureText(text).width * fontSize / 100;
}

/** Returns the elements of a box: itself and its second line or title. */
function boxElements(box) {
  const center = { x: box.x + box.width / 2, y: box.y + box.height / 2 };
  const closed = folded.has(box.index);
  const open = isFrame(box) && !closed;
  const element = {
    group: 'nodes',
    data: { id: `b${box.index}`, box: box.index, width: box.width, height: box.height, label: box.label, room: box.width - 8, size: box.size },
    position: center,
    classes: [box.kind, closed ? 'closed' : box.role, open || box.role === ROLE.AREA ? 'frame' : '', box.health].join(' '),
  };
  if (closed) return closedElements(box, element, center);
  const elements = [element];
  if (open && box.title) {
    elements.push(textElement(`t${box.index}`, box.title, box.titleAt[0] - 4, box.titleAt[1] - 5, 14, 'title'));
  } else if (box.role === ROLE.ITEM && box.sub && box.height > 30) {
    element.classes += ' two';
    elements.push(textElement(`s${box.index}`, fit(box.sub, 10, box.width - 8), center.x, center.y + 9, 10, 'sub'));
  }
  return elements;
}

/** Returns the elements of a folded frame: its title as large as it can be read from afar. */
function closedElements(box, element, center) {
  element.data.label = '';
  element.data.border = Math.max(1.5, box.width * (isIll(box.health) ? 0.014 : 0.002));
  const sub = isIll(box.health) ? illnessOf(box.index) : box.sub;
  const large = Math.max(12, Math.min(box.width * 0.86 / (textWidth(box.title, 1, 600) || 1), box.height * 0.3, 150));
  const elements = [element];
  const lift = sub ? large * 0.45 : 0;
  elements.push(textElement(`T${box.index}`, box.title, center.x, center.y - lift, large, ''));
  if (sub) {
    const small = Math.min(large * 0.55, box.width * 0.86 / textWidth(sub, 1));
    elements.push(textElement(`S${box.index}`, sub, center.x, center.y + large * 0.6, small, isIll(box.health) ? `ill ${box.health}` : 'sub'));
  }
  return elements;
}

function fit(text, fontSize, room) {
  if (textWidth(text, fontSize) <= room) return text;
  let end = text.length - 1;
  while (end > 1 && textWidth(`${text.slice(0, end)}…`, fontSize) > room) end -= 1;
  return `${text.slice(0, end)}…`;
}

function textElement(id, text, x, y, fontSize, classes) {
  return {
    group: 'nodes', selectable: false, position: { x, y }, classes: `text ${classes}`,
    data: { id, label: text, width: 1, height: 1, room: 9999, size: fontSize },
  };
}

/** Returns where a line begins, seen from the middle of a box. */
const relative = (x, y, box) =>
  `${(x - box.x - box.width / 2).toFixed(1)}px ${(y - box.y - box.height / 2).toFixed(1)}px`;

/** Computes, once, how a line bends: shares along and distances from the straight line. */
function bend(connector) {
  if (connector.weights) return;
  const points = connector.points;
  const [x0, y0] = points;
  const x1 = points[points.length - 2];
  const y1 = points[points.length - 1];
  const dx = x1 - x0;
  const dy = y1 - y0;
  const length = Math.hypot(dx, dy) || 1;
  connector.weights = [];
  connector.distances = [];
  for (let i = 2; i < points.length - 2; i += 2) {
    const px = points[i] - x0;
    const py = points[i + 1] - y0;
    connector.weights.push((px * dx + py * dy) / (length * length));
    connector.distances.push((py * dx - px * dy) / length);
  }
}

/** Returns the elements of a line between the boxes that stand for its ends. */
function lineElements(connector, from, to) {
  bend(connector);
  const points = connector.points;
  const ends = [points[0], points[1], points[points.length - 2], points[points.length - 1]];
  const classes = ['line', connector.health];
  if (connector.weights.length) classes.push(connector.elbow ? 'elbow' : 'curve');
  if (connector.oneWay) classes.push('one-way');
  if (connector.dashed) classes.push('dashed');
  if (connector.leads) classes.push('beneath');
  if (connector.leads && manyBeneath && !isIll(connector.health)) classes.push('faint');
  if (connector.label) classes.push('labelled');
  // What falls short is seen from afar, too.
  const width = connector.width * (manyBeneath && isIll(connector.health) ? 3 : 1);
  const common = { connector: connector.index, width };
  const elements = [{
    group: 'edges', classes: classes.join(' '),
    data: {
      ...common, id: `c${connector.index}:${from}:${to}`, source: `b${from}`, target: `b${to}`, label: connector.label ?? '',
      start: relative(ends[0], ends[1], boxes[from]), end: relative(ends[2], ends[3], boxes[to]),
      weights: connector.weights, distances: connector.distances,
    },
  }];
  (connector.leads ?? []).forEach((lead, index) => {
    // A lead belongs to the end at which it begins or ends; it is seen only while that is open.
    const atStart = lead[0] === ends[0] && lead[1] === ends[1];
    const box = atStart ? from : to;
    if (box !== (atStart ? connector.from : connector.to)) return;
    const frame = frameOf(box);
    elements.push({
      group: 'edges', classes: `line lead ${connector.health}${connector.dashed ? ' dashed' : ''}`,
      data: {
        ...common, id: `l${connector.index}:${index}`, source: `b${box}`, target: `b${frame}`,
        start: relative(...(atStart ? lead.slice(0, 2) : lead.slice(2)), boxes[box]),
        end: relative(...(atStart ? lead.slice(2) : lead.slice(0, 2)), boxes[frame]),
      },
    });
  });
  return elements;
}

/** Returns everything that is to be seen now, by id. */
function wanted() {
  const elements = new Map();
  for (const box of boxes) {
    if (isVisible(box.index)) {
      boxElements(box).forEach((element) => elements.set(element.data.id, element));
    }
  }
  for (const connector of connectors) {
    const from = shownFor(connector.from);
    const to = shownFor(connector.to);
    if (from !== to) {
      lineElements(connector, from, to).forEach((element) => elements.set(element.data.id, element));
    }
  }
  return elements;
}

let cy = null;

/** Brings the graph to what is folded and open now. */
function refresh() {
  const elements = wanted();
  const gone = [];
  const changed = [];
  cy.elements().forEach((element) => {
    if (element.hasClass('hop')) return;
    const next = elements.get(element.id());
    if (!next) gone.push(element);
    else {
      if (next.group === 'nodes' && element.data('label') !== next.data.label) changed.push([element, next]);
      else if (next.group === 'nodes' && element.hasClass('closed') !== next.classes.includes('closed')) changed.push([element, next]);
      elements.delete(element.id());
    }
  });
  cy.batch(() => {
    cy.collection(gone).remove();
    changed.forEach(([element, next]) => {
      const keep = ['hit', 'dim', 'side'].filter((name) => element.hasClass(name));
      element.data(next.data).position(next.position).classes(next.classes).addClass(keep.join(' '));
    });
    cy.add([...elements.values()]);
  });
  decorate();
}

function startGraph(container) {
  // Levels fold before anything is made.
  if (items > OPEN_ITEMS) hosts.forEach((box) => { if (box.children.length) folded.add(box.index); });
  if (hosts.length > 400) frames.forEach((box) => { if (box.role === ROLE.GROUP) folded.add(box.index); });
  cy = cytoscape({
    container, elements: [...wanted().values()], style: styleFor(theme), layout: { name: 'preset' },
    minZoom: 0.01, maxZoom: 6, autoungrabify: true, boxSelectionEnabled: false, selectionType: 'single',
    hideEdgesOnViewport: connectors.length > 20000, pixelRatio: 'auto',
  });
  fitAll();
  let waiting = 0;
  cy.on('viewport', () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => { if (foldByView(cy.extent(), cy.zoom())) refresh(); }, 90);
  });
}

function fitAll() {
  cy.fit(cy.nodes().not('.text'), 24);
}

/** Shows a box in the middle, large enough to be read. */
function center(index) {
  const box = boxes[index];
  const level = Math.min(1.6, Math.max(cy.zoom(), 0.9, Math.min(cy.width() * 0.7 / box.width, 1.2)));
  cy.stop();
  cy.viewport({
    zoom: level,
    pan: {
      x: cy.width() / 2 - (box.x + box.width / 2) * level,
      y: cy.height() / 2 - (box.y + box.height / 2) * level,
    },
  });
}
