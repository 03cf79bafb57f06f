//! The yearly report: figures (pure), what is quoted without identities, the Word document and the tables as CSV (L1-L5).
//!
//! Comes in: incidents, a period, the rules and the people. Goes out: [`Facts`], and from them bytes. Reads no clock and no store.

mod annex;
pub mod anonymise;
pub mod breakdown;
pub mod charts;
pub mod common;
mod csv;
pub mod document;
pub mod facts;
mod identities;
pub mod learning;
mod outside;
mod patterns;
pub mod period;
mod profile;
pub mod tables;
pub mod themes;
pub mod timeliness;
pub mod withhold;
mod words;

#[cfg(test)]
mod tests;

pub use csv::csv;
pub use document::{Cover, bulletin, document};
pub use facts::{Concerns, Facts, Scope, facts};
pub use period::{YearStart, period_of_year, year_before};

/// Who reads a report (N9).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Audience {
    /// The directors: every figure.
    #[default]
    Directors,
    /// Whoever is outside their circle: small counts are withheld, and what they could be worked out from.
    Public {
        /// The smallest count but 0 that is shown.
        smallest_shown: usize,
    },
}

/// Why a report could not be made.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// A passage still held something that identifies somebody after it was taken out (L2): nothing is printed. The passage and
    /// what it held are not named here.
    #[error(
        "the report was not made: a passage from {reference} ({part}) may still identify somebody; correct the form, or leave that passage out"
    )]
    Identity {
        /// The incident.
        reference: String,
        /// Which answer.
        part: &'static str,
    },
    /// The document could not be written.
    #[error("the report could not be written as a Word document")]
    Word(#[from] crate::publish::word::Failure),
}
