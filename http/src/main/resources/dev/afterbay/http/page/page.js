import {
  $, ago, cell, cut, duration, el, fill, get, jobLink, line, nothing, number, pill, plural, row,
  size,
} from './page-text.js';
import { JOBS_TOLD_MAX, watchTogether } from './page-events.js';
import { showJob, showNoJob } from './page-job.js';
import { showSchedules } from './page-schedules.js';

const ERROR_CHARS = 100;
const QUEUES = 25;
const QUEUES_NARROW = 10; // where each is a card
const EVENTS = 30;
const DRAWN_MS = 500;
const LOAD_MS = 1_000; // the server is asked at most that often, however much happens
const SUMS_MS = 2_000; // once more after the last change, as what the server has summed up may be older than that
const POLL_MS = 5_000; // without events
const IDLE_MS = 15_000; // with events: ages grow, and time alone makes jobs due
const STATES = ['all', 'pending', 'processing', 'done', 'failed', 'cancelled'];
const BAD = new Set([
  'lapsed', 'failed', 'expired', 'retried', 'breaker-opened', 'subscription-ended',
]);

const chosen = { queue: null, after: null, schedulesAfter: null, state: 'all' };
let seen = [];
let eventsDrawn = false;
let live = false;
let place = null; // the id of the job that is shown; null: the overview is
let nextQueues = null;
let nextSchedules = null;
let loading = false;
let again = false;
let followed = true; // the last change, by a load some time later
let lastLoad = -LOAD_MS;
let timer = 0;

function count(label, many, alarm) {
  const kind = many === 0 ? 'zero' : alarm ? 'alarm' : '';
  return cell(label, { className: `number ${kind}` }, number(many));
}

function showServer({ version, access, status, reasons }) {
  const good = status === 'ok';
  $('version').textContent = line(version);
  $('access').textContent = access;
  $('ready').className = `badge ${good ? 'good' : 'bad'}`;
  $('ready').textContent = good ? 'ready' : `failing: ${line(reasons.join(', '))}`;
}

function showTotals(totals) {
  const more = totals.complete ? '' : '+';
  for (const name of ['pending', 'scheduled', 'processing', 'failed']) {
    $(`sum-${name}`).textContent = number(totals[name]) + more;
  }
  $('sum-failed').parentElement.classList.toggle('alarm', totals.failed > 0);
  $('sum-age').textContent = totals.pending ? duration(totals.oldest_pending_age_ms) : '–';
}

function showQueues({ queues, next, totals }) {
  const all = plural(totals.queues, 'queue');
  const some = `${number(queues.length)} of ${all}${totals.complete ? '' : ' and more'}`;
  $('queues-note').textContent = next || chosen.after ? some : plural(queues.length, 'queue');
  $('queues-first').hidden = !chosen.after;
  $('queues-more').hidden = !next;
  nextQueues = next;
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
    line(queue.name),
  );
  name.dataset.key = `queue ${queue.name}`;
  name.addEventListener('click', () => choose({ queue: isChosen ? null : queue.name }));
  const why = queue.state_reason;
  const tr = row(
    cell('Queue', { className: 'name' }, name),
    cell(
      'State',
      { className: 'state' },
      pill(queue.state),
      why ? el('span', { className: 'why quiet' }, line(why)) : '',
    ),
    count('Pending', queue.pending),
    cell('Oldest', { className: 'number' }, queue.pending ? duration(queue.oldest_pending_age_ms) : ''),
    count('Scheduled', queue.scheduled),
    count('Processing', queue.processing),
    count('Done', queue.done),
    count('Failed', queue.failed, true),
    count('Cancelled', queue.cancelled),
  );
  tr.classList.toggle('chosen', isChosen);
  return tr;
}

