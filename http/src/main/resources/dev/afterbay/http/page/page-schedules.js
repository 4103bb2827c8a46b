import { $, ago, cell, cut, el, fill, jobLink, line, nothing, pill, row } from './page-text.js';

/** Shows what sends jobs by itself; where nothing does, there is no such card. */
export function showSchedules({ schedules, next_schedules: next }, after) {
  $('schedules').hidden = !schedules.length && !after;
  $('schedules-first').hidden = !after;
  $('schedules-more').hidden = !next;
  const rows = schedules.map(scheduleRow);
  fill($('schedules-rows'), rows.length ? rows : [nothing(7, 'No more schedules.')]);
}

function scheduleRow(schedule) {
  const { cron, every, last_job: last, last_error: error, next } = schedule;
  const when = cron
    ? [el('code', {}, line(cron)), ' ', el('span', { className: 'quiet' }, line(schedule.zone))]
    : [`every ${line(every)}`];
  return row(
    cell('Schedule', { className: 'name' }, el('b', {}, line(schedule.name))),
    cell('State', { className: 'state' }, pill(schedule.state)),
    cell('When', { className: 'when' }, ...when),
    cell('Job', {}, line(schedule.job_type)),
    cell('Queue', {}, line(schedule.queue)),
    cell('Next', { className: 'next' }, next ? ago(next) : ''),
    cell(
      'Last',
      { className: 'last' },
      last ? jobLink(last, ago(schedule.last_at)) : '',
      error ? el('span', { className: 'error' }, cut(error, 200)) : '',
    ),
  );
}
