//! The house rules: layers, style, pages of docs that the code writes, files whose bytes are kept.

mod bad_input;
mod causes_doc;
mod floors;
mod golden;
mod metrics_doc;
mod model_doc;
mod page;
mod policies_doc;
mod preventions_doc;
mod readme;
mod remedies_doc;
mod results_log;
mod scenario_files;
mod source;
mod studies_doc;
mod tidy;
