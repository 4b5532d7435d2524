import type { World } from './world.ts';

/** Whether someone would see a question (stderr is a terminal) and could answer it (the controlling terminal opens). */
export function canAskPerson(world: Pick<World, 'isStderrTerminal' | 'openTerminal'>): boolean {
  if (!world.isStderrTerminal) return false;
  const terminal = world.openTerminal();
  terminal?.close();
  return terminal !== undefined;
}
