import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Certificate {
  readonly cert: string;
  readonly key: string;
  /** For `NODE_EXTRA_CA_CERTS`: a client that trusts it trusts the server. */
  readonly certPath: string;
}

/** A certificate that signs itself, made by openssl in `folder`. */
export function makeCertificate(folder: string, subjectAltName: string): Certificate {
  const certPath = join(folder, `${subjectAltName.replaceAll(/\W/g, '-')}.pem`);
  const keyPath = `${certPath}.key`;
  execFileSync(
    'openssl',
    [
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:prime256v1',
      '-nodes',
      '-keyout',
      keyPath,
      '-out',
      certPath,
      '-subj',
      '/CN=images-purge test',
      '-addext',
      `subjectAltName=${subjectAltName}`,
    ],
    { stdio: 'pipe' },
  );
  return { cert: readFileSync(certPath, 'utf8'), key: readFileSync(keyPath, 'utf8'), certPath };
}
