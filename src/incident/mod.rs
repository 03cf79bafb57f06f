//! The core: events, their fold, what may be decided, what is due. Pure: no clock, file, socket, randomness or log.

pub mod event;
pub mod people;
