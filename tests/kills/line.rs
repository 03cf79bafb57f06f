//! A bad line to a server: connections that are cut, fall silent or end in garbage after some bytes of the server's, drawn anew for each.
//!
//! What it spoils it also ends: IMAP has no checksum, so garbage within a mail that was then followed by more would be another mail.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use super::dice::Dice;
use super::peer::{Peer, Talk};

const GARBAGE: &[u8] = b"\0\xff)(* 9 FETCH {((\r\n* BYE\x01\r\nA1 OK\r\n";
/// The harm comes within so many bytes of the server's: what it says to one who signs in, lists and fetches a form.
const WITHIN_BYTES: u64 = 12_000;

/// What a line does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Harm {
    Cut,
    Silence,
    Garbage,
}

pub struct BadLine {
    peer: Peer,
    is_mended: Arc<AtomicBool>,
}

impl BadLine {
    /// To a server on this port; half of the connections are good.
    pub fn to(port: u16, harms: Vec<Harm>, dice: Dice) -> BadLine {
        let is_mended = Arc::<AtomicBool>::default();
        let (mended, dice) = (Arc::clone(&is_mended), Mutex::new(dice));
        let peer = Peer::start(move |talk| {
            let harm = {
                let mut dice = dice.lock().unwrap();
                let drawn = harms[dice.below(harms.len() as u64) as usize];
                let after = dice.below(WITHIN_BYTES) as usize;
                let is_good = dice.one_in(2) || mended.load(Ordering::SeqCst);
                (!is_good).then_some((drawn, after))
            };
            pass_on(talk, TcpStream::connect(("127.0.0.1", port))?, harm)
        });
        BadLine { peer, is_mended }
    }

    pub fn port(&self) -> u16 {
        self.peer.port
    }

    /// Passes everything on from now on, on new connections.
    pub fn mend(&self) {
        self.is_mended.store(true, Ordering::SeqCst);
    }
}

fn pass_on(talk: &mut Talk, server: TcpStream, harm: Option<(Harm, usize)>) -> io::Result<()> {
    server.set_nodelay(true)?;
    let (from_client, to_client) = talk.ends();
    std::thread::scope(|threads| {
        threads.spawn(|| {
            io::copy(from_client, &mut &server).ok();
            server.shutdown(Shutdown::Both).ok();
        });
        let passed = answers(&server, to_client, harm);
        server.shutdown(Shutdown::Both).ok();
        to_client.shutdown(Shutdown::Both).ok();
        passed
    })
}

/// What the server says, up to the harm.
fn answers(mut server: &TcpStream, client: &mut TcpStream, harm: Option<(Harm, usize)>) -> io::Result<()> {
    let mut bytes = [0; 4096];
    let mut left = harm.map_or(usize::MAX, |(_, after)| after);
    loop {
        let count = server.read(&mut bytes)?;
        let good = count.min(left);
        client.write_all(&bytes[..good])?;
        left -= good;
        match harm {
            _ if count == 0 => return Ok(()),
            Some((Harm::Cut, _)) if left == 0 => return Ok(()),
            Some((Harm::Garbage, _)) if left == 0 => return client.write_all(GARBAGE),
            // Silence: what the server says is heard by nobody, until one of them hangs up.
            _ => {}
        }
    }
}
