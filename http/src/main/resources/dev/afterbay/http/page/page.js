// What this page shows was written by strangers: it is only ever set as text.

const BODY_CHARS = 100;
const JOBS = 25;
const QUEUES = 200;
const EVENTS = 30;
const REFRESH_MS = 1_000; // at most that often, however much happens
const POLL_MS = 5_000; // without events
const IDLE_MS = 15_000; // with events: ages grow, and time alone makes jobs due
const STATES = ['all', 'pending', 'processing', 'done', 'failed', 'cancelled'];
const WORDS = [
  'enqueued', 'scheduled', 'leased', 'renewed', 'lapsed', 'released', 'retried', 'done', 'failed',
  'expired', 'cancelled', 'redriven', 'deleted', 'session-held', 'session-freed', 'queue-paused',
  'queue-resumed', 'breaker-opened', 'breaker-half-open', 'breaker-closed',
  'subscription-confirmed', 'subscription-ended',
];
const BAD = new Set([
  'lapsed', 'failed', 'expired', 'retried', 'breaker-opened', 'subscription-ended',
]);

const $ = (id) => document.getElementById(id);
const whole = new Intl.NumberFormat();
const chosen = { queue: null, after: null, state: 'all' };
const seen = [];
let eventsShown = false;
let connected = false;
let refreshing = false;
let again = false;
let lastRefresh = 0;
let timer = 0;
let nextQueues = null;

/** An element; children are elements or text. */
function el(tag, properties, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties ?? {})) {
    if (name in element) {
      element[name] = value;
    } else {
      element.setAttribute(name, value);
    }
  }
  element.append(...children.map((child) => child ?? ''));
  return element;
}

function duration(millis) {
  const seconds = millis / 1_000;
  if (seconds < 1) return `${Math.round(millis)} ms`;
  if (seconds < 100) return `${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)} s`;
  if (seconds < 6_000) return `${Math.round(seconds / 60)} min`;
  if (seconds < 172_800) return `${Math.round(seconds / 3_600)} h`;
  return `${Math.round(seconds / 86_400)} d`;
}

function ago(time) {
  const millis = Date.now() - Date.parse(time);
  return el('time', { dateTime: time, title: time }, millis < 1_000 ? 'now' : `${duration(millis)} ago`);
}

const pill = (word) => el('span', { className: `pill ${word}` }, word);

