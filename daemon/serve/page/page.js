// The page: one stream of events in, a drawing out. What has changed is gathered and drawn once a
// frame, so that a storm of bays costs no more than what the eye can see.

import { word, number, clock, ago, duration, currentLanguage, switchLanguage } from './words.js';
import { keepOpen, authorised } from './stream.js';
import { element } from './element.js';
import { drawLane, estimateWords } from './lanes.js';

const STATES = ['free', 'occupied', 'unknown', 'out_of_service'];
const MANY_BAYS = 1500;
const DEVICES_EVERY_MS = 10000;
const DEVICES_SHOWN_MAX = 300;

const $ = (id) => document.getElementById(id);
const model = {
  lots: new Map(), lanes: new Map(), bays: new Map(), devices: new Map(), uplinks: new Map(),
  status: null, lostSince: null, allDevices: false, skew: 0,
};
const stale = new Set(); // names of what is to be drawn: 'lots', 'status', … and bay objects
let frame = 0;

const gatewayNow = () => Date.now() + model.skew;

function mark(what) {
  stale.add(what);
  frame ||= requestAnimationFrame(draw);
}

// Lots

function drawBar(tally) {
  const bar = element('div', 'bar');
  for (const state of STATES) {
    if (!tally[state]) continue;
    const part = element('i', state);
    part.style.width = `${(100 * tally[state]) / tally.capacity}%`;
    bar.append(part);
  }
  return bar;
}

function drawCounts(tally) {
  const parts = STATES.slice(1).filter((s) => tally[s])
    .map((s) => element('span', '', `${number(tally[s])} ${word(s)}`));
  return element('div', 'counts', ...parts);
}

function zoneName(lot, id) {
  return lot?.zones.find((zone) => zone.id === id)?.name || id;
}

function drawLot(lot) {
  const chip = element('span', `chip ${lot.quality}`,
    word(`quality_${lot.quality}`, { unknown: number(lot.unknown) }));
  const big = element('div', lot.free ? 'big' : 'big none',
    element('b', '', number(lot.free)),
    element('span', '', `${word('free')} ${word('of', { capacity: number(lot.capacity) })}`));
  const card = element('article', 'card',
    element('div', 'top', element('h3', '', lot.name || lot.lot), chip),
    big, drawBar(lot), drawCounts(lot));
  if (lot.counted) {
    card.append(element('p', 'soft', word('counted', { inside: number(lot.counted.inside),
      in: number(lot.counted.in), out: number(lot.counted.out) })));
  }
  if (lot.estimate) card.append(element('p', 'soft', estimateWords(lot.estimate)));
  if (lot.zones.length > 1) {
    card.append(element('ul', 'zones', ...lot.zones.map((zone) => element('li', '',
      element('span', '', zone.name || zone.id), drawBar(zone),
      element('b', '', number(zone.free))))));
  }
  return card;
}

function drawLots() {
  $('lots').replaceChildren(...[...model.lots.values()].map(drawLot));
  for (const lot of model.lots.values()) {
    for (const zone of lot.zones) {
      const count = document.querySelector(`[data-zone-free="${CSS.escape(zone.id)}"]`);
      if (count) count.textContent = `${number(zone.free)} / ${number(zone.capacity)}`;
    }
  }
}

function drawLanes() {
  $('lanes-part').hidden = model.lanes.size === 0;
  $('lanes').replaceChildren(...[...model.lanes.values()].map((lane) => drawLane(lane, gatewayNow())));
}

// Bays

function gridOf(bay) {
  const found = document.querySelector(`[data-zone="${CSS.escape(bay.zone)}"]`);
  if (found) return found;
  const lot = model.lots.get(bay.lot);
  const title = `${lot?.name || bay.lot} · ${zoneName(lot, bay.zone)}`;
  const grid = element('div', 'grid');
  const free = element('span', 'soft');
  grid.dataset.zone = bay.zone;
  free.dataset.zoneFree = bay.zone;
  $('bays').append(element('div', 'zone',
    element('div', 'top', element('h3', '', title), free), grid));
  mark('lots');
  return grid;
}

