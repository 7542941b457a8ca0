//! Is the keyed generator random enough, along every part of a key?
//!
//! A stream here is a row of keys of which one part counts up and all others stand still: seeds,
//! replications, classes, journeys, purposes, attempts. Draws along each must look independent and
//! uniform, and so must draws whose keys are neighbours. Scores are standard normal and must stay
//! within 6 (STATISTICS section 0); every check has a worse mixer that it must catch.

mod bits;
mod keys;
mod neighbours;
mod rows;
mod scores;
mod uniformity;