function showJobs({ jobs, older_jobs: older }) {
  const all = el('button', { type: 'button', className: 'link' }, 'show all');
  all.dataset.key = 'all queues';
  all.addEventListener('click', () => choose({ queue: null }));
  fill($('jobs-of'), chosen.queue ? [`of ${line(chosen.queue)} `, all] : ['newest first']);
  const none = older
    ? 'None among the latest jobs; choose a queue to look for older ones.'
    : 'No such job.';
  fill($('jobs-rows'), jobs.length ? jobs.map(jobRow) : [nothing(4, none)]);
}

function jobRow(job) {
  const attempts = `${number(job.attempts)} of ${job.max_attempts ? number(job.max_attempts) : '∞'}`;
  return row(
    cell('Job', { className: 'job' }, jobName(job)),
    cell('Queue', { className: 'queue' }, line(job.queue)),
    cell(
      'State',
      { className: 'state' },
      pill(job.status),
      el('span', { className: 'quiet', title: 'Attempts' }, attempts),
      el('span', { className: 'quiet' }, ago(job.updated_at)),
    ),
    cell(
      'Message',
      { className: 'message' },
      ...messageParts(job),
      job.last_error ? el('span', { className: 'error' }, cut(job.last_error, 200)) : '',
    ),
  );
}

const jobName = (job) =>
  jobLink(job.id, el('b', {}, line(job.job_type)), ' ', el('code', {}, job.id));

/** What is shown of a message where there are others. */
function messageParts({ session, body }) {
  const { sns, text } = body;
  const what =
    text === undefined
      ? el('span', { className: 'quiet' }, 'binary')
      : el('code', { className: 'body' }, text ? line(text) + (body.cut ? '…' : '') : '(empty)');
  const about = [`${line(body.content_type)}, ${size(body.bytes)}`];
  if (sns) about.splice(0, 1, `topic ${line(sns.topic_arn)}`, `message ${line(sns.message_id)}`);
  if (session) about.push(`session ${line(session)}`);
  return [
    sns?.subject ? el('b', { className: 'subject' }, line(sns.subject)) : '',
    what,
    ...about.map((each) => el('span', { className: 'about quiet' }, each)),
  ];
}

function showNext({ next_of: queue, next_messages: messages }) {
  $('next-of').textContent = queue ? `of ${line(queue)}` : '';
  fill(
    $('next'),
    messages.length
      ? messages.map((each) => el('li', {}, jobName(each), ...messageParts(each)))
      : [el('li', { className: 'nothing' }, 'Nothing is due.')],
  );
}

function showEvents() {
  if (eventsDrawn) return;
  eventsDrawn = true;
  fill(
    $('events'),
    seen.length ? seen.map(eventItem) : [el('li', { className: 'nothing' }, 'Quiet.')],
  );
}

function eventItem({ word, data }) {
  const kind = BAD.has(word) ? 'bad' : word === 'done' ? 'good' : '';
  const time = new Date(data.at).toLocaleTimeString([], { hour12: false });
  const subject = line(data.job_type ?? data.subject ?? '');
  return el(
    'li',
    {},
    el('time', { dateTime: data.at, title: data.at }, time),
    el('span', { className: kind }, word),
    el(
      'span',
      { className: 'what' },
      `${line(data.queue)} `,
      data.id ? jobLink(data.id, subject) : subject,
      data.error ? ` – ${cut(data.error, ERROR_CHARS)}` : '',
    ),
  );
}

function showFilters() {
  const buttons = STATES.map((state) => {
    const pressed = String(state === chosen.state);
    const button = el('button', { type: 'button', 'aria-pressed': pressed }, state);
    button.dataset.key = `state ${state}`;
    button.addEventListener('click', () => choose({ state }));
    return button;
  });
  fill($('filters'), buttons);
}

function choose(changes) {
  Object.assign(chosen, changes);
  showFilters();
  changed();
}

