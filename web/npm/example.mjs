// Error of a 256 x 256 product on phase-change memory for several ADC resolutions, then an XOR of two
// 4-bit operands. Run with `node example.mjs`.
import { load } from 'imcsim';

const imcsim = await load();
console.log(`imcsim ${imcsim.version}\n`);
console.log('ADC bits   RMS error   effective bits');
for (const bits of [4, 6, 8, 10]) {
  const { result } = imcsim.run('mvm', {
    rows: 256,
    cols: 256,
    samples: 20,
    device: 'pcm-inference',
    'adc-bits': bits,
  });
  const error = `${(100 * result.relative_rms_error).toFixed(2)} %`;
  const effective = result.effective_bits.toFixed(2);
  console.log(`${String(bits).padStart(8)}   ${error.padStart(9)}   ${effective.padStart(14)}`);
}

const { digest } = imcsim.run('logic xor a b', {}, {
  a: Uint8Array.of(0b1100),
  b: Uint8Array.of(0b1010),
});
console.log(`\n1100 xor 1010 = ${imcsim.arrays.output.values[0].toString(2)} in the memory`);
console.log(`digest ${digest}`);
