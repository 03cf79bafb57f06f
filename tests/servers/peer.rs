//! A scripted server: a socket, and a function that plays one connection.

use std::io::{self, BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

/// A listening peer; each connection is played on a thread of its own. Gone when dropped.
pub struct Peer {
    pub port: u16,
    pub connections: Arc<AtomicUsize>,
    ended: Arc<AtomicBool>,
    open: Arc<Mutex<Vec<TcpStream>>>,
}

impl Peer {
    pub fn start(play: impl Fn(&mut Talk) -> io::Result<()> + Send + Sync + 'static) -> Peer {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let peer = Peer {
            port: listener.local_addr().unwrap().port(),
            connections: Arc::default(),
            ended: Arc::default(),
            open: Arc::default(),
        };
        let (connections, ended, open) =
            (Arc::clone(&peer.connections), Arc::clone(&peer.ended), Arc::clone(&peer.open));
        let play = Arc::new(play);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if ended.load(Ordering::SeqCst) {
                    return;
                }
                connections.fetch_add(1, Ordering::SeqCst);
                stream.set_nodelay(true).unwrap();
                open.lock().unwrap().push(stream.try_clone().unwrap());
                let play = Arc::clone(&play);
                std::thread::spawn(move || {
                    let mut talk =
                        Talk { read: BufReader::new(stream.try_clone().unwrap()), write: stream.try_clone().unwrap() };
                    // The other side may hang up at any time; that is its right.
                    play(&mut talk).ok();
                    stream.shutdown(std::net::Shutdown::Both).ok();
                });
            }
        });
        peer
    }

    pub fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::SeqCst);
        for stream in self.open.lock().unwrap().drain(..) {
            stream.shutdown(std::net::Shutdown::Both).ok();
        }
        TcpStream::connect(("127.0.0.1", self.port)).ok();
    }
}

/// One connection.
pub struct Talk {
    read: BufReader<TcpStream>,
    write: TcpStream,
}

impl Talk {
    /// The other side's next line, without its end.
    pub fn hear(&mut self) -> io::Result<String> {
        let mut bytes = Vec::new();
        if self.read.read_until(b'\n', &mut bytes)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(String::from_utf8_lossy(&bytes).trim_end().to_string())
    }

    pub fn say(&mut self, bytes: impl AsRef<[u8]>) -> io::Result<()> {
        self.write.write_all(bytes.as_ref())
    }

    /// Both directions, for whoever passes on what is said.
    pub fn ends(&mut self) -> (&mut BufReader<TcpStream>, &mut TcpStream) {
        (&mut self.read, &mut self.write)
    }

    /// Says nothing more until the other side hangs up.
    pub fn hang(&mut self) -> io::Result<()> {
        while self.hear().is_ok() {}
        Ok(())
    }
}
