export interface ReportRequest {
  readonly checkpointPaths: readonly string[];
  readonly format: 'ndjson' | 'csv';
  /** `undefined`: every outcome. */
  readonly outcomes: readonly ('deleted' | 'absent' | 'failed' | 'protected' | 'rejected' | 'planned')[] | undefined;
  /** `undefined`: stdout. A file appears only when it is complete. */
  readonly outPath: string | undefined;
}
