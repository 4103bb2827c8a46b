// What somebody writes against a client that was generated from openapi.json. GeneratedClientTest
// checks its types and runs it; the argument is the address of a server.
import * as api from './client';
import { client } from './client/client.gen';

declare const process: { argv: string[]; exitCode: number };

const q = 'orders';

function must(holds: boolean, what: string, seen: unknown): void {
  if (!holds) {
    throw new Error(what + ': ' + JSON.stringify(seen));
  }
}

async function main(): Promise<void> {
  client.setConfig({ baseUrl: process.argv[2], throwOnError: true });
  const made = await api.configureQueue<true>({ path: { q }, body: { max_attempts: 'unlimited' } });
  must(made.response.status === 201, 'the queue is made', made.data);

  const sent = await api.sendMessage<true>({
    path: { q },
    body: { amount: 3 },
    headers: { 'Afterbay-Type': 'order', 'Afterbay-Priority': 9 },
  });
  const lines: Array<api.NewMessage> = [{ body: 'two', session: 's' }, { body: 'three', key: 'k' }];
  const batch = await api.sendMessages<true>({
    path: { q },
    body: lines.map((line) => JSON.stringify(line)).join('\n'),
    bodySerializer: null, // It is lines already; this generator would make JSON of it.
  });
  must(batch.data.ids.length === 2, 'a batch is stored', batch.data);

  const peeked = await api.peekMessages<true>({ path: { q }, query: { limit: 1 } });
  must(peeked.data.deliveries[0].id === sent.data.id, 'the first is seen', peeked.data);
  const received = await api.receiveMessages<true>({ path: { q }, body: { max: 10, wait: '1s' } });
  const deliveries = received.data.deliveries;
  must(deliveries.length === 3, 'all are received', received.data);
  const first = deliveries[0];
  must(first.id === sent.data.id && first.type === 'order', 'the type is kept', first);
  must(first.body === '{"amount":3}' && first.attempt === 1, 'the body is kept', first);

  const settled = await api.settleMessages<true>({
    path: { q },
    body: { settlements: deliveries.map(({ receipt }) => ({ receipt, outcome: 'done' })) },
  });
  must(settled.data.results.every((result) => result.ok), 'all are settled', settled.data);
  const queue = await api.getQueue<true>({ path: { q } });
  must(queue.data.pending === 0 && queue.data.processing === 0, 'none is left', queue.data);

  const job = await api.submitJob<true>({ body: { job_type: 'email', payload: { to: 'a' } } });
  const found = await api.getJob<true>({ path: { id: job.data.id } });
  must(found.data.status === 'pending', 'a job is found', found.data);

  const id = '00000000-0000-7000-8000-000000000000';
  const { error } = await api.getJob({ path: { id }, throwOnError: false });
  must(error?.type === '/problems/not-found' && error.status === 404, 'a problem is told', error);
  console.log('sent, received and settled');
}

main().catch((fault: unknown) => {
  console.error(fault);
  process.exitCode = 1;
});
