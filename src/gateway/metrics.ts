// Counters of the gateway in the text format of Prometheus (prometheus.io/docs/instrumenting/exposition_formats). No label
// holds what a client chose freely.

export interface Metrics {
  count(name: string, labels?: Readonly<Record<string, string>>): void;
  observe(seconds: number): void;
  /** With the values of this moment. */
  text(gauges: Readonly<Record<string, number>>): string;
}

/** Upper ends in seconds. */
const buckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

export function createMetrics(): Metrics {
  const counters = new Map<string, number>();
  const counts = buckets.map(() => 0);
  let total = 0;
  let sum = 0;
  return {
    count(name, labels = {}) {
      const pairs = Object.entries(labels).map(([key, value]) => `${key}="${value}"`);
      const id = pairs.length === 0 ? name : `${name}{${pairs.join(",")}}`;
      counters.set(id, (counters.get(id) ?? 0) + 1);
    },
    observe(seconds) {
      total += 1;
      sum += seconds;
      for (const [index, most] of buckets.entries()) {
        if (seconds <= most) counts[index] = (counts[index] ?? 0) + 1;
      }
    },
    text(gauges) {
      const lines: string[] = [];
      const names = new Set<string>();
      for (const [id, value] of [...counters].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
        const name = id.replace(/\{.*/s, "");
        if (!names.has(name)) lines.push(`# TYPE ${name} counter`);
        names.add(name);
        lines.push(`${id} ${value}`);
      }
      lines.push("# TYPE mosaic_request_seconds histogram");
      for (const [index, most] of buckets.entries()) {
        lines.push(`mosaic_request_seconds_bucket{le="${most}"} ${counts[index] ?? 0}`);
      }
      lines.push(`mosaic_request_seconds_bucket{le="+Inf"} ${total}`);
      lines.push(`mosaic_request_seconds_sum ${sum}`, `mosaic_request_seconds_count ${total}`);
      for (const [name, value] of Object.entries(gauges)) {
        lines.push(`# TYPE ${name} gauge`, `${name} ${value}`);
      }
      return `${lines.join("\n")}\n`;
    },
  };
}
