//! What the model does: causes, remedies, preventions and processes, laws, and what stories tell.

mod causes;
mod idempotency;
mod laws;
#[path = "../house/page.rs"]
mod page;
mod preventions;
mod processes;
mod rankings;
mod remedies;
mod story;
