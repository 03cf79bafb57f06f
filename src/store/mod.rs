//! The journal, sled over it, and files by hash, behind one type.

pub mod record;
