import type { Invocation } from '../invocation.ts';
export async function simulateCommand(_invocation: Invocation): Promise<number> {
  await Promise.resolve();
  return 0;
}
