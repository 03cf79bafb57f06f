//! The core: events, their fold, what may be decided, what is due. Pure: no clock, file, socket, randomness or log.

pub mod calendar;
pub mod classify;
pub mod decide;
pub mod due;
pub mod duties;
pub mod event;
pub mod labels;
pub mod lessons;
pub mod lines;
pub mod nearest;
pub mod notice;
pub mod parting;
pub mod people;
pub mod points;
pub mod procedure;
pub mod state;
pub mod tell;
pub mod values;
pub mod year;