function drawBay(entry) {
  const bay = entry.bay;
  if (!entry.cell) {
    entry.cell = element('div');
    entry.cell.dataset.bay = bay.bay;
    gridOf(bay).append(entry.cell);
    $('bays').classList.toggle('many', model.bays.size > MANY_BAYS);
  }
  entry.cell.className = ['bay', bay.state, bay.suspect?.length ? 'suspect' : '',
    bay.class !== 'ordinary' ? 'special' : '', entry.fresh ? 'fresh' : ''].join(' ');
  entry.cell.setAttribute('aria-label', `${bay.bay}: ${word(bay.state)}`);
}

function showTip(cell) {
  const tip = $('tip');
  const bay = model.bays.get(cell?.dataset.bay)?.bay;
  tip.hidden = !bay;
  if (!bay) return;
  const line = (name, value) => element('div', '', `${word(name)}: ${value}`);
  tip.replaceChildren(element('b', '', `${bay.bay} · ${word(bay.state)}`));
  if (bay.since) tip.append(line('since', `${clock(bay.since)} (${ago(bay.since, gatewayNow())})`));
  tip.append(line('because', word(bay.reason)));
  if (bay.device) tip.append(line('sensor', bay.device));
  if (bay.class !== 'ordinary') tip.append(line('kind', word(bay.class)));
  if (bay.suspect?.length) tip.append(line('suspect', bay.suspect.map((s) => word(s)).join(', ')));
  const at = cell.getBoundingClientRect();
  const left = Math.min(at.left, innerWidth - tip.offsetWidth - 8);
  const above = at.top - tip.offsetHeight - 8;
  tip.style.left = `${Math.max(8, left)}px`;
  tip.style.top = `${above > 8 ? above : at.bottom + 8}px`;
}

// Platforms

function fact(value, name, bad) {
  return element('div', bad ? 'bad-number' : '', element('b', '', number(value)), word(name));
}

function drawUplink(uplink) {
  const chip = element('span', uplink.connected ? 'chip' : 'chip off',
    word(uplink.connected ? 'connected' : 'not_connected'));
  const card = element('article', 'card',
    element('div', 'top', element('h3', '', uplink.name), chip),
    element('div', 'facts', fact(uplink.delivered, 'delivered'), fact(uplink.pending, 'pending'),
      fact(uplink.dead, 'dead', uplink.dead > 0)));
  if (uplink.trouble) card.append(element('p', 'trouble', uplink.trouble));
  const times = [['last_delivery', uplink.last_delivery], ['oldest', uplink.oldest_pending]]
    .filter(([, time]) => time)
    .map(([name, time]) => `${word(name)} ${ago(time, gatewayNow())}`);
  if (times.length) card.append(element('p', 'soft', times.join(' · ')));
  return card;
}

function drawUplinks() {
  $('uplinks').replaceChildren(...[...model.uplinks.values()].map(drawUplink));
  $('no-uplinks').hidden = model.uplinks.size > 0 || !model.status;
}

// Devices

// In the page's language where it knows the kind; else the gateway's own words.
function troubleOf(device) {
  const known = device.trouble && word(`trouble_${device.trouble}`);
  if (known && currentLanguage() !== 'en' && known !== `trouble_${device.trouble}`) return known;
  if (device.trouble) return device.last_error;
  if (device.state !== 'online') return word(device.reason ?? '') || device.last_error || '';
  return device.last_error ? word(device.last_error) : '';
}

function askedOf({ asked }) {
  if (!asked) return [];
  const what = `${word(asked.what)}: ${word(`asked_${asked.state}`)}`;
  const words = asked.state === 'failed' ? word(asked.words) : '';
  return [element('p', `asked ${asked.state}`, words ? `${what}; ${words}` : what)];
}