/** What would turn the direction of writing is shown as a mark: a text must not look like another. */
const upright = (text) => text.replace(/[\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, '\ufffd');

const cut = (text, max) => upright(text.length <= max ? text : `${text.slice(0, max)}…`);

function row(...cells) {
  return el('tr', {}, ...cells);
}

function count(number, alarm) {
  const kind = number === 0 ? 'zero' : alarm ? 'alarm' : '';
  return el('td', { className: `number ${kind}` }, whole.format(number));
}

function nothing(columns, text) {
  return row(el('td', { colSpan: columns, className: 'nothing' }, text));
}

/** Replaces rows without taking the keyboard's place away. */
function fill(body, rows) {
  const key = document.activeElement?.dataset?.key;
  const scroll = body.scrollTop;
  body.replaceChildren(...rows);
  body.scrollTop = scroll;
  if (key) {
    [...body.querySelectorAll('[data-key]')].find((each) => each.dataset.key === key)?.focus();
  }
}

async function get(path) {
  const response = await fetch(path, { headers: { Accept: 'application/json' } });
  const body = await response.json();
  if (!response.ok && !('reasons' in body)) {
    throw new Error(body.detail ?? `the server said ${response.status}`);
  }
  return body;
}

/** The counts are those of the queues that are shown: there may be more than one wants to ask for. */
function showQueues({ queues, next }) {
  const sum = (name) => queues.reduce((total, queue) => total + queue[name], 0);
  for (const name of ['pending', 'scheduled', 'processing', 'failed']) {
    $(`sum-${name}`).textContent = whole.format(sum(name));
  }
  $('sum-failed').parentElement.classList.toggle('alarm', sum('failed') > 0);
  const oldest = Math.max(0, ...queues.map((queue) => queue.oldest_pending_age_ms));
  $('sum-age').textContent = sum('pending') ? duration(oldest) : '–';
  const many = queues.length === 1 ? '1 queue' : `${queues.length} queues`;
  $('queues-note').textContent = next || chosen.after ? `${many} of more, and their counts` : many;
  $('queues-first').hidden = !chosen.after;
  $('queues-more').hidden = !next;
  nextQueues = next;
  if (chosen.queue && !queues.some((queue) => queue.name === chosen.queue)) chosen.queue = null;
  fill(
    $('queues-rows'),
    queues.length
      ? queues.map(queueRow)
      : [nothing(9, 'No queue yet: a queue comes to exist with its first message.')],
  );
}

function queueRow(queue) {
  const isChosen = queue.name === chosen.queue;
  const name = el(
    'button',
    { type: 'button', className: 'name', 'aria-pressed': String(isChosen) },
    queue.name,
  );
  name.dataset.key = `queue ${queue.name}`;
  name.addEventListener('click', () => {
    chosen.queue = isChosen ? null : queue.name;
    refresh();
  });
  const state = el('td', { title: queue.state_reason ?? '' }, pill(queue.state));
  const tr = row(
    el('td', { className: 'queue' }, name),
    state,
    count(queue.pending),
    el('td', { className: 'number' }, queue.pending ? duration(queue.oldest_pending_age_ms) : ''),
    count(queue.scheduled),
    count(queue.processing),
    count(queue.done),
    count(queue.failed, true),
    count(queue.cancelled),
  );
  tr.classList.toggle('chosen', isChosen);
  return tr;
}

function showJobs(jobs) {
  $('jobs-of').textContent = chosen.queue ? `of ${chosen.queue}` : 'newest first';
  fill($('jobs-rows'), jobs.length ? jobs.map(jobRow) : [nothing(6, 'No such job.')]);
}

function jobRow(job) {
  return row(
    el('td', { className: 'type' }, job.job_type, el('br'), el('code', { title: job.id }, job.id)),
    el('td', { className: 'queue' }, job.queue),
    el('td', {}, pill(job.status)),
    el('td', { className: 'number' }, `${job.attempts} / ${job.max_attempts ?? '∞'}`),
    el('td', {}, ago(job.updated_at)),
    el('td', { className: 'error', title: job.last_error ?? '' }, cut(job.last_error ?? '', 200)),
  );
}

function showNext(queue, deliveries) {
  $('next-of').textContent = queue ? `of ${queue}` : '';
  fill(
    $('next'),
    deliveries.length
      ? deliveries.map(messageItem)
      : [el('li', { className: 'nothing' }, 'Nothing is due.')],
  );
}

function messageItem(delivery) {
  const bytes = delivery.body_base64;
  const body = bytes === undefined
    ? cut(delivery.body, BODY_CHARS)
    : `${whole.format(Math.floor((bytes.length * 3) / 4))} bytes of ${delivery.content_type}`;
  return el(
    'li',
    {},
    el(
      'span',
      { className: 'top' },
      el('b', {}, delivery.type),
      el('span', { className: 'quiet' }, delivery.session ? `session ${upright(delivery.session)}` : ''),
    ),
    el('code', { className: 'body' }, body || '(empty)'),
  );
}

function showEvents() {
  if (eventsShown) return;
  eventsShown = true;
  fill(
    $('events'),
    seen.length ? seen.map(eventItem) : [el('li', { className: 'nothing' }, 'Quiet.')],
  );
}

function eventItem({ word, data }) {
  const kind = BAD.has(word) ? 'bad' : word === 'done' ? 'good' : '';
  const subject = data.job_type ?? data.subject ?? '';
  return el(
    'li',
    {},
    el('time', { dateTime: data.at, title: data.at }, new Date(data.at).toLocaleTimeString([], { hour12: false })),
    el('span', { className: kind }, word),
    el(
      'span',
      { className: 'what', title: data.id ?? '' },
      `${data.queue} ${subject}${data.error ? ` – ${cut(data.error, BODY_CHARS)}` : ''}`,
    ),
  );
}

function showReady(ready) {
  const good = ready.status === 'ok';
  $('ready').className = `badge ${good ? 'good' : 'bad'}`;
  $('ready').textContent = good ? 'ready' : `failing: ${ready.reasons.join(', ')}`;
}

function jobsPath() {
  const query = new URLSearchParams({ limit: JOBS });
  if (chosen.queue) query.set('queue', chosen.queue);
  if (chosen.state !== 'all') query.set('status', chosen.state);
  return `jobs?${query}`;
}

/** The queue whose messages are shown: the chosen one, else the longest. */
function nextQueue(queues) {
  if (chosen.queue) return chosen.queue;
  const longest = queues.reduce((a, b) => (b.pending > (a?.pending ?? 0) ? b : a), null);
  return longest?.name ?? null;
}

function queuesPath() {
  const query = new URLSearchParams({ limit: QUEUES });
  if (chosen.after) query.set('after', chosen.after);
  return `queues?${query}`;
}

function goToQueues(after) {
  chosen.after = after;
  chosen.queue = null;
  refresh();
}

async function load() {
  const [ready, page] = await Promise.all([get('health/ready'), get(queuesPath())]);
  showReady(ready);
  showQueues(page);
  const queue = nextQueue(page.queues);
  const [{ jobs }, next] = await Promise.all([
    get(jobsPath()),
    queue ? get(`queues/${encodeURIComponent(queue)}/peek?limit=10`) : { deliveries: [] },
  ]);
  showJobs(jobs);
  showNext(queue, next.deliveries);
}

/** Loads now; if it is loading already, once more afterwards. */
async function refresh() {
  if (refreshing) {
    again = true;
    return;
  }
  refreshing = true;
  clearTimeout(timer);
  lastRefresh = Date.now();
  try {
    await load();
    $('trouble').hidden = true;
  } catch (error) {
    $('trouble').textContent = `The server cannot be asked: ${error.message}`;
    $('trouble').hidden = false;
  } finally {
    refreshing = false;
  }
  schedule(again ? REFRESH_MS : connected ? IDLE_MS : POLL_MS);
  again = false;
}

function schedule(millis) {
  clearTimeout(timer);
  timer = setTimeout(() => (document.hidden ? schedule(POLL_MS) : refresh()), millis);
}

/** Something changed. */
function stale() {
  if (refreshing) {
    again = true;
  } else {
    schedule(Math.max(0, lastRefresh + REFRESH_MS - Date.now()));
  }
}

function showLive(isConnected) {
  connected = isConnected;
  $('live').className = `badge live ${connected ? 'good' : 'bad'}`;
  $('live').textContent = connected ? 'live' : 'polling';
}

function watch() {
  const events = new EventSource('events');
  events.addEventListener('open', () => {
    showLive(true);
    stale();
  });
  events.addEventListener('error', () => {
    showLive(false);
    stale();
    if (events.readyState === EventSource.CLOSED) {
      setTimeout(watch, POLL_MS);
    }
  });
  events.addEventListener('reset', stale);
  for (const word of WORDS) {
    events.addEventListener(word, (event) => {
      seen.unshift({ word, data: JSON.parse(event.data) });
      seen.length = Math.min(seen.length, EVENTS);
      eventsShown = false;
      stale();
    });
  }
}

function showFilters() {
  const buttons = STATES.map((state) => {
    const button = el(
      'button',
      { type: 'button', 'aria-pressed': String(state === chosen.state) },
      state,
    );
    button.dataset.key = `state ${state}`;
    button.addEventListener('click', () => {
      chosen.state = state;
      showFilters();
      refresh();
    });
    return button;
  });
  fill($('filters'), buttons);
}

async function showServer() {
  const server = await get('version');
  $('version').textContent = server.version;
  $('access').textContent = server.access;
}

// The list of events is drawn in the rhythm of the screen, not of the events.
setInterval(showEvents, 500);
document.addEventListener('visibilitychange', () => document.hidden || stale());
$('queues-first').addEventListener('click', () => goToQueues(null));
$('queues-more').addEventListener('click', () => goToQueues(nextQueues));
showFilters();
showEvents();
showServer().catch(() => {}); // its lines stay empty; what matters is shown by refresh
refresh();
watch();
