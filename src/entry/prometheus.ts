export { createMetrics, type Metrics, type MetricsOptions } from "../operate/prometheus/metrics";