function batteryOf(device) {
  const volts = device.battery_mv ? `${(device.battery_mv / 1000).toFixed(2)} V` : '';
  return [device.battery && word(`battery_${device.battery}`), volts].filter(Boolean).join(' · ');
}

function radioOf({ rssi_dbm: rssi, gateways }) {
  if (!rssi) return '';
  const [free, occupied] = rssi;
  return [free && `${free} dBm`, occupied && `${word('occupied')} ${occupied} dBm`,
    gateways && word('gateways', { count: number(gateways) })].filter(Boolean).join(' · ');
}

// Somebody should look at it: it is silent, it is troubled, or what was asked of it is not done.
const needsLook = (device) => device.state !== 'online' || device.trouble
  || (device.asked && device.asked.state !== 'done');

function cell(className, name, ...children) {
  const made = element('td', className, ...children);
  made.dataset.name = word(name);
  return made;
}

function drawDevice(device) {
  const heard = device.last_answer ? ago(device.last_answer, gatewayNow())
    : device.state === 'online' ? '' : word('never');
  return element('tr', '',
    element('td', 'name', device.device), cell('wide', 'bus', device.bus ?? ''),
    element('td', `state ${device.trouble ? 'troubled' : ''} ${device.state}`, word(device.state)),
    cell('', 'last_heard', heard), cell('number wide', 'bays', number(device.bays)),
    cell(`battery ${device.battery ?? ''}`, 'battery', batteryOf(device)),
    cell('', 'radio', radioOf(device)),
    element('td', 'words', troubleOf(device), ...askedOf(device)));
}

function drawDevices() {
  const all = [...model.devices.values()];
  const troubled = all.filter(needsLook);
  const shown = (model.allDevices ? [...troubled, ...all.filter((d) => !needsLook(d))]
    : troubled).slice(0, DEVICES_SHOWN_MAX);
  $('devices-sum').textContent = devicesSum();
  $('devices-all').textContent = word(model.allDevices ? 'show_troubled' : 'show_all');
  $('devices-all').hidden = all.length === 0;
  $('devices').hidden = shown.length === 0;
  $('devices').tBodies[0].replaceChildren(...shown.map(drawDevice));
}

async function refreshDevices() {
  if (document.hidden || model.lostSince) return;
  const response = await fetch('/api/v1/devices', { headers: authorised() }).catch(() => null);
  if (!response?.ok) return;
  for (const device of (await response.json()).devices) model.devices.set(device.device, device);
  mark('devices');
  if ([...model.lots.values()].some((lot) => lot.counted)) await refreshLots();
}

// The gateway as a whole

function devicesSum() {
  const all = [...model.devices.values()];
  const online = all.filter((device) => device.state === 'online');
  const troubled = online.filter((device) => device.trouble).length;
  return word('answering', { online: number(online.length), all: number(all.length) })
    + (troubled ? ` · ${word('troubled', { count: number(troubled) })}` : '');
}

function uplinkSum(name) {
  const uplink = model.uplinks.get(name);
  if (!uplink) return '';
  return [word(uplink.connected ? 'connected' : 'not_connected'),
    `${number(uplink.pending)} ${word('pending')}`, uplink.trouble].filter(Boolean).join(' · ');
}

// What the page can say in its own language, it does; the rest comes in the gateway's words.
function findingWords(check) {
  if (check.kind === 'devices') return devicesSum();
  return (check.kind === 'uplink' && uplinkSum(check.name)) || check.words;
}

function drawFindings() {
  const bad = (model.status?.checks ?? []).filter((check) => !check.ok);
  $('findings').hidden = bad.length === 0;
  $('findings').replaceChildren(...bad.map((check) => element('li', '',
    element('b', '', `${word(`check_${check.kind}`)}${check.name ? ` ${check.name}` : ''}: `),
    findingWords(check))));
}

