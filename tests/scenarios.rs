//! The program from outside through a year of the procedure: maildirs in and out, `run --once --at`, an empty environment.
//!
//! Each test states its moments in local time. What must go out and to whom follows from the procedure's rules, which name the tests.

mod scenarios {
    pub mod council;
    pub mod mail;

    mod again;
    mod answers;
    mod attention;
    mod clocks;
    mod digest;
    mod documents;
    mod files;
    mod follow_up;
    mod holders;
    mod intake;
    mod joined;
    mod main_job;
    mod ofsted;
    mod order;
    mod panel;
    mod parts;
    mod points;
    mod replies;
    mod returned;
    mod review;
    mod settings;
    mod simulate;
    mod situations;
    mod stubs;
    mod tabled;
    mod themes;
    mod trust;
    mod year;
}
