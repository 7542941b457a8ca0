//! Tables, CSV, charts and the output folder.

pub mod chart;
pub mod csv;
pub mod number;
pub mod tables;
