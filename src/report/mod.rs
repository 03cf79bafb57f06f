//! The yearly report: figures (pure) and the document.

/// Why.
#[derive(Debug, thiserror::Error)]
pub enum Failure {}