function overviewPath() {
  const limit = matchMedia('(max-width: 900px)').matches ? QUEUES_NARROW : QUEUES;
  const query = new URLSearchParams({ limit });
  if (chosen.queue) query.set('queue', chosen.queue);
  if (chosen.state !== 'all') query.set('status', chosen.state);
  if (chosen.after) query.set('after', chosen.after);
  if (chosen.schedulesAfter) query.set('schedules_after', chosen.schedulesAfter);
  return `overview?${query}`;
}

function show(answer) {
  showServer(answer.server);
  if (place) {
    showJob(answer);
  } else {
    showTotals(answer.totals);
    showQueues(answer);
    showSchedules(answer, chosen.schedulesAfter);
    nextSchedules = answer.next_schedules;
    showJobs(answer);
    showNext(answer);
  }
}

/** Asks for what is shown, unless nobody looks or an answer is still to come. */
async function load() {
  if (document.hidden) return; // showing it again wakes
  if (loading) {
    again = true;
    return;
  }
  loading = true;
  again = false;
  lastLoad = performance.now();
  const asked = place;
  try {
    const answer = await get(asked ? `overview/jobs/${encodeURIComponent(asked)}` : overviewPath());
    if (asked === place) show(answer);
    $('trouble').hidden = true;
  } catch (error) {
    if (asked === place) failed(error);
  } finally {
    loading = false;
  }
  if (again) loadIn(0);
  else if (!followed) loadIn(SUMS_MS);
  else loadIn(live ? IDLE_MS : POLL_MS);
  followed ||= !again;
}

function failed(error) {
  if (place && (error.status === 404 || error.status === 400)) {
    showNoJob(place, error.message);
  } else {
    $('trouble').textContent = `The server cannot be asked: ${line(error.message)}`;
    $('trouble').hidden = false;
  }
}

function loadIn(millis) {
  clearTimeout(timer);
  timer = setTimeout(load, Math.max(millis, lastLoad + LOAD_MS - performance.now()));
}

/** What is shown may not be so any more. */
function changed() {
  followed = false;
  if (loading) {
    again = true;
  } else {
    loadIn(0);
  }
}

function told({ live: isLive, stale, all, events, jobs }) {
  if (isLive !== null) {
    live = isLive;
    $('live').className = `badge live ${live ? 'good' : 'bad'}`;
    $('live').textContent = live ? 'live' : 'polling';
  }
  if (all || events.length) {
    seen = (all ? events : [...events, ...seen]).slice(0, EVENTS);
    eventsDrawn = false;
  }
  // What happens to other jobs does not change the page of one; of very many not all are told.
  const isOther = place && events.length && !jobs.includes(place) && jobs.length < JOBS_TOLD_MAX;
  if (stale && (all || !isOther)) changed();
}

/** The address says what is shown, so that it can be kept, and gone back to. */
function go() {
  const job = /^#\/jobs\/([^/]+)$/.exec(location.hash);
  const before = place;
  try {
    place = job ? decodeURIComponent(job[1]) : null;
  } catch {
    place = job[1];
  }
  if (place) $('job').replaceChildren();
  $('home').hidden = Boolean(place);
  $('job').hidden = !place;
  document.title = place ? `Job ${line(place).slice(0, 40)} – Afterbay` : 'Afterbay';
  if (before !== place) {
    scrollTo(0, 0);
    $('main').focus({ preventScroll: true });
  }
  changed();
}

// The list of events is drawn in the rhythm of the screen, not of the events.
setInterval(showEvents, DRAWN_MS);
document.addEventListener('visibilitychange', () => document.hidden || changed());
addEventListener('hashchange', go);
$('skip').addEventListener('click', (event) => {
  event.preventDefault(); // the address is another thing's
  $('main').focus();
});
$('queues-first').addEventListener('click', () => choose({ after: null }));
$('queues-more').addEventListener('click', () => choose({ after: nextQueues }));
$('schedules-first').addEventListener('click', () => choose({ schedulesAfter: null }));
$('schedules-more').addEventListener('click', () => choose({ schedulesAfter: nextSchedules }));
showFilters();
showEvents();
go();
watchTogether(told);
