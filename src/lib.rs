//! `need-to-know`: watches a council's mailbox for Need To Know and serious incident forms, alerts the directors, keeps the
//! procedure's clocks and compiles the yearly report.
//!
//! The modules in reading order are the way of one mail through the house; `ARCHITECTURE.md` is the map.

pub mod concern;
pub mod document;
pub mod forms;
pub mod health;
pub mod incident;
pub mod intake;
pub mod mailbox;
pub mod message;
pub mod notices;
pub mod outbox;
pub mod transport;

pub mod net;
pub mod publish;
pub mod report;
pub mod store;

pub mod cli;
pub mod clock;
pub mod config;
pub mod daemon;
pub mod demo;
pub mod keeper;
pub mod replay;
pub mod turn;
