//! Facts condensed to integers that merge exactly, and the registry of metrics.
