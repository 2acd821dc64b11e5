// What stands around the graph: numbers of what is pointed at, search, findings, legend.

const $ = (id) => document.getElementById(id);

function make(name, properties = {}, ...children) {
  const element = Object.assign(document.createElement(name), properties);
  element.append(...children);
  return element;
}

const announce = (text) => { $('announce').textContent = text; };

function row(table, name, value, ill) {
  table.append(make('tr', {}, make('th', { textContent: name }), make('td', { textContent: value, className: ill ? 'ill' : '' })));
}

function path(index) {
  const box = boxes[boxOfNode.get(index)];
  const host = box ? boxes.find((other) => other.kind === 'host' && isInside(box.index, other.index)) : null;
  return host && nodes[index].kind !== 'host' ? `${host.title} ${nodes[index].name}` : nodes[index].name;
}

function isInside(index, outer) {
  for (let at = index; at >= 0; at = boxes[at].parent) if (at === outer) return true;
  return false;
}

/** Describes a box: what it is, where, its ranks and what else is known. */
function boxContent(index) {
  const box = boxes[index];
  const parts = [];
  for (const number of box.nodes.slice(0, 12)) {
    const node = nodes[number];
    const table = make('table');
    row(table, 'kind', node.kind);
    row(table, 'id', node.id);
    if (node.ranks) row(table, node.ranks.length > 1 ? 'ranks' : 'rank', node.ranks.join(', '));
    for (const [key, value] of Object.entries(node.attributes ?? {})) row(table, key, value);
    parts.push(make('h3', { textContent: node.name }), table);
  }
  if (box.nodes.length > 12) parts.push(make('p', { className: 'hint', textContent: `and ${box.nodes.length - 12} more` }));
  if (folded.has(index)) parts.push(make('p', { className: 'hint', textContent: box.sub }));
  return parts;
}

/** Describes one direction of a link. */
function linkContent(link) {
  const table = make('table');
  row(table, 'kind', data.kinds[link[KIND]]);
  row(table, 'nominal', rate(link[CAPACITY]) + (link[LANES] ? ` (${link[LANES]} lanes)` : ''));
  if (link[MEASURED] !== null) {
    const share = link[CAPACITY] ? link[MEASURED] / link[CAPACITY] : null;
    const text = rate(link[MEASURED]) + (share === null ? '' : ` (${Math.round(share * 100)} %)`);
    row(table, 'measured', text, share !== null && share < 0.9);
    if (link[LOW] !== null && link[HIGH] !== null) row(table, '95 % interval', `${rate(link[LOW])} – ${rate(link[HIGH])}`);
  } else {
    row(table, 'measured', 'no');
  }
  if (link[LATENCY] !== null || link[MEASURED_LATENCY] !== null) {
    const measured = link[MEASURED_LATENCY];
    row(table, 'latency', measured === null ? time(link[LATENCY]) : `${time(measured)} measured`);
  }
  row(table, 'origin', link[ORIGIN]);
  return [make('h3', { textContent: `${path(link[FROM])} → ${path(link[TO])}` }), table];
}

/** Describes a line: both directions of its first cable, and how many are like it. */
function connectorContent(index, most = 2) {
  const connector = connectors[index];
  const parts = connector.links.slice(0, most).flatMap((link) => linkContent(links[link]));
  if (connector.links.length > most) {
    parts.push(make('p', { className: 'hint', textContent: `and ${connector.links.length - most} links like these` }));
  }
  return parts;
}

function contentOf(element, most) {
  return element.isNode() ? boxContent(element.data('box')) : connectorContent(element.data('connector'), most);
}

const isThing = (element) => element.data('box') !== undefined || element.data('connector') !== undefined;

function showDetails(element) {
  const parts = contentOf(element, 8);
  if (element.isNode() && isFrame(boxes[element.data('box')])) {
    const index = element.data('box');
    parts.push(make('button', { textContent: folded.has(index) ? 'Open' : 'Fold', onclick: () => toggleFold(index) }));
  }
  $('details').replaceChildren(...parts);
  announce($('details').textContent);
}

