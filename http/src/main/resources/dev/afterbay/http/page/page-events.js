// One event stream of the server for all tabs of a browser: as the script of a shared worker it
// holds the stream and passes its events on; where there is none, a page has a stream of its own.

const KEPT = 30; // events that a page shows, and so all that is passed on of many
const TELL_MS = 250; // events are passed on together, as there may be thousands a second
const AGAIN_MS = 5_000;
const WORDS = [
  'enqueued', 'scheduled', 'leased', 'renewed', 'progress', 'logged', 'checkpoint', 'result',
  'lapsed', 'released', 'retried', 'done', 'failed', 'expired', 'cancelled', 'redriven', 'deleted',
  'session-held', 'session-freed', 'queue-paused', 'queue-resumed', 'breaker-opened',
  'breaker-half-open', 'breaker-closed', 'subscription-confirmed', 'subscription-ended',
];

/** Of so many jobs that changed between two calls some are perhaps not told. */
export const JOBS_TOLD_MAX = 1_000;

/**
 * Watches what happens.
 *
 * @param tell takes {live, stale, all, events, jobs}: whether the server is connected (null: not
 *   known yet), whether something may have changed, whether events are the latest of all or those
 *   since the last call, the newest first, and the ids of the jobs that changed
 * @return ends it
 */
export function watch(tell) {
  let source = null;
  let live = false;
  let again = 0;
  let telling = 0;
  let stale = false;
  let events = [];
  let jobs = new Set();

  const flush = () => {
    telling = 0;
    tell({ live, stale, all: false, events, jobs: [...jobs] });
    stale = false;
    events = [];
    jobs = new Set();
  };
  const changed = () => {
    stale = true;
    telling ||= setTimeout(flush, TELL_MS);
  };
  const connect = () => {
    source = new EventSource('events');
    source.onopen = () => {
      live = true;
      changed();
    };
    source.onerror = () => {
      live = false;
      changed();
      if (source.readyState === EventSource.CLOSED) again = setTimeout(connect, AGAIN_MS);
    };
    source.addEventListener('reset', changed);
    for (const word of WORDS) {
      source.addEventListener(word, (event) => {
        const data = JSON.parse(event.data);
        events.unshift({ word, data });
        events.length = Math.min(events.length, KEPT);
        if (data.id && jobs.size < JOBS_TOLD_MAX) jobs.add(data.id);
        changed();
      });
    }
  };

  connect();
  return () => {
    source.close();
    clearTimeout(again);
    clearTimeout(telling);
  };
}

/**
 * As {@link watch}, with all tabs of this browser together. A tab that is looked at again is told
 * the latest events of all, as all: true says.
 */
export function watchTogether(tell) {
  let say = () => {};
  const alone = () => {
    const end = watch(tell);
    say = (word) => word === 'leave' && end();
  };
  const begin = () => {
    try {
      const worker = new SharedWorker('page-events.js', { type: 'module', name: 'afterbay-events' });
      worker.onerror = alone;
      worker.port.onmessage = ({ data }) => tell(data);
      say = (word) => worker.port.postMessage(word);
      if (document.hidden) say('rest');
    } catch {
      alone(); // there are none in this browser
    }
  };
  begin();
  document.addEventListener('visibilitychange', () => say(document.hidden ? 'rest' : 'look'));
  addEventListener('pagehide', () => say('leave'));
  addEventListener('pageshow', (event) => event.persisted && begin());
}

/** Serves the tabs, from the first that comes to the last that leaves. */
function serveTabs() {
  const tabs = new Map(); // and whether each is looked at: what one is told that sleeps piles up
  let end = null;
  let live = null;
  let latest = [];
  const tellAll = (told) => {
    live = told.live;
    latest = [...told.events, ...latest].slice(0, KEPT);
    tabs.forEach((isLooked, tab) => isLooked && tab.postMessage(told));
  };
  const begin = (tab) => {
    tabs.set(tab, true);
    end ??= watch(tellAll);
    tab.postMessage({ live, stale: true, all: true, events: latest, jobs: [] });
  };
  const leave = (tab) => {
    tabs.delete(tab);
    if (tabs.size > 0) return;
    end?.();
    end = null;
    live = null;
    latest = [];
  };
  self.onconnect = ({ ports: [tab] }) => {
    tab.onmessage = ({ data: word }) => {
      if (word === 'leave') leave(tab);
      if (word === 'rest' && tabs.has(tab)) tabs.set(tab, false); // one that leaves is hidden next
      if (word === 'look') begin(tab);
    };
    begin(tab);
  };
}

if ('onconnect' in self) serveTabs();
