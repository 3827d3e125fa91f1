#!/usr/bin/env node
// SPDX-License-Identifier: Apache-2.0
// The smallest complete publisher of an enterprise: a durable outbox, repeats, receipts. Needs `mqtt` (mqtt.js).
//
//   node publisher.mjs --publisher USCC [--sector S] [--node N] [--host H] [--port P] [--dir DIR] [--once] [FILE…]
//
// Each FILE holds reports in canonical JSON, one a line. A report leaves outbox/ only with its receipt: to
// waiting/ (parked: a second receipt follows, and is asked for by sending it again), done/ (stored, duplicate,
// stale) or refused/ (rejected, conflict; the receipt beside it says why). PUBACK is only the broker's word and moves nothing. Killed at any moment,
// it goes on where the folders stand: the same msg_id again is answered with `duplicate`.
import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import mqtt from 'mqtt';

const FOLDERS = ['outbox', 'waiting', 'done', 'refused'];
const FOLDER_OF = {
  stored: 'done', duplicate: 'done', stale: 'done', parked: 'waiting',
  rejected: 'refused', conflict: 'refused',
};
const IN_FLIGHT_MAX = 20; // reports that wait for their receipt at one time
const REPEAT_MS = 30_000; // without a receipt a report is sent again
const LOOK_MS = 200; // how often the outbox is looked at
const SESSION_SECONDS = 7 * 24 * 3600;

const { values: options, positionals: files } = parseArgs({
  allowPositionals: true,
  options: {
    publisher: { type: 'string' },
    sector: { type: 'string', default: 'hazchem' },
    node: { type: 'string', default: '410411' },
    host: { type: 'string', default: '127.0.0.1' },
    port: { type: 'string', default: '1883' },
    username: { type: 'string' }, // the password is taken from $MQTT_PASSWORD
    dir: { type: 'string', default: 'dualgate-outbox' },
    once: { type: 'boolean', default: false }, // end when everything has its final receipt
  },
});
if (!options.publisher) {
  console.error('publisher.mjs: --publisher is missing');
  process.exit(2);
}
const base = `dp/v1/${options.node}/${options.sector}/${options.publisher}`;

// ---- the folders as a database: a file is written whole, synced, then renamed ----

const at = (place, name) => join(options.dir, place, name);

function syncFolder(place) {
  const handle = fs.openSync(join(options.dir, place), 'r');
  fs.fsyncSync(handle);
  fs.closeSync(handle);
}

function write(place, name, data) {
  const handle = fs.openSync(at(place, `.${name}`), 'w');
  fs.writeFileSync(handle, data);
  fs.fsyncSync(handle);
  fs.closeSync(handle);
  fs.renameSync(at(place, `.${name}`), at(place, name));
  syncFolder(place);
}

const isReport = (name) =>
  name.endsWith('.json') && !name.startsWith('.') && !name.endsWith('.receipt.json');

const names = (place) => fs.readdirSync(join(options.dir, place)).filter(isReport).sort();

/** A msg_id of the content, so that the same file read twice, after a crash in the middle of it, puts
 *  nothing twice. */
function idOf(line) {
  const hex = createHash('sha256').update(line).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

let lastStamp = 0;
function put(line) {
  const report = JSON.parse(line);
  report.msg_id ??= idOf(line);
  const ending = `${report.msg_id.toLowerCase()}.json`;
  if (FOLDERS.some((place) => names(place).some((name) => name.endsWith(ending)))) return;
  lastStamp = Math.max(lastStamp + 1, Date.now() * 1000);
  write('outbox', `${String(lastStamp).padStart(20, '0')}-${ending}`, JSON.stringify(report));
}

function find(msgId) {
  for (const place of ['outbox', 'waiting', 'done']) {
    const name = names(place).find((one) => one.toLowerCase().endsWith(`${msgId}.json`));
    if (name) return { place, name };
  }
  return null;
}

/** The receipt first, so that no report stands in done/ without one. */
function settle({ place, name }, item) {
  const to = FOLDER_OF[item.verdict];
  write(to, name.replace(/\.json$/, '.receipt.json'), JSON.stringify(item, null, 1));
  if (to !== place) {
    fs.renameSync(at(place, name), at(to, name));
    syncFolder(to);
    syncFolder(place);
  }
}

// ---- sending and taking ----

const sent = new Map(); // name in outbox/ -> time of the last try
const byHash = new Map(); // SHA-256 of a payload -> name, for what could not even be read
let ready = false;

function send(client) {
  const now = performance.now();
  const due = ['outbox', 'waiting'].flatMap((place) =>
    names(place).slice(0, IN_FLIGHT_MAX).map((name) => ({ place, name })));
  for (const { place, name } of due) {
    if (now - (sent.get(name) ?? -REPEAT_MS) < REPEAT_MS) continue;
    const payload = fs.readFileSync(at(place, name));
    let record;
    try {
      record = JSON.parse(payload).record;
    } catch {
      record = undefined;
    }
    if (typeof record !== 'string') {
      settle({ place, name },
        { verdict: 'rejected', reason: 'unreadable', text_en: 'not sent: no JSON with a record' });
      continue;
    }
    byHash.set(createHash('sha256').update(payload).digest('hex'), name);
    client.publish(`${base}/up/${record}`, payload, { qos: 1 });
    sent.set(name, now);
  }
}

function take(receipt) {
  for (const item of JSON.parse(receipt).items) {
    let found = item.msg_id ? find(item.msg_id.toLowerCase()) : null;
    const unread = byHash.get(item.payload_sha256);
    if (!item.msg_id && unread && names('outbox').includes(unread)) {
      found = { place: 'outbox', name: unread };
    }
    if (!found || (found.place === 'done' && item.verdict === 'duplicate')) continue;
    settle(found, item);
    if (item.verdict !== 'parked') sent.delete(found.name);
    console.log(`${item.verdict} ${item.msg_id ?? '-'} ${item.text ?? ''}`);
  }
}

for (const place of FOLDERS) fs.mkdirSync(join(options.dir, place), { recursive: true });
for (const file of files) {
  fs.readFileSync(file, 'utf8').replace(/^\uFEFF/, '').split('\n').filter((line) => line.trim()).forEach(put);
}

const client = mqtt.connect({
  host: options.host, port: Number(options.port), protocolVersion: 5, clean: false,
  clientId: options.publisher, username: options.username, password: process.env.MQTT_PASSWORD,
  keepalive: 30, reconnectPeriod: 1000, properties: { sessionExpiryInterval: SESSION_SECONDS },
  queueQoSZero: false,
});
client.on('connect', () => client.subscribe(`${base}/down/receipt`, { qos: 1 }, (error) => {
  sent.clear(); // whatever was under way on the old connection is sent again
  ready = !error;
}));
client.on('close', () => { ready = false; });
client.on('error', (error) => console.error(`publisher.mjs: ${error.message}`));
client.on('message', (_topic, payload) => take(payload));

const timer = setInterval(() => {
  if (ready) send(client);
  if (options.once && ready && !names('outbox').length && !names('waiting').length) {
    clearInterval(timer);
    client.end(false, () => process.exit(names('refused').length ? 1 : 0));
  }
}, LOOK_MS);
