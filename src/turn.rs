//! One turn: load, decide, commit one journal record.
