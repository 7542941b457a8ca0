//! Tables, CSV, charts and the output folder.
