import { AGE_MS_MAX } from '../parse/duration.ts';

/** What a purge keeps on disk. */
export const FILE_OPTIONS = {
  checkpoint: {
    name: 'checkpoint',
    argument: 'FILE',
    value: { type: 'file' },
    help: 'where the purge is kept, so that it can go on',
    defaultText: '<first source>.checkpoint; for stdin images-purge.checkpoint',
    inLibrary: true,
  },
  /** Default: beside the checkpoint. */
  report: {
    name: 'report',
    argument: 'FILE',
    value: { type: 'text' },
    help: 'NDJSON report, one line for each ID; - for stdout',
    defaultText: '<checkpoint>.report.ndjson',
    inLibrary: true,
  },
  /** Finished or superseded checkpoints that are kept; 30 without it. */
  keep: {
    name: 'keep',
    argument: 'N',
    value: { type: 'integer', min: 0, max: 100_000 },
    help: 'finished or superseded checkpoints kept, each with its report',
    default: '30',
    inLibrary: true,
  },
  dropGuards: {
    name: 'drop-guards',
    value: { type: 'flag' },
    help: 'go on, or begin again, with less protection or fewer guards than the purge found at --checkpoint has',
    inLibrary: true,
  },
  /** An unfinished purge of another list is set aside. */
  supersede: {
    name: 'supersede',
    value: { type: 'flag' },
    help: 'set an unfinished purge of another list aside and begin this one',
    inLibrary: true,
  },
  /** `7d`: an unfinished purge last worked on longer ago is refused. */
  maxAge: {
    name: 'max-age',
    argument: 'DURATION',
    value: { type: 'duration', maxMs: AGE_MS_MAX as number },
    help: 'refuse a plan or unfinished purge last worked on longer ago',
    default: '7d',
    inLibrary: true,
  },
  allowNetworkCheckpoint: {
    name: 'allow-network-checkpoint',
    value: { type: 'flag' },
    help: 'the checkpoint may lie on NFS or SMB, where a power loss can damage it',
    inLibrary: true,
  },
} as const;
