import type { SimulatorOptions } from '../../../src/simulator/simulator-options.ts';
import { type Simulator, startSimulator } from '../../../src/simulator/simulator.ts';
import { TEST_ACCOUNT, TEST_TOKEN } from '../cli/cli.ts';

/** Runs `work` against a simulated API of its own, for the account and token that the tests' commands use. */
export async function withSimulator<T>(options: Partial<SimulatorOptions>, work: (simulator: Simulator) => Promise<T>): Promise<T> {
  const simulator = await startSimulator({ accountId: TEST_ACCOUNT, apiToken: TEST_TOKEN, ...options });
  try {
    return await work(simulator);
  } finally {
    await simulator.close();
  }
}
