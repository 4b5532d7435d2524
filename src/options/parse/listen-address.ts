import { usageError } from '../../domain/errors.ts';

/** Where a server is to listen. */
export interface ListenAddress {
  readonly host: string;
  /** 0: any that is free. */
  readonly port: number;
}

const LOOPBACK = '127.0.0.1';
const PORT_MAX = 65_535;

/** `9464`, `:9464`, `0.0.0.0:9464`, `[::1]:9464`. Who names no host is reached by this machine alone. */
export function parseListenAddress(text: string, label: string): ListenAddress {
  const found = /^(?:(?:\[([\da-fA-F:.]+)\]|([^\s:[\]/@]*)):)?(\d{1,5})$/.exec(text.trim());
  const port = Number(found?.[3]);
  if (found === null || port > PORT_MAX) {
    throw usageError(
      'OPTION_VALUE',
      `${label} must be HOST:PORT or a port, got ${JSON.stringify(text)}`,
      'Example: 127.0.0.1:9464, or [::1]:9464',
    );
  }
  const host = found[1] ?? found[2] ?? '';
  return { host: host === '' ? LOOPBACK : host, port };
}
