import {
  $, ago, duration, el, fill, isJson, line, lines, number, pill, plural, pretty, size,
} from './page-text.js';

const LONG = new Set(['Last error', 'Subject']);
const HEX_MAX = 256;
const HEX_ROW = 8; // bytes; so that a row fits on a telephone

const card = (title, ...children) =>
  el('section', { className: 'card' }, el('div', { className: 'head' }, el('h2', {}, title)), ...children);

const quiet = (text) => el('p', { className: 'quiet note' }, text);

/** Names and values; a value that is null, undefined or empty is left out. */
function facts(pairs) {
  const list = el('dl', { className: 'facts' });
  for (const [name, value] of pairs) {
    if (value !== null && value !== undefined && value !== '') {
      list.append(el('div', { className: LONG.has(name) ? 'long' : '' }, el('dt', {}, name), el('dd', {}, value)));
    }
  }
  return list;
}

const time = (text) => (text ? el('span', {}, ago(text), ' ', el('code', {}, text)) : null);

function block(text) {
  return el('pre', { tabIndex: 0 }, el('code', {}, lines(text)));
}

/** A text: with its members one a line if it is JSON. */
function textBlock(text, isCut, json) {
  return block((json ? pretty(text) : text) + (isCut ? '…' : ''));
}

const isJsonType = (type) => /^[^;]*[/+]json\s*(;|$)/i.test(type);

function hexBlock(hex) {
  const rows = [];
  for (let at = 0; at < hex.length; at += 2 * HEX_ROW) {
    const bytes = hex.slice(at, at + 2 * HEX_ROW).match(/../g);
    const text = bytes.map((each) => {
      const code = parseInt(each, 16);
      return code >= 32 && code < 127 ? String.fromCharCode(code) : '.';
    });
    const offset = (at / 2).toString(16).padStart(4, '0');
    rows.push(`${offset}  ${bytes.join(' ').padEnd(3 * HEX_ROW - 1)}  ${text.join('')}`);
  }
  return block(rows.join('\n'));
}

function headCard({ job, running }) {
  const back = el('a', { href: '#/' }, 'All jobs');
  const max = job.max_attempts === null ? 'no limit' : number(job.max_attempts);
  return el(
    'section',
    { className: 'card', 'aria-label': 'Job' },
    el('nav', { className: 'head' }, back),
    el('div', { className: 'head' }, el('h2', { className: 'title' }, line(job.job_type)), pill(job.status)),
    facts([
      ['Id', el('code', {}, job.id)],
      ['Queue', line(job.queue)],
      ['Attempts', `${number(job.attempts)} of ${max}`],
      ['Why it failed', job.reason],
      ['Last error', job.last_error && el('span', { className: 'error' }, lines(job.last_error))],
      ['Session', job.session && line(job.session)],
      ['Correlation id', job.correlation_id && line(job.correlation_id)],
      ['Key', job.key && line(job.key)],
      ['Priority', String(job.priority)],
      ['Created', time(job.created_at)],
      ['Due', time(job.scheduled_at)],
      ['First delivered', time(job.first_delivered_at)],
      ['Updated', time(job.updated_at)],
      ['Worked on by', running && line(running.consumer)],
      ['Since', time(job.processing_started_at)],
    ]),
  );
}

function snsCard({ sns }) {
  const attributes = sns.untrusted_attributes;
  return card(
    'SNS message',
    facts([
      ['Subject', sns.subject && el('b', {}, line(sns.subject))],
      ['Topic', el('code', {}, line(sns.topic_arn))],
      ['Message id', el('code', {}, line(sns.message_id))],
      ['Sent', sns.timestamp && line(sns.timestamp)],
    ]),
    el('h3', {}, 'Message'),
    textBlock(sns.message, sns.cut, isJson(sns.message, sns.cut)),
    ...(attributes.length
      ? [
          el('h3', {}, 'Attributes ', pill('untrusted')),
          quiet('SNS does not sign these: whoever reached this server may have written them.'),
          facts(attributes.map(({ name, type, value }) => [`${line(name)} (${line(type)})`, line(value)])),
        ]
      : []),
  );
}

function bodyCard({ job, body }) {
  const isText = body.text !== undefined;
  const shown = isText
    ? textBlock(body.text, body.cut, isJsonType(body.content_type))
    : hexBlock(body.hex);
  const how = isText ? 'its beginning' : 'its first bytes';
  const raw = el('a', { href: `jobs/${encodeURIComponent(job.id)}` }, 'the job as JSON');
  return card(
    body.sns ? 'Body as it is stored' : 'Body',
    quiet(`${line(body.content_type)}, ${size(body.bytes)}${body.cut ? `; this is ${how}` : ''}`),
    body.bytes ? shown : quiet('It is empty.'),
    el('p', { className: 'note' }, 'All of it is in ', raw, '.'),
  );
}

