//! The yearly report: figures (pure) and the document.
