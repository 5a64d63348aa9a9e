// Lanes: a card each, with what the boom does, who stands there, and how many passed.

import { word, number, ago } from './words.js';
import { element } from './element.js';

function chipOf(lane) {
  const well = lane.mode === 'in_service';
  return element('span', well ? 'chip' : 'chip off', word(`mode_${lane.mode}`));
}

function factsOf(lane) {
  const fact = (value, name) => element('div', '', element('b', '', number(value)), word(name));
  return element('div', 'facts', fact(lane.passages_in, 'went_in'),
    fact(lane.passages_out, 'went_out'), fact(lane.unasked, 'unasked'));
}

// "boom open · 苏A***5 waits for a payment"
function nowOf(lane) {
  return [lane.boom && `${word('boom')} ${word(`boom_${lane.boom}`)}`, lane.plate,
    word(`lane_${lane.state}`)].filter(Boolean).join(' · ');
}

export function drawLane(lane, now) {
  const card = element('article', 'card',
    element('div', 'top', element('h3', '', lane.name || lane.lane), chipOf(lane)),
    element('p', 'soft', `${lane.lot} · ${word(`way_${lane.direction}`)}`),
    element('p', '', nowOf(lane)), factsOf(lane));
  if (lane.trouble) card.append(element('p', 'trouble', lane.trouble));
  if (lane.suspect?.length) {
    card.append(element('p', 'trouble',
      `${word('suspect')}: ${lane.suspect.map((s) => word(`wired_${s}`)).join(', ')}`));
  }
  if (lane.since) card.append(element('p', 'soft', `${word('since')} ${ago(lane.since, now)}`));
  return card;
}

// "between 41 and 44 vehicles inside"
export function estimateWords({ inside, low, high }) {
  return low === high ? word('inside', { inside: number(inside) })
    : word('inside_between', { low: number(low), high: number(high) });
}