function drawStatus() {
  const status = model.status;
  if (!status) return;
  document.title = $('site').textContent = status.name || status.site;
  $('clock').textContent = clock(status.now);
  $('footer').textContent = [`parkd ${status.version}`,
    word('up', { time: duration((new Date(status.now) - new Date(status.started)) / 1000) }),
    word('journal', { count: number(status.store.head) }),
    word('commit', { ms: (status.store.last_commit_us / 1000).toFixed(1) })].join(' · ');
  drawFindings();
}

function drawLive() {
  const on = model.status && !model.lostSince;
  $('live').className = on ? 'live on' : 'live';
  $('live').textContent = word(on ? 'live' : 'connecting');
  $('lost').hidden = !model.lostSince;
  if (model.lostSince) $('lost').textContent = word('lost', { since: clock(model.lostSince) });
}

function drawWords() {
  document.documentElement.lang = currentLanguage();
  $('language').textContent = word('other');
  for (const labelled of document.querySelectorAll('[data-word]')) {
    labelled.textContent = word(labelled.dataset.word);
  }
  $('legend').replaceChildren(...STATES.map((state) => element('span', '',
    element('span', `bay ${state}`), word(state))));
}

const drawings = { words: drawWords, lots: drawLots, lanes: drawLanes, uplinks: drawUplinks, devices: drawDevices,
  status: drawStatus, live: drawLive };

function draw() {
  frame = 0;
  const now = [...stale];
  stale.clear();
  for (const what of now) {
    if (typeof what === 'string') drawings[what]();
    else drawBay(what);
  }
}

// What the stream says

const events = {
  status(status) {
    if (model.status && model.status.started !== status.started) location.reload();
    model.status = status;
    model.skew = new Date(status.now) - Date.now();
    mark('status');
    mark('uplinks');
    mark('live');
  },
  vacancy(vacancy) {
    Object.assign(model.lots.get(vacancy.lot) ?? {}, vacancy);
    mark('lots');
  },
  lane(lane) {
    model.lanes.set(lane.lane, lane);
    mark('lanes');
  },
  uplink(uplink) {
    model.uplinks.set(uplink.name, uplink);
    mark('uplinks');
    mark('status');
  },
  device(device) {
    model.devices.set(device.device, device);
    mark('devices');
    mark('status');
  },
  bay(bay) {
    const entry = model.bays.get(bay.bay) ?? {};
    entry.fresh = entry.bay && entry.bay.state !== bay.state;
    entry.bay = bay;
    model.bays.set(bay.bay, entry);
    mark(entry);
  },
};

async function refreshLots() {
  const response = await fetch('/api/v1/lots', { headers: authorised() });
  for (const lot of (await response.json()).lots) model.lots.set(lot.lot, lot);
  mark('lots');
}

async function opened() {
  await refreshLots();
  model.lostSince = null;
  mark('lots');
  mark('uplinks');
  mark('live');
}

function askToken() {
  $('token').hidden = false;
  return new Promise((go) => {
    $('token-send').onclick = () => {
      sessionStorage.setItem('parkd.token', $('token-text').value);
      $('token').hidden = true;
      go();
    };
  });
}

$('language').onclick = () => {
  switchLanguage();
  Object.keys(drawings).forEach(mark);
  $('bays').replaceChildren();
  for (const entry of model.bays.values()) { entry.cell = null; entry.fresh = false; mark(entry); }
};
$('devices-all').onclick = () => { model.allDevices = !model.allDevices; mark('devices'); };
for (const kind of ['pointerover', 'pointerdown']) {
  $('bays').addEventListener(kind, (event) => showTip(event.target.closest('.bay')));
}
$('bays').addEventListener('pointerleave', () => showTip(null));
addEventListener('scroll', () => showTip(null), { passive: true });

mark('words');
mark('devices');
mark('live');
setInterval(refreshDevices, DEVICES_EVERY_MS);
setInterval(() => mark('uplinks'), DEVICES_EVERY_MS);
keepOpen({
  opened,
  event: (name, data) => events[name]?.(data),
  lost: () => { model.lostSince ??= gatewayNow(); mark('live'); },
  refused: askToken,
});
