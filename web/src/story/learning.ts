// Claims about how a network learns in the memory.
import { curves, type Claim } from './claim';

export const learning: Claim = {
  name: 'mixed-precision',
  title: 'Mixed precision learns on noisy devices',
  text:
    'A pulse moves a weight by about {granularity}, and never by quite the same. Updates of a training ' +
    'step are far smaller. Gathered in χ, a digital memory beside the array, they wait until a whole pulse ' +
    'is due; then {devices} device a polarity takes it, unverified. After {epochs} walks through 3,000 digits ' +
    'the figure shows how near that comes to float. With all digits and more walks, the published network ' +
    'reached 97.73 % against 98.30 %.',
  figure: 'Digits read correctly after each walk, on devices and in float',
  numbers: [
    { key: 'granularity', name: 'Granularity of a pulse', values: ['0.024', '0.048', '0.096', '0.19', '0.38'] },
    { key: 'devices', name: 'Devices for each polarity', values: ['1', '2', '4'] },
    { key: 'epochs', name: 'Walks through the data', values: ['1', '2', '3', '4', '6'] },
  ],
  initial: { granularity: '0.096', devices: '1', epochs: '3' },
  links: (v) => [[`#granularity=${v['granularity']}&devices-per-weight=${v['devices']}`, 'Watch it learn all digits']],
  async compute(v, runs) {
    const shared = { epochs: v['epochs']! };
    const own = await runs.train({ ...shared, granularity: v['granularity']!, 'devices-per-weight': v['devices']! });
    const float = await runs.train({ ...shared, method: 'float' });
    return curves(
      { x: 'walks through 3,000 digits', y: 'Digits read correctly, %' },
      [
        { name: 'on devices', colour: 'device', points: own, dots: true },
        { name: 'in float', colour: 'reference', points: float, dots: true, dash: true },
      ],
      `${own.at(-1)?.[1].toFixed(1)} % on devices, ${float.at(-1)?.[1].toFixed(1)} % in float.`,
    );
  },
};

export const without: Claim = {
  name: 'without-accumulation',
  title: 'Without accumulation it does not',
  text:
    'Take χ away, and each update becomes pulses at once: most are too small for one, and what is rounded ' +
    'off is lost. The same devices, the same learning rate of {rate}, seed {seed}: the network stops far ' +
    'below. The sums of small steps were what it learned from.',
  figure: 'Digits read correctly after each walk, with χ and without',
  numbers: [
    { key: 'rate', name: 'Learning rate', values: ['0.1', '0.2', '0.4', '0.8'] },
    { key: 'seed', name: 'Seed', values: ['1', '2', '3', '4', '5'] },
  ],
  initial: { rate: '0.4', seed: '1' },
  links: (v) => [[`#method=in-situ&learning-rate=${v['rate']}&seed=${v['seed']}`, 'Watch it fail']],
  async compute(v, runs) {
    const shared = { epochs: 3, 'learning-rate': v['rate']!, seed: v['seed']! };
    const own = await runs.train(shared);
    const direct = await runs.train({ ...shared, method: 'in-situ' });
    return curves(
      { x: 'walks through 3,000 digits', y: 'Digits read correctly, %' },
      [
        { name: 'with χ', colour: 'device', points: own, dots: true },
        { name: 'pulses at once', colour: 'bad', points: direct, dots: true, dash: true },
      ],
      `${own.at(-1)?.[1].toFixed(1)} % with accumulation, ${direct.at(-1)?.[1].toFixed(1)} % without.`,
    );
  },
};