function attemptsCard({ job, running, first_attempt: first }) {
  const ended = job.history.map((attempt, i) =>
    attemptRow(
      first + i,
      attempt.started_at,
      duration(attempt.duration_ms),
      attempt.outcome,
      attempt.consumer,
      attempt.error,
    ),
  );
  if (running) {
    const since = job.processing_started_at;
    const took = duration(Math.max(0, Date.now() - Date.parse(since)));
    ended.push(attemptRow(first + ended.length, since, took, 'processing', running.consumer, null));
  }
  if (!ended.length) return card('Attempts', quiet('None yet.'));
  const heads = ['Attempt', 'Started', 'Took', 'Outcome', 'Consumer', 'Error'];
  return card(
    'Attempts',
    first > 1 ? quiet(`Of ${plural(first - 1, 'earlier attempt')} only the number is kept.`) : '',
    el(
      'table',
      { className: 'attempts', role: 'table' },
      el(
        'thead',
        { role: 'rowgroup' },
        el(
          'tr',
          { role: 'row' },
          ...heads.map((each) => el('th', { role: 'columnheader', scope: 'col' }, each)),
        ),
      ),
      el('tbody', { role: 'rowgroup' }, ...ended.reverse()),
    ),
  );
}

function attemptRow(place, started, took, outcome, consumer, error) {
  const cell = (label, ...children) => el('td', { role: 'cell', 'data-label': label }, ...children);
  return el(
    'tr',
    { role: 'row' },
    cell('Attempt', number(place)),
    cell('Started', time(started)),
    cell('Took', took),
    cell('Outcome', pill(outcome)),
    cell('Consumer', line(consumer)),
    cell('Error', error ? el('span', { className: 'error' }, lines(error)) : ''),
  );
}

function attributesCard({ job }) {
  const all = Object.entries(job.attributes);
  return all.length ? card('Attributes', facts(all.map(([name, value]) => [line(name), lines(value)]))) : '';
}

/** What attempts told. */
function notesCard({ notes }) {
  const parts = [...progressParts(notes), ...resultParts(notes), ...logParts(notes)];
  if (notes.checkpoint_base64 !== undefined) {
    parts.push(el('h3', {}, 'Checkpoint'), bytesBlock(notes.checkpoint_base64, ''));
  }
  return parts.length ? card('What attempts told', ...parts) : '';
}

function progressParts({ progress, progress_text: text }) {
  if (progress === undefined) return [];
  const bar = el('progress', { max: 1, value: progress, 'aria-label': 'Progress' });
  const percent = ` ${Math.round(100 * progress)} % ${line(text)}`;
  return [el('h3', {}, 'Progress'), el('p', { className: 'note' }, bar, percent)];
}

function resultParts(notes) {
  const type = notes.result_content_type;
  if (type === undefined) return [];
  const lost = notes.result_cut_bytes;
  return [
    el('h3', {}, 'Result'),
    quiet(line(type) + (lost ? `; ${size(lost)} at its end were not kept` : '')),
    bytesBlock(notes.result_base64, type, Boolean(lost)),
  ];
}

function logParts({ logs, logs_dropped: dropped }) {
  if (!logs) return [];
  const items = logs.map((each) =>
    el(
      'li',
      {},
      el('time', { dateTime: each.at, title: each.at }, each.at.slice(11, 23)),
      ` attempt ${each.attempt}: `,
      el('code', {}, lines(each.text)),
    ),
  );
  return [
    el('h3', {}, 'Log'),
    dropped ? quiet(`${plural(dropped, 'older line')} not kept.`) : '',
    el('ol', { className: 'logs', role: 'list', tabIndex: 0, 'aria-label': 'Log' }, ...items),
  ];
}

/** Bytes that came as base64, as text if they are. */
function bytesBlock(base64, type, isCut = false) {
  const bytes = Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return textBlock(text, isCut, isJsonType(type));
  } catch {
    const first = [...bytes.subarray(0, HEX_MAX)];
    const hex = first.map((byte) => byte.toString(16).padStart(2, '0')).join('');
    return el('div', {}, quiet(`Binary, ${size(bytes.length)}`), hexBlock(hex));
  }
}

/** The page of a job. Where nothing changed, what is selected or scrolled stays as it is. */
export function showJob(answer) {
  const { body, notes, job } = answer;
  if (!$('job-head')) $('job').replaceChildren(); // it was not known before
  slot('head', null, () => headCard(answer));
  slot('sns', [job.id, body], () => (body.sns ? snsCard(body) : ''));
  slot('attempts', null, () => attemptsCard(answer));
  slot('notes', [job.id, notes], () => notesCard(answer));
  slot('attributes', [job.id], () => attributesCard(answer));
  slot('body', [job.id, body], () => bodyCard(answer));
}

const shown = new WeakMap();

/**
 * @param what is shown; null: it changes with time
 */
function slot(name, what, make) {
  const id = `job-${name}`;
  const place = $(id) ?? $('job').appendChild(el('div', { id, className: 'slot' }));
  const now = JSON.stringify(what);
  if (what && shown.get(place) === now) return;
  shown.set(place, now);
  const card = make();
  fill(place, card ? [card] : []);
}

export function showNoJob(id, why) {
  $('job').replaceChildren(
    card(
      'No such job',
      el('p', { className: 'note' }, el('code', {}, line(id))),
      quiet(line(why)),
      quiet('A message is forgotten when it is done, and a job some time after its end.'),
      el('p', { className: 'note' }, el('a', { href: '#/' }, 'All jobs')),
    ),
  );
}
