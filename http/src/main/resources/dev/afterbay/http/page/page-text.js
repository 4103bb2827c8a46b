// What this page shows was written by strangers: it is only ever set as text, and what in a text
// could mislead who reads it is shown as a mark.

const MISLEADING =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;
const TOKEN = /"[^"\\]*(?:\\[^][^"\\]*)*"?|[{[]\s*[}\]]|[{}[\],:]|[^\s"{}[\],:]+/g;
const INDENTED_MAX = 16; // levels; what is deeper stands no further to the right
const ANSWER_MS_MAX = 120_000; // as long as the server gives itself
const whole = new Intl.NumberFormat();

export const $ = (id) => document.getElementById(id);

/** A text of several lines as it can be shown. */
export function lines(text) {
  return text.replace(/\r\n?/g, '\n').replace(MISLEADING, '\ufffd');
}

/** A text as it can be shown in a line. */
export const line = (text) => lines(text).replace(/[\n\t]/g, ' ');

export function cut(text, max) {
  return line(text.length <= max ? text : `${text.slice(0, max)}…`);
}

/** An element; children are elements or text. */
export function el(tag, properties, ...children) {
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

export const number = (count) => whole.format(count);

export const plural = (count, thing) => `${number(count)} ${thing}${count === 1 ? '' : 's'}`;

export function size(bytes) {
  if (bytes < 1_024) return plural(bytes, 'byte');
  const [unit, by] = bytes < 1_048_576 ? ['KiB', 1_024] : ['MiB', 1_048_576];
  return `${(bytes / by).toFixed(1)} ${unit}`;
}

export function duration(millis) {
  const seconds = millis / 1_000;
  if (seconds < 1) return `${Math.round(millis)} ms`;
  if (seconds < 100) return `${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)} s`;
  if (seconds < 6_000) return `${Math.round(seconds / 60)} min`;
  if (seconds < 172_800) return `${Math.round(seconds / 3_600)} h`;
  return `${Math.round(seconds / 86_400)} d`;
}

/** How long ago, or how long until then. */
export function ago(time) {
  const millis = Date.now() - Date.parse(time);
  const text =
    Math.abs(millis) < 1_000 ? 'now'
    : millis < 0 ? `in ${duration(-millis)}`
    : `${duration(millis)} ago`;
  return el('time', { dateTime: time, title: time }, text);
}

export const pill = (word) => el('span', { className: `pill ${word}` }, word);

export const jobLink = (id, ...children) =>
  el('a', { href: `#/jobs/${encodeURIComponent(id)}` }, ...children);

export const row = (...cells) => el('tr', { role: 'row' }, ...cells);

export const cell = (label, properties, ...children) =>
  el('td', { role: 'cell', 'data-label': label, ...properties }, ...children);

export const nothing = (columns, text) =>
  row(el('td', { role: 'cell', colSpan: columns, className: 'nothing' }, text));

/** Replaces what an element has without taking the keyboard's place away. */
export function fill(element, children) {
  const key = element.contains(document.activeElement) ? keyOf(document.activeElement) : null;
  const scroll = element.scrollTop;
  element.replaceChildren(...children);
  element.scrollTop = scroll;
  if (key) {
    [...element.querySelectorAll('a, button')].find((each) => keyOf(each) === key)?.focus();
  }
}

const keyOf = (element) => element.dataset.key ?? element.getAttribute('href');

/** What the server says to a question; a failure has its words. */
export async function get(path) {
  const response = await fetch(path, {
    headers: { Accept: 'application/json' },
    signal: AbortSignal.timeout(ANSWER_MS_MAX),
  });
  const body = await response.json();
  if (!response.ok) {
    const error = new Error(body.detail ?? `the server said ${response.status}`);
    error.status = response.status;
    throw error;
  }
  return body;
}

/**
 * JSON with a line for each member and each token as it was; also of one that was cut off. To parse
 * it would change what it says: large numbers, and members that are there twice.
 */
export function pretty(json) {
  const parts = [];
  let depth = 0;
  const breakLine = () => parts.push('\n', '  '.repeat(Math.min(depth, INDENTED_MAX)));
  for (const [token] of json.matchAll(TOKEN)) {
    if (token === '{' || token === '[') {
      depth++;
      parts.push(token);
      breakLine();
    } else if (token === '}' || token === ']') {
      depth = Math.max(0, depth - 1);
      breakLine();
      parts.push(token);
    } else if (token === ',') {
      parts.push(token);
      breakLine();
    } else {
      parts.push(token === ':' ? ': ' : /^[{[]/.test(token) ? token.replace(/\s/g, '') : token);
    }
  }
  return parts.join('');
}

/** Whether a text is JSON with members, as far as it is there. */
export function isJson(text, isCut) {
  if (!/^\s*[{[]/.test(text)) return false;
  if (isCut) return true;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
