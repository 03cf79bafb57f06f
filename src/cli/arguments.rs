//! The commands and their arguments, as typed and as `--help` explains them.

use std::path::PathBuf;

use super::{
    arm, attention, audit, backup, check, concerns, demo, erase, export, forms, hold, incidents, keys, pack, procedure,
    read, report, restore, run, show, simulate, status, themes, verify,
};

/// Watches a mailbox for Need To Know and serious incident forms, alerts the directors, keeps the procedure's clocks and
/// compiles the annual lessons-learned report.
#[derive(Debug, clap::Parser)]
#[command(
    name = "need-to-know",
    version,
    arg_required_else_help = true,
    after_help = "To see what it does, without any server:  need-to-know demo\n\
                  To try a form:                            need-to-know read form.docx\n\
                  To start:                                 edit config.toml, need-to-know check, need-to-know run\n\n\
                  Exit codes: 0 done, 1 failed (one line on stderr says what to do), 2 wrong usage."
)]
pub struct Program {
    /// The configuration [default: ./config.toml, then /etc/need-to-know/config.toml]
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Watch the mailbox, send and chase until stopped
    ///
    /// SIGTERM finishes the message in hand and stops; SIGHUP reads people, templates and procedure again.
    #[command(after_help = "Examples:\n  need-to-know run\n  need-to-know run --once\n  \
                            need-to-know --config rehearsal/config.toml run --once --at 2026-03-02T09:00:00Z")]
    Run(run::Arguments),
    /// Play a whole year without any server, and leave it in a folder to look at
    #[command(after_help = "Example:\n  need-to-know demo")]
    Demo(demo::Arguments),
    /// Show what a form or a mail says; stores nothing, needs no configuration
    ///
    /// A configuration is used only where --config names it: labels are then known by the wordings of its [forms.wordings] too.
    #[command(after_help = "Examples:\n  need-to-know read form.docx\n  need-to-know read --json mails/*.eml\n  \
                            need-to-know --config config.toml read form.docx")]
    Read(read::Arguments),
    /// List the register of incidents
    #[command(after_help = "Examples:\n  need-to-know incidents\n  need-to-know incidents --json | jq '.[].late'")]
    Incidents(incidents::Arguments),
    /// Show one incident: facts, what is due, timeline, messages
    #[command(after_help = "Example:\n  need-to-know show SI-2026-0001")]
    Show(show::Arguments),
    /// Write the annual lessons-learned report (.docx)
    #[command(after_help = "Examples:\n  need-to-know report --year 2025-26\n  \
                            need-to-know report --from 2026-01-01 --to 2026-03-31 -o quarter.docx --csv figures")]
    Report(report::Arguments),
    /// List the lessons of a period with their themes, and why each stands there
    #[command(
        after_help = "Examples:\n  need-to-know themes\n  need-to-know themes --year 2025-26 --json | jq '.lessons[] | select(.corrected)'\n  \
                      need-to-know themes set SI-2026-0001 2 \"Neglect, Recording\" --for director@council.example"
    )]
    Themes(themes::Arguments),
    /// Write the document to type from for the Panel or Ofsted, or the investigation report form (.docx), as things stand now
    #[command(after_help = "Example:\n  need-to-know pack SI-2026-0001 panel")]
    Pack(pack::Arguments),
    /// Write blank forms (.docx) to give to workers
    #[command(after_help = "Example:\n  need-to-know forms forms-to-send")]
    Forms(forms::Arguments),
    /// Check configuration, templates, store, mailbox and mail server, with a real login each
    #[command(after_help = "Example:\n  need-to-know --config /etc/need-to-know/config.toml check")]
    Check(check::Arguments),
    /// Say whether the program is alive and well; exit code 1 when it is not
    #[command(after_help = "Examples:\n  need-to-know status\n  need-to-know status --json | jq .wrong")]
    Status(status::Arguments),
    /// Prove the whole store: every record, every file, the index against the journal
    #[command(after_help = "Example:\n  need-to-know verify")]
    Verify(verify::Arguments),
    /// Write the whole store into one file, while the daemon runs or not
    #[command(after_help = "Example:\n  need-to-know backup /srv/backup/need-to-know-$(date +%F).ntk")]
    Backup(backup::Arguments),
    /// Make the store out of a backup, in an empty folder; nothing is sent until "arm"
    #[command(after_help = "Example:\n  need-to-know restore /srv/backup/need-to-know-2026-03-02.ntk")]
    Restore(restore::Arguments),
    /// Write everything that is held on one incident into a folder, or find where a person occurs
    #[command(
        after_help = "Examples:\n  need-to-know export SI-2026-0001\n  need-to-know export SI-2026-0001 --to /srv/request-17\n  \
                            need-to-know export --person \"Jordan Smith\""
    )]
    Export(export::Arguments),
    /// Erase an incident and its mails from the store, for good
    #[command(after_help = "Example:\n  need-to-know erase SI-2026-0001 --reason \"retention ended\"")]
    Erase(erase::Arguments),
    /// Keep an incident from being erased, or list what is kept so and what ends soon
    #[command(
        after_help = "Examples:\n  need-to-know hold\n  need-to-know hold SI-2026-0001 --reason \"a review is under way\"\n  \
                            need-to-know hold SI-2026-0001 --end"
    )]
    Hold(hold::Arguments),
    /// Give the store, or its concerns, another key, without writing anew what is stored; the service must be stopped
    #[command(subcommand, after_help = "Example:\n  need-to-know keys rotate")]
    Keys(keys::Arguments),
    /// List who looked at what is stored, and when
    #[command(
        after_help = "Examples:\n  need-to-know audit\n  need-to-know audit --from 2026-03-01 --to 2026-03-31 --json"
    )]
    Audit(audit::Arguments),
    /// Let a store send again that was restored, moved or copied
    #[command(after_help = "Example:\n  need-to-know arm")]
    Arm(arm::Arguments),
    /// List the mails that need a person, and deal with them
    #[command(
        after_help = "Examples:\n  need-to-know attention\n  need-to-know attention show 3\n  need-to-know attention release 3\n  \
                      need-to-know attention assign 3 SI-2026-0001\n  need-to-know attention dismiss 3 --reason \"a newsletter\""
    )]
    Attention(attention::Arguments),
    /// The whistleblowing officer's register; needs the concerns' key
    #[command(
        after_help = "Examples:\n  need-to-know concerns\n  need-to-know concerns show 3 --key /media/usb/concerns-key\n  \
                      need-to-know concerns figures --from 2025-04-01 --to 2026-03-31\n  \
                      need-to-know concerns erase 3 --reason \"its time is over\""
    )]
    Concerns(concerns::Arguments),
    /// Print the rules in force, with their sources
    #[command(after_help = "Example:\n  need-to-know procedure | less")]
    Procedure(procedure::Arguments),
    /// Show every notice that would go out, and when; no store, nothing sent
    ///
    /// Without --mail one invented serious incident comes in at 09:00 on the first day, and nobody answers anything.
    #[command(after_help = "Examples:\n  need-to-know simulate --from 2026-03-02 --to 2026-06-30\n  \
                            need-to-know simulate --from 2026-03-02 --to 2026-06-30 --mail samples")]
    Simulate(simulate::Arguments),
    /// Answer one inquiry from stdin, as the store's owner
    #[command(hide = true)]
    Answer,
}
