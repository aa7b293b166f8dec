// imcsim compile and execute: program files, their execution, and invalid requests.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { run as imcsim, scratch, shell } from './support.mjs';

const compiled = (t, ...more) => {
  const program = join(scratch(t), 'program.json');
  const run = imcsim(['compile', 'resnet-20', '-o', program, '--json', ...more]);
  assert.equal(run.status, 0, run.stderr);
  return { program, result: JSON.parse(run.stdout).result };
};

test('a program is a JSON file, and runs with the planned timing', (t) => {
  const { program, result } = compiled(t);
  assert.equal(result.first_image_ticks, 1371);
  assert.equal(result.tiles, 36);
  const file = JSON.parse(readFileSync(program, 'utf8'));
  assert.equal(file.imcsim_program, 1);
  assert.equal(file.stages.length, 20);
  const trace = join(scratch(t), 'trace.json');
  const run = imcsim(['execute', program, '--values', 'off', '--json', '--trace', trace]);
  assert.equal(run.status, 0, run.stderr);
  const executed = JSON.parse(run.stdout).result;
  assert.equal(executed.latency_ticks, 1371);
  assert.equal(executed.period_ticks, 1024);
  const events = JSON.parse(readFileSync(trace, 'utf8')).traceEvents;
  assert.equal(events.filter((event) => event.ph === 'M').length, 20);
  assert.ok(events.some((event) => event.ph === 'X' && event.dur > 0));
});

test('execute reads a program from a pipe', () => {
  const run = shell('"$TOOL" compile resnet-32 -o - | "$TOOL" execute - --values off --json');
  assert.equal(run.status, 0, run.stderr);
  assert.equal(JSON.parse(run.stdout).result.latency_ticks, 1619);
});

test('execute refuses inconsistent programs with the reason', (t) => {
  const { program } = compiled(t);
  const change = (edit) => {
    const file = JSON.parse(readFileSync(program, 'utf8'));
    edit(file);
    const path = join(scratch(t), 'changed.json');
    writeFileSync(path, JSON.stringify(file));
    return imcsim(['execute', path, '--values', 'off']);
  };
  const early = change((file) => {
    file.stages[1].objects[0].allowed = [[0, 1023, 1, 0]];
  });
  assert.equal(early.status, 1);
  assert.match(early.stderr, /before it is written/);
  const tight = change((file) => {
    file.stages[2].objects[1].buffer_pixels = 10;
  });
  assert.equal(tight.status, 1);
  assert.match(tight.stderr, /deadlock at tick/);
  const other = change((file) => {
    file.imcsim_program = 99;
  });
  assert.equal(other.status, 2);
  assert.match(other.stderr, /version 99/);
});

test('requests that cannot be compiled give one line and exit code 2', (t) => {
  const broken = join(scratch(t), 'broken.onnx');
  writeFileSync(broken, Buffer.from([8, 7, 0x3a, 0xff]));
  const requests = [
    [['compile', 'resnet-32', '--fabric', 'mesh:16'], /needs 60 cores; mesh has 16/],
    [['compile', 'resnet-33'], /resnet-33/],
    [['compile', broken], /broken\.onnx/],
    [['compile'], /MODEL: is missing/],
    [['compile', 'resnet-32', '--fabric', 'mess:64'], /mesh/],
    [['compile', 'resnet-32', '--core', 'hermes'], /hermes-1phase/],
    [['execute', broken, '--values', 'off'], /is not JSON/],
  ];
  for (const [request, line] of requests) {
    const run = imcsim(request);
    assert.equal(run.status, 2, request.join(' '));
    assert.match(run.stderr, line);
    assert.equal(run.stderr.trim().split('\n').length, 1);
  }
});
