// A published result: a text with adjustable values, and the runs that reproduce the result.
import { runCommand, type Options } from '../commands/client';
import type { Answer, NamedFiles } from '../commands/protocol';
import type { Rows } from '../scene/export';
import type { Paint, Theme } from '../scene/picture';
import { drawChart } from '../tasks/charts';
import { listAt } from '../tasks/task';
import type { SliderSpec } from './slider';

export type Values = Readonly<Record<string, string>>;
export type Points = readonly (readonly [number, number])[];

export interface Drawing {
  paint: Paint;
  summary: string;
  rows: Rows;
}

export interface Claim {
  name: string;
  title: string;
  /** Plain text; `{key}` stands for the slider of that key. */
  text: string;
  /** Content of the figure. */
  figureLabel: string;
  sliders: readonly SliderSpec[];
  initial: Values;
  links: (values: Values) => readonly (readonly [string, string])[];
  compute: (values: Values, runs: Runs) => Promise<Drawing>;
}

/** The runs of one figure with their results. */
export class Runs {
  readonly all: { command: string; options: Options; answer: Record<string, unknown> }[] = [];

  async run(command: string, options: Options, files: NamedFiles = {}): Promise<Answer> {
    const answer = await runCommand(command, options, files);
    this.all.push({ command, options, answer: answer.result });
    return answer;
  }

  /** Test accuracy in percent after each epoch of 3,000 images. */
  async train(own: Options): Promise<Points> {
    const options = { 'train-limit': 3000, 'test-limit': 1000, ...own };
    const answer = await (await window.imcsim).run('train', options);
    this.all.push({ command: 'train', options, answer });
    return listAt(answer, 'result', 'epochs').map((e, i) => [i + 1, 100 * e['test_accuracy']!]);
  }
}

export interface Curve {
  name: string;
  color: 'device' | 'reference' | 'bad';
  points: Points;
  dots?: boolean;
  dash?: boolean;
}

/** Curves over a common axis. `axes`: title of each axis and lower end of the y axis. */
export function curves(axes: { x: string; y: string; from?: number }, lines: readonly Curve[], words: string): Drawing {
  return {
    paint: (surface, theme: Theme) =>
      drawChart(surface, theme, { x: 0, y: 0, w: surface.width, h: surface.height }, {
        title: axes.y,
        xLabel: axes.x,
        ...(axes.from === undefined ? {} : { from: axes.from }),
        lines: lines.map((line) => ({ ...line, color: theme[line.color] })),
      }),
    summary: words,
    rows: [['line', axes.x, axes.y], ...lines.flatMap(({ name, points }) => points.map(([x, y]) => [name, x, y]))],
  };
}
