//! The discrete-event engine: keyed draws, quantile tables, event queue, pools and limiters.
