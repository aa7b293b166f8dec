// Results on training.
import { curves, type Claim } from './claim';

export const learning: Claim = {
  name: 'mixed-precision',
  title: 'Mixed-precision training on noisy devices',
  text:
    'One pulse changes a weight by {granularity} on average, with random variation. The update of one training ' +
    'step is much smaller. Updates are accumulated in χ, a digital memory next to the array, until they amount ' +
    'to a complete pulse, which is applied without verification (devices per polarity: {devices}). The figure ' +
    'compares the accuracy with floating-point training after {epochs} epochs of 3,000 images. The published ' +
    'network, trained on the complete data set for more epochs, reached 97.73 % with devices and 98.30 % in ' +
    'floating point.',
  figureLabel: 'Test accuracy after each epoch, on devices and in floating point',
  sliders: [
    { key: 'granularity', name: 'Granularity', values: ['0.024', '0.048', '0.096', '0.19', '0.38'] },
    { key: 'devices', name: 'Devices per polarity', values: ['1', '2', '4'] },
    { key: 'epochs', name: 'Number of epochs', values: ['1', '2', '3', '4', '6'] },
  ],
  initial: { granularity: '0.096', devices: '1', epochs: '3' },
  links: (v) => [[`#granularity=${v['granularity']}&devices-per-weight=${v['devices']}`, 'Train on the complete data set']],
  async compute(v, runs) {
    const shared = { epochs: v['epochs']! };
    const own = await runs.train({ ...shared, granularity: v['granularity']!, 'devices-per-weight': v['devices']! });
    const float = await runs.train({ ...shared, method: 'float' });
    return curves(
      { x: 'Epochs of 3,000 images', y: 'Test accuracy (%)' },
      [
        { name: 'Devices', color: 'device', points: own, dots: true },
        { name: 'Floating point', color: 'reference', points: float, dots: true, dash: true },
      ],
      `${own.at(-1)?.[1].toFixed(1)} % on devices, ${float.at(-1)?.[1].toFixed(1)} % in floating point`,
    );
  },
};

export const without: Claim = {
  name: 'without-accumulation',
  title: 'Training without accumulation',
  text:
    'Without χ, each update is converted to pulses at once. Most updates are smaller than one pulse, and the ' +
    'rounded-off part is lost. With the same devices, a learning rate of {rate} and seed {seed}, the network ' +
    'reaches a lower accuracy, because training depends on the sum of many small updates.',
  figureLabel: 'Test accuracy after each epoch, with and without accumulation',
  sliders: [
    { key: 'rate', name: 'Learning rate', values: ['0.1', '0.2', '0.4', '0.8'] },
    { key: 'seed', name: 'Seed', values: ['1', '2', '3', '4', '5'] },
  ],
  initial: { rate: '0.4', seed: '1' },
  links: (v) => [[`#method=in-situ&learning-rate=${v['rate']}&seed=${v['seed']}`, 'Train without accumulation']],
  async compute(v, runs) {
    const shared = { epochs: 3, 'learning-rate': v['rate']!, seed: v['seed']! };
    const own = await runs.train(shared);
    const direct = await runs.train({ ...shared, method: 'in-situ' });
    return curves(
      { x: 'Epochs of 3,000 images', y: 'Test accuracy (%)' },
      [
        { name: 'With accumulation', color: 'device', points: own, dots: true },
        { name: 'Without accumulation', color: 'bad', points: direct, dots: true, dash: true },
      ],
      `${own.at(-1)?.[1].toFixed(1)} % with accumulation, ${direct.at(-1)?.[1].toFixed(1)} % without accumulation`,
    );
  },
};
