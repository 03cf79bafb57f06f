//! One file per command.

pub mod read;
