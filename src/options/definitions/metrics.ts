/** What machines are told of a run while it works, and of how it ended. */
export const METRICS_OPTIONS = {
  metricsFile: {
    name: 'metrics-file',
    argument: 'FILE',
    value: { type: 'file' },
    help: "write Prometheus metrics there each 10 s and at the end; a .prom file for node_exporter's textfile collector",
    inLibrary: false,
  },
  metricsListen: {
    name: 'metrics-listen',
    argument: 'ADDRESS',
    value: { type: 'listen-address' },
    help: 'serve /metrics and /healthz at this HOST:PORT while the run works; a port alone is one of 127.0.0.1',
    inLibrary: false,
  },
} as const;
