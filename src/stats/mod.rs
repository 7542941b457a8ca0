//! Histograms, intervals, verdicts and stopping rules.
