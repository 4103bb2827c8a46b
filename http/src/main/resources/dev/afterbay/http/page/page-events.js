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

/**
 * Watches what happens.
 *
 * @param tell takes {live, stale, events, jobs}: whether the server is connected, whether something
 *   may have changed, the latest events with the newest first, and the ids of all jobs that changed
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
    tell({ live, stale, events, jobs: [...jobs] });
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
        if (data.id && jobs.size < 1_000) jobs.add(data.id);
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

/** As {@link watch}, with all tabs of this browser together. */
export function watchTogether(tell) {
  let end = () => {};
  const alone = () => {
    end = watch(tell);
  };
  const begin = () => {
    if (!('SharedWorker' in window)) {
      alone();
      return;
    }
    try {
      const worker = new SharedWorker('page-events.js', { type: 'module', name: 'afterbay-events' });
      worker.onerror = alone;
      worker.port.onmessage = ({ data }) => tell(data);
      end = () => worker.port.postMessage('leave');
    } catch {
      alone();
    }
  };
  begin();
  addEventListener('pagehide', () => end());
  addEventListener('pageshow', (event) => event.persisted && begin());
}

/** Serves the tabs, from the first that comes to the last that leaves. */
function serveTabs() {
  const tabs = new Set();
  let end = null;
  let live = false;
  let latest = [];
  const tellAll = (told) => {
    live = told.live;
    latest = [...told.events, ...latest].slice(0, KEPT);
    tabs.forEach((tab) => tab.postMessage(told));
  };
  self.onconnect = ({ ports: [tab] }) => {
    tabs.add(tab);
    tab.onmessage = () => {
      tabs.delete(tab);
      if (tabs.size === 0 && end) {
        end();
        end = null;
        live = false;
        latest = [];
      }
    };
    end ??= watch(tellAll);
    tab.postMessage({ live, stale: false, events: latest, jobs: [] });
  };
}

if ('onconnect' in self) serveTabs();
