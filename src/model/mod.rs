//! The top-up pipeline: journeys, hops, causes, incidents, ledger and refunds.
