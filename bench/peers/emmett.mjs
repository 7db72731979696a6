// Emmett's PostgreSQL event store as its documentation shows it, with a pool as large as there are callers.
// Reads lines "callers seconds" and answers each with a line of JSON; see bench/worker.py.
import { createInterface } from 'node:readline';
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { STREAM_DOES_NOT_EXIST } from '@event-driven-io/emmett';
import { getPostgreSQLEventStore } from '@event-driven-io/emmett-postgresql';

const { address, bytes, most } = JSON.parse(process.argv[2]);
const pool = new pg.Pool({ connectionString: address, max: most });
const migrate = { autoMigration: 'None' };
const store = getPostgreSQLEventStore(address, { connectionOptions: { pooled: true, pool }, schema: migrate });
if (process.argv[3] === 'prepare') {
  await store.schema.migrate();
  await pool.end();
  process.exit(0);
}
const data = { text: 'x'.repeat(bytes - '{"text":""}'.length) };

async function caller(until, took) {
  while (performance.now() < until) {
    const began = performance.now();
    await store.appendToStream(`noted-${randomUUID()}`, [{ type: 'Noted', data }], {
      expectedStreamVersion: STREAM_DOES_NOT_EXIST,
    });
    took.push(Math.round((performance.now() - began) * 1000));
  }
}

console.log('ready');
for await (const line of createInterface({ input: process.stdin })) {
  const [callers, seconds] = line.split(' ').map(Number);
  const took = [];
  const began = performance.now();
  await Promise.all(Array.from({ length: callers }, () => caller(began + seconds * 1000, took)));
  console.log(JSON.stringify({ seconds: (performance.now() - began) / 1000, took }));
}
process.exit(0);