function startTips() {
  const tip = $('tip');
  let shown = null;
  cy.on('mouseover', 'node, edge', (event) => {
    const element = event.target;
    if (!isThing(element) || element.hasClass('area')) return;
    shown = element;
    if (element.isEdge()) element.addClass('hover');
    else element.connectedEdges('.line').addClass('near');
    tip.replaceChildren(...contentOf(element, 2));
    tip.hidden = false;
    placeTip(event.originalEvent);
  });
  cy.on('mousemove', (event) => { if (!tip.hidden) placeTip(event.originalEvent); });
  cy.on('mouseout', 'node, edge', () => {
    shown?.removeClass('hover');
    cy.edges('.near').removeClass('near');
    shown = null;
    tip.hidden = true;
  });
}

function placeTip(event) {
  const tip = $('tip');
  if (!event) return;
  const x = Math.min(event.clientX + 14, window.innerWidth - tip.offsetWidth - 8);
  const below = event.clientY + 14;
  const y = below + tip.offsetHeight > window.innerHeight - 8 ? event.clientY - tip.offsetHeight - 10 : below;
  tip.style.left = `${Math.max(8, x)}px`;
  tip.style.top = `${Math.max(8, y)}px`;
}

function select(element) {
  cy.elements(':selected').unselect();
  element.select();
  showDetails(element);
}

function deselect() {
  cy.elements(':selected').unselect();
  $('details').replaceChildren();
  document.querySelectorAll('#findings [aria-current]').forEach((button) => button.removeAttribute('aria-current'));
}

function toggleFold(index) {
  if (!boxes[index].children.length) return;
  pinned.add(index);
  if (!folded.delete(index)) folded.add(index);
  refresh();
  const element = cy.getElementById(`b${index}`);
  if (element.nonempty()) select(element);
}

function setLevels(value) {
  levels = value;
  pinned.clear();
  if (value === 'open') folded.clear();
  if (value === 'folded') foldAll(ROLE.HOST);
  if (value === 'groups') foldAll(frames.some((box) => box.role === ROLE.GROUP) ? ROLE.GROUP : ROLE.HOST);
  if (value === 'auto') {
    folded.clear();
    foldByView(cy.extent(), cy.zoom());
  }
  $('levels').value = value;
  refresh();
}

/** Shows a box wherever it is, and selects it. */
function goToBox(index) {
  if (reveal(index)) refresh();
  center(index);
  if (foldByView(cy.extent(), cy.zoom())) refresh();
  select(cy.getElementById(`b${shownFor(index)}`));
}

/** Shows a line wherever it is, and selects it. */
function goToConnector(index) {
  const { from, to, points } = connectors[index];
  const changed = [from, to].map(reveal).includes(true);
  if (changed) refresh();
  const xs = points.filter((_, i) => i % 2 === 0);
  const ys = points.filter((_, i) => i % 2 === 1);
  const [x1, x2, y1, y2] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  const level = Math.min(1.4, (cy.width() * 0.7) / (x2 - x1 + 60), (cy.height() * 0.7) / (y2 - y1 + 60));
  cy.viewport({ zoom: level, pan: { x: cy.width() / 2 - ((x1 + x2) / 2) * level, y: cy.height() / 2 - ((y1 + y2) / 2) * level } });
  const element = cy.edges().filter((edge) => edge.data('connector') === index && !edge.hasClass('lead'));
  if (element.nonempty()) select(element.first());
}

// Search

let matches = [];
let chosen = 0;

function matchesOf(query) {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  if (!words.length) return [];
  const found = [];
  nodes.forEach((node, index) => {
    if (!boxOfNode.has(index)) return;
    const text = `${node.name} ${node.id} ${node.kind} ${(node.ranks ?? []).map((rank) => `rank ${rank}.`).join(' ')}`.toLowerCase();
    const rank = /^rank (\d+)$/.exec(query.trim().toLowerCase());
    if (rank ? (node.ranks ?? []).includes(Number(rank[1])) : words.every((word) => text.includes(word))) found.push(index);
  });
  // Who types a whole name means that.
  const phrase = query.trim().toLowerCase();
  const exact = found.filter((index) => nodes[index].name.toLowerCase() === phrase || nodes[index].id.toLowerCase() === phrase);
  return exact.length ? exact : found;
}

