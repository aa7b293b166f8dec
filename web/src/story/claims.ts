// The results that the scene shows, in order.
import type { Claim } from './claim';
import { correlation, logic, pipeline } from './computing';
import { drift, projected, several } from './devices';
import { learning, without } from './learning';

export const claims: readonly Claim[] = [
  learning,
  without,
  several,
  projected,
  drift,
  logic,
  correlation,
  pipeline,
];