function search(query) {
  matches = matchesOf(query);
  chosen = 0;
  cy.batch(() => {
    cy.elements('.hit').removeClass('hit');
    cy.elements('.dim').removeClass('dim');
    if (query.trim()) {
      const hits = new Set(matches.map((node) => shownFor(boxOfNode.get(node))));
      cy.elements().forEach((element) => {
        const box = element.data('box');
        if (hits.has(box)) element.addClass('hit');
        else if (element.isEdge() || boxes[box]?.role === ROLE.ITEM) element.addClass('dim');
      });
    }
  });
  const list = $('matches');
  list.replaceChildren(...matches.slice(0, 12).map((node, i) => {
    const item = make('li', { role: 'option', onmousedown: (event) => { event.preventDefault(); choose(i); } },
      nodes[node].name, make('small', { textContent: nodes[node].id }));
    item.setAttribute('aria-selected', i === chosen);
    return item;
  }));
  if (query.trim() && !matches.length) list.append(make('li', { textContent: 'nothing found' }));
  list.hidden = !query.trim();
  if (query.trim()) announce(`${matches.length} found`);
}

function choose(index) {
  const node = matches[index];
  $('matches').hidden = true;
  if (node !== undefined) goToBox(boxOfNode.get(node));
}

function moveChoice(step) {
  const list = [...$('matches').children];
  if (!matches.length) return;
  chosen = (chosen + step + list.length) % list.length;
  list.forEach((item, i) => item.setAttribute('aria-selected', i === chosen));
  list[chosen].scrollIntoView({ block: 'nearest' });
}

function startSearch() {
  const input = $('search');
  input.addEventListener('input', () => search(input.value));
  input.addEventListener('blur', () => { $('matches').hidden = true; });
  input.addEventListener('keydown', (event) => {
    if (event.key === 'Enter') choose(chosen);
    else if (event.key === 'ArrowDown' || event.key === 'ArrowUp') moveChoice(event.key === 'ArrowDown' ? 1 : -1);
    else if (event.key === 'Escape') { input.value = ''; search(''); input.blur(); $('graph').focus(); }
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
}

// Texts

function swatch(health) {
  const line = make('span', { className: health === 'down' ? 'swatch dashed' : 'swatch' });
  line.style.borderTopColor = data.themes[theme].link[health];
  return line;
}

function startTexts() {
  $('title').textContent = data.title;
  $('summary').textContent = data.summary;
  $('state').textContent = data.state;
  $('state').className = data.findings.length ? 'ill' : '';
  $('graph').setAttribute('aria-label', `${data.title}. ${data.summary}. ${data.state}`);
  $('findings-panel').hidden = !data.findings.length;
  $('findings').replaceChildren(...data.findings.map((finding) => {
    const button = make('button', { onclick: () => {
      document.querySelectorAll('#findings [aria-current]').forEach((other) => other.removeAttribute('aria-current'));
      button.setAttribute('aria-current', 'true');
      if (connectorOfLink.has(finding.link)) goToConnector(connectorOfLink.get(finding.link));
      else goToBox(boxOfNode.get(links[finding.link][FROM]));
    } }, swatch(finding.health), make('span', { textContent: finding.text }));
    return make('li', {}, button);
  }));
  startLegend();
}

function startLegend() {
  const used = new Set(connectors.map((connector) => connector.health));
  if (data.findings.length) ['good', 'below-90', 'below-75', 'below-50'].forEach((health) => used.add(health));
  $('legend').replaceChildren(...Object.entries(data.health)
    .filter(([health]) => used.has(health))
    .map(([health, text]) => make('li', {}, swatch(health), make('span', { textContent: text }))));
}
